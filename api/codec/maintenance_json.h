#ifndef FIREBREAK_API_CODEC_MAINTENANCE_JSON_H_
#define FIREBREAK_API_CODEC_MAINTENANCE_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/maintenance.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Maintenance windows as JSON: what a client asks for, what it is told, what the ledger keeps. Pure.

// {"id": …, "tier": …, "from": …, "to": …, "comment": …, "created_at": …}; times in RFC 3339, UTC.
std::string MaintenanceWindowJson(const MaintenanceWindow& window);
// Reads it back. Errors: InvalidArgument.
absl::StatusOr<MaintenanceWindow> ParseMaintenanceWindow(std::string_view json);

// {"time": …, "maintenance": [windows, each with "state": "past", "active" or "upcoming" at `now`]}.
std::string MaintenanceListJson(const MaintenanceList& list, absl::Time now);

// What a client asks for: {"tier": "checkout"|"*", "from": TIME, "to": TIME or "duration": "30m", "comment": …, "id":
// …}, where TIME is RFC 3339 or "now". `from` is now unless it is given. With the id of a window that `list` has, what
// is left out stays as it is there. Borders are moved outward to whole seconds. Errors: InvalidArgument "field: what is
// wrong, what was wanted".
absl::StatusOr<MaintenanceWindow> ParseMaintenanceRequest(std::string_view json, const MaintenanceList& list,
                                                          absl::Time now);

// The ledger's documents of this kind: one a window, under its id.
inline constexpr std::string_view kMaintenanceKind = "maintenance";
// What has to be written so that a ledger which has `before` has `after`.
DocumentRecord MaintenanceChanges(const MaintenanceList& before, const MaintenanceList& after);
// Errors: DataLoss that names the document.
absl::StatusOr<MaintenanceList> MaintenanceFromDocuments(const std::vector<Document>& documents);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_MAINTENANCE_JSON_H_
