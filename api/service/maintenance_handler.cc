#include "api/service/maintenance_handler.h"

#include <memory>
#include <utility>

#include "api/codec/maintenance_json.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

HttpResponse ErrorFor(const absl::Status& status) {
  const std::string message(status.message());
  if (absl::IsNotFound(status)) return HttpError(404, message);
  if (absl::IsResourceExhausted(status)) return HttpError(422, message);
  return HttpError(400, message);
}

HttpResponse NotDurable(const absl::Status& status) {
  HttpResponse response = HttpError(
      503,
      fmt::format("in force, but not on disk yet: {}; it is written as soon as that works", status.message().data()));
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

MaintenanceHandler::MaintenanceHandler(EngineThread& engine, const Clock& clock, Persist persist)
    : engine_(engine), clock_(clock), persist_(std::move(persist)), list_(engine.snapshot()->maintenance) {}

HttpResponse MaintenanceHandler::List() const {
  HttpResponse response;
  MutexLock lock(mutex_);
  response.body = MaintenanceListJson(*list_, clock_.Now());
  return response;
}

absl::StatusOr<MaintenanceWindow> MaintenanceHandler::PutInto(MaintenanceList& list, const std::string& body) const {
  const absl::Time now = clock_.Now();
  absl::StatusOr<MaintenanceWindow> window = ParseMaintenanceRequest(body, list, now);
  if (!window.ok()) return window.status();
  return list.Put(*std::move(window), engine_.rules()->config, now);
}

void MaintenanceHandler::Put(const HttpRequest& request, HttpResponder respond) {
  MutexLock lock(mutex_);
  MaintenanceList changed = *list_;
  const absl::StatusOr<MaintenanceWindow> window = PutInto(changed, request.body);
  if (!window.ok()) return respond(ErrorFor(window.status()));
  HttpResponse success;
  success.status = list_->Find(window->id) == nullptr ? 201 : 200;
  success.body = MaintenanceWindowJson(*window) + "\n";
  Change(std::move(changed), std::move(success), std::move(respond));
}

void MaintenanceHandler::Remove(const HttpRequest& request, HttpResponder respond) {
  MutexLock lock(mutex_);
  MaintenanceList changed = *list_;
  const absl::Status removed = changed.Remove(request.path.substr(request.path.rfind('/') + 1));
  if (!removed.ok()) return respond(ErrorFor(removed));
  HttpResponse success;
  success.body = "{\"status\":\"removed\"}\n";
  Change(std::move(changed), std::move(success), std::move(respond));
}

// Under the lock, so that the engine and the disk see the changes in one order.
void MaintenanceHandler::Change(MaintenanceList list, HttpResponse success, HttpResponder respond) {
  DocumentRecord documents = MaintenanceChanges(*list_, list);
  list_ = std::make_shared<const MaintenanceList>(std::move(list));
  const auto on_disk = [success = std::move(success), respond](const absl::Status& status) {
    respond(status.ok() ? success : NotDurable(status));
  };
  const auto persist = persist_;
  engine_.SetMaintenance(list_,
                         [persist, on_disk, respond, documents = std::move(documents)](const absl::Status& status) {
                           if (!status.ok()) return respond(HttpError(503, status.message().data()));
                           if (!persist || documents.documents.empty()) return on_disk(absl::OkStatus());
                           persist(documents, on_disk);
                         });
}

}  // namespace firebreak
