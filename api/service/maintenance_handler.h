#ifndef FIREBREAK_API_SERVICE_MAINTENANCE_HANDLER_H_
#define FIREBREAK_API_SERVICE_MAINTENANCE_HANDLER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "api/http/message.h"
#include "engine/clock.h"
#include "engine/engine_thread.h"
#include "engine/maintenance.h"
#include "storage/ledger/records.h"
#include "storage/mutex.h"

namespace firebreak {

// GET, POST and DELETE of /v1/maintenance. A change is in force at once and answered when it is on disk as well: an
// operator who must quiet a tier does not wait for a disk, and a 2xx outlives a restart. Thread-safe.
class MaintenanceHandler {
 public:
  // Makes documents durable, in the order of the calls, and calls back with how it went: at once or later, from any
  // thread. What fails at first is written as soon as it can be.
  using Persist = std::function<void(DocumentRecord, std::function<void(absl::Status)>)>;

  // Goes on from the list that the engine has. Without `persist`, memory is all there is.
  MaintenanceHandler(EngineThread& engine, const Clock& clock, Persist persist);

  HttpResponse List() const;
  // Adds the window of the body, or changes the one that has its id.
  void Put(const HttpRequest& request, HttpResponder respond);
  // Removes the window that the path names behind its last slash.
  void Remove(const HttpRequest& request, HttpResponder respond);

 private:
  absl::StatusOr<MaintenanceWindow> PutInto(MaintenanceList& list, const std::string& body) const;
  // Takes `list` over, and answers with `success` once it is in force and on disk.
  void Change(MaintenanceList list, HttpResponse success, HttpResponder respond) FIREBREAK_REQUIRES(mutex_);

  EngineThread& engine_;
  const Clock& clock_;
  const Persist persist_;
  mutable Mutex mutex_;
  MaintenanceListPtr list_ FIREBREAK_GUARDED_BY(mutex_);
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_MAINTENANCE_HANDLER_H_
