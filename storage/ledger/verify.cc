#include "storage/ledger/verify.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "fmt/format.h"
#include "storage/ledger/cumulative_table.h"
#include "storage/ledger/data_directory.h"
#include "storage/ledger/database.h"
#include "storage/ledger/invariants.h"
#include "storage/ledger/ledger_file.h"
#include "storage/ledger/schema.h"
#include "storage/ledger/statement.h"
#include "storage/ledger/wal_check.h"

namespace firebreak {
namespace {

constexpr int kMaxLinesOfSqlite = 20;

class Verifier {
 public:
  explicit Verifier(Database& database) : database_(database) {}

  VerifyReport Run() {
    LookAtWal();
    AskSqlite();
    CompareTables();
    CountRows();
    for (const Invariant& invariant : QuickInvariants()) Check(invariant);
    for (const Invariant& invariant : ThoroughInvariants()) Check(invariant);
    CheckCumulative();
    return std::move(report_);
  }

 private:
  // The report is about one file: errors that begin with its name need not.
  void Find(std::string_view finding) {
    const std::string name = database_.path() + ": ";
    if (finding.starts_with(name)) finding.remove_prefix(name.size());
    report_.findings.emplace_back(finding);
  }
  static std::string Text(const absl::Status& status) { return std::string(status.message()); }
  // Whether something could be read; what could not be is a finding, once: most checks come upon the same damage.
  bool Read(const absl::Status& status) {
    if (!status.ok() && unreadable_.insert(Text(status)).second) Find(Text(status));
    return status.ok();
  }

  // While a server writes to it, it looks different every moment.
  void LookAtWal() {
    const std::string& path = database_.path();
    if (IsHeldByServer(path.substr(0, path.find_last_of('/') + 1) + ".")) return;
    if (const std::optional<std::string> fault = FaultOfWal(path)) Find(*fault);
  }

  void AskSqlite() {
    Statement check(database_, fmt::format("PRAGMA integrity_check({})", kMaxLinesOfSqlite));
    while (true) {
      const absl::StatusOr<bool> row = check.Next();
      if (!Read(row.status()) || !*row) return;
      if (check.Text(0) != "ok") Find(fmt::format("SQLite: {}", check.Text(0)));
    }
  }

  void CompareTables() {
    const auto faults = SchemaFaults(database_, LedgerMigrations());
    if (!Read(faults.status())) return;
    for (const std::string& fault : *faults) Find(fault);
  }

  void CountRows() {
    for (const char* table : {"series", "tier_counts", "endpoint_counts", "cause_counts", "cumulative", "batch_keys",
                              "states", "news", "destinations", "outbox", "documents"}) {
      const auto rows = database_.QueryInteger(fmt::format("SELECT count(*) FROM {}", table));
      if (Read(rows.status())) report_.looked_at.emplace_back(table, *rows);
    }
  }

  void Check(const Invariant& invariant) {
    const absl::StatusOr<std::optional<std::string>> broken = FindBroken(database_, invariant);
    if (Read(broken.status()) && *broken) Find(**broken);
  }

  void CheckCumulative() {
    Read(VisitCumulative(database_, [this](int64_t series, const CumulativeRow& row) {
      if (!IsSound(row)) Find(fmt::format("cumulative: series {} has counts below zero", series));
    }));
  }

  Database& database_;
  VerifyReport report_;
  std::set<std::string> unreadable_;
};

}  // namespace

absl::StatusOr<VerifyReport> VerifyLedger(const std::string& path) {
  auto database = OpenLedgerFileToRead(path);
  if (!database.ok()) return database.status();
  if (absl::Status status = (*database)->Execute("PRAGMA temp_store = MEMORY"); !status.ok()) return status;
  const ReadTransaction snapshot(**database);
  if (!snapshot.status().ok()) return snapshot.status();
  return Verifier(**database).Run();
}

}  // namespace firebreak
