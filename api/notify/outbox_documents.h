#ifndef FIREBREAK_API_NOTIFY_OUTBOX_DOCUMENTS_H_
#define FIREBREAK_API_NOTIFY_OUTBOX_DOCUMENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/notify/delivery_queue.h"
#include "api/notify/steady.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Outboxes as texts in the ledger: for each alert one document, whose key is its labels (EncodeLabels) and whose body
// is
//   {"entries":[{"alert":{…},"told":false,"parked":true,"alone":false,"seen_firing":true,"since":"2026-05-29T14:01:55Z",
//    "keep_until":null,"tries":3,"error":"404 Not Found"}],"repeats_resolve":true}
// Times are wall times; those that a jump of the wall clock has put too far ahead are taken back. Pure.

// The document of one alert; its body is empty if `outboxes` has nothing for it.
Document AlertDocument(const Labels& labels, const Outboxes& outboxes, const SteadyAndWall& now);

// The outboxes of the documents of alerts among `documents`, each entry due at once. Entries are numbered on from
// `last_id` in the order they came. Errors: DataLoss, naming the document and the member.
absl::StatusOr<Outboxes> ReadAlertDocuments(const std::vector<Document>& documents, const SteadyAndWall& now,
                                            uint64_t& last_id);

// Whether a key is that of an alert, and not of something else that a queue or a worker keeps.
bool IsAlertKey(std::string_view key);

// Something is wrong with a document.
absl::Status DocumentFault(const std::string& key, const absl::Status& status);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_OUTBOX_DOCUMENTS_H_
