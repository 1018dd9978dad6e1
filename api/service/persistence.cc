#include "api/service/persistence.h"

#include <optional>
#include <utility>

#include "api/codec/maintenance_json.h"
#include "api/notify/alert_codec.h"
#include "api/service/alert_record_codec.h"
#include "engine/fingerprint_history.h"
#include "engine/ledger_options.h"
#include "fmt/format.h"
#include "spdlog/spdlog.h"
#include "storage/ledger/wal_check.h"

namespace firebreak {
namespace {

absl::Status InFile(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), fmt::format("{}: {}; restore a backup, or move the file aside to start empty",
                                                 path, std::string(status.message())));
}

absl::StatusOr<std::vector<AlertRecord>> DecodeStates(const std::vector<Document>& states) {
  std::vector<AlertRecord> records;
  for (const Document& state : states) {
    absl::StatusOr<AlertRecord> record = DecodeAlertRecord(state);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  return records;
}

absl::StatusOr<std::vector<DispatcherState::UnreadNews>> DecodeNews(const std::vector<News>& news) {
  std::vector<DispatcherState::UnreadNews> unread;
  for (const News& piece : news) {
    absl::StatusOr<AlertView> alert = DecodeAlert(piece.body);
    if (!alert.ok()) {
      return absl::DataLossError(fmt::format("news {}: {}", piece.number, std::string(alert.status().message())));
    }
    unread.push_back({piece.number, std::make_shared<const AlertView>(*std::move(alert))});
  }
  return unread;
}

// The alerts that fire, as they looked last.
std::vector<AlertViewPtr> FiringViews(const std::vector<AlertRecord>& alerts) {
  std::vector<AlertViewPtr> firing;
  for (const AlertRecord& alert : alerts) {
    for (const AlertViewPtr& view : alert.views) {
      if (view != nullptr && view->status == AlertStatus::kFiring) firing.push_back(view);
    }
  }
  return firing;
}

void Note(const absl::Status& status, std::vector<std::string>& findings) {
  if (!status.ok()) findings.push_back(std::string(status.message()));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindingsInTexts(const std::string& path) {
  const absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::OpenToRead(path);
  if (!ledger.ok()) return ledger.status();
  const absl::StatusOr<LedgerState> state = (*ledger)->LoadState();
  if (!state.ok()) return state.status();
  const absl::StatusOr<std::vector<Document>> windows = (*ledger)->LoadDocuments(std::string(kMaintenanceKind));
  if (!windows.ok()) return windows.status();
  const absl::StatusOr<std::vector<Document>> fingerprints = (*ledger)->LoadDocuments(std::string(kFingerprintKind));
  if (!fingerprints.ok()) return fingerprints.status();
  std::vector<std::string> findings;
  for (const Document& alert : state->states) Note(DecodeAlertRecord(alert).status(), findings);
  for (const News& piece : state->news) Note(DecodeNews({piece}).status(), findings);
  for (const OutboxRecord& outbox : state->outboxes) Note(CheckOutbox(outbox), findings);
  Note(MaintenanceFromDocuments(*windows).status(), findings);
  Note(FingerprintsBetween(*fingerprints, absl::InfinitePast(), absl::InfiniteFuture()).status(), findings);
  return findings;
}

absl::StatusOr<std::unique_ptr<Persistence>> Persistence::Open(const Options& options, const Config& config) {
  absl::StatusOr<std::unique_ptr<DataDirectory>> directory = DataDirectory::Open(options.directory);
  if (!directory.ok()) return directory.status();
  std::unique_ptr<Persistence> persistence(new Persistence());
  persistence->directory_ = *std::move(directory);
  const std::string path = persistence->directory_->ledger_path();
  if (const std::optional<std::string> fault = FaultOfWal(path)) spdlog::warn("{}", *fault);
  LedgerOptions ledger_options = LedgerOptionsFor(config);
  ledger_options.durability = options.durability;
  absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::Open(path, ledger_options);
  if (!ledger.ok()) return ledger.status();
  persistence->ledger_ = *std::move(ledger);
  if (absl::Status read = persistence->ReadTexts(); !read.ok()) return read;
  return persistence;
}

// The ledger's own errors name it already.
absl::Status Persistence::ReadTexts() {
  absl::StatusOr<LedgerState> state = ledger_->LoadState();
  if (!state.ok()) return state.status();
  absl::StatusOr<std::vector<Document>> fingerprints = ledger_->LoadDocuments(std::string(kFingerprintKind));
  if (!fingerprints.ok()) return fingerprints.status();
  const absl::StatusOr<std::vector<Document>> windows = ledger_->LoadDocuments(std::string(kMaintenanceKind));
  if (!windows.ok()) return windows.status();
  const absl::Status decoded = Decode(*std::move(state), *windows, *std::move(fingerprints));
  return decoded.ok() ? decoded : InLedger(decoded);
}

absl::Status Persistence::Decode(LedgerState state, const std::vector<Document>& windows,
                                 std::vector<Document> fingerprints) {
  absl::StatusOr<std::vector<AlertRecord>> alerts = DecodeStates(state.states);
  if (!alerts.ok()) return alerts.status();
  absl::StatusOr<std::vector<DispatcherState::UnreadNews>> news = DecodeNews(state.news);
  if (!news.ok()) return news.status();
  absl::StatusOr<MaintenanceList> maintenance = MaintenanceFromDocuments(windows);
  if (!maintenance.ok()) return maintenance.status();
  const absl::Status readable =
      FingerprintsBetween(fingerprints, absl::InfinitePast(), absl::InfiniteFuture()).status();
  if (!readable.ok()) return readable;
  maintenance_ = std::make_shared<const MaintenanceList>(*std::move(maintenance));
  head_ = state.head;
  batches_ = state.batches;
  alerts_ = *std::move(alerts);
  deliveries_.outboxes = std::move(state.outboxes);
  deliveries_.news = *std::move(news);
  deliveries_.last_news = state.last_news;
  deliveries_.firing = FiringViews(alerts_);
  MutexLock lock(mutex_);
  fingerprints_ = std::move(fingerprints);
  return absl::OkStatus();
}

// The committer calls the journal back, so it ends first.
Persistence::~Persistence() {
  if (committer_ != nullptr) committer_->Stop(absl::Seconds(1));
}

absl::Status Persistence::InLedger(const absl::Status& fault) const { return InFile(fault, directory_->ledger_path()); }

void Persistence::Begin(DurableJournal::Receiver receiver) {
  committer_ = std::make_unique<Committer>(std::move(ledger_), directory_);
  journal_ = std::make_unique<DurableJournal>(*committer_, deliveries_.last_news, std::move(receiver));
}

// Reads through a connection of its own: the ledger is the committer's by now, which has nothing to write yet.
absl::Status Persistence::RestoreInto(Pipeline& pipeline) const {
  const std::string path = directory_->ledger_path();
  const absl::StatusOr<std::unique_ptr<Ledger>> reader = Ledger::OpenToRead(path);
  if (!reader.ok()) return reader.status();
  const absl::Status read = (*reader)->VisitCounts(pipeline.RestoreCounts());
  if (!read.ok()) return read;
  pipeline.SetMaintenance(maintenance_);
  if (head_) pipeline.RestoreAlerts(alerts_, *head_);
  return absl::OkStatus();
}

void Persistence::SetConfig(const Config& config, std::vector<std::string> destinations, absl::Time since) {
  committer_->Commit(DestinationsRecord{std::move(destinations)});
  MutexLock lock(mutex_);
  // Counts that have just grown too old may not be deleted yet.
  constexpr absl::Duration kMargin = absl::Hours(24);
  const absl::Time oldest = since - LedgerOptionsFor(config).keep_tiers - kMargin;
  if (auto forgotten = FingerprintsToForget(fingerprints_, oldest)) SaveFingerprints(*std::move(forgotten));
  if (auto fingerprint = FingerprintToStore(fingerprints_, config, since)) SaveFingerprints(*std::move(fingerprint));
}

void Persistence::SaveFingerprints(DocumentRecord changes) {
  for (const Document& change : changes.documents) {
    std::erase_if(fingerprints_, [&](const Document& stored) { return stored.key == change.key; });
    if (!change.body.empty()) fingerprints_.push_back(change);
  }
  committer_->Commit(std::move(changes), nullptr);
}

}  // namespace firebreak
