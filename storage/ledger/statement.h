#ifndef FIREBREAK_STORAGE_LEDGER_STATEMENT_H_
#define FIREBREAK_STORAGE_LEDGER_STATEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger/database.h"
#include "storage/ledger/integer_rows.h"

struct sqlite3_stmt;

namespace firebreak {

// Bytes, where a std::string_view is text.
struct Blob {
  std::string_view bytes;
};

// A prepared SQL statement. It is prepared when it is first used; what goes wrong then or while values are bound is
// said by Run or Next, once.
//
//   Statement insert(database, "INSERT INTO news VALUES (?, ?)");
//   RETURN(insert.Run(7, "text"));
//   Statement select(database, "SELECT body FROM news WHERE number > ?");
//   select.Bind(3);
//   for (row = select.Next(); row.ok() && *row; row = select.Next()) Use(select.Text(0));
//
// Thread-compatible, like its database, which must outlive it.
class Statement {
 public:
  Statement(Database& database, std::string sql) : database_(&database), sql_(std::move(sql)) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Runs a statement that returns no rows.
  template <typename... Values>
  absl::Status Run(const Values&... values) {
    Bind(values...);
    const absl::StatusOr<bool> row = Next();
    Reset();
    return row.status();
  }

  // Starts anew with these values, for Next.
  template <typename... Values>
  void Bind(const Values&... values) {
    Reset();
    int parameter = 0;
    (BindOne(++parameter, values), ...);
  }

  // Moves to the next row; false after the last one, and the statement may be run again.
  absl::StatusOr<bool> Next();
  // Leaves the rows that are left.
  void Reset();

  // Columns of the present row, from 0. Views are good until the next call of anything else.
  int64_t Integer(int column) const;
  double Real(int column) const;
  std::string_view Text(int column) const;
  std::string_view Bytes(int column) const;

 private:
  void BindOne(int parameter, int64_t value);
  void BindOne(int parameter, int value) { BindOne(parameter, int64_t{value}); }
  void BindOne(int parameter, double value);
  void BindOne(int parameter, std::string_view value);
  void BindOne(int parameter, const std::string& value) { BindOne(parameter, std::string_view(value)); }
  void BindOne(int parameter, const char* value) { BindOne(parameter, std::string_view(value)); }
  void BindOne(int parameter, Blob value);
  void BindOne(int parameter, IntegerRows* value);
  bool Prepare();
  void Note(int code);

  Database* database_;
  std::string sql_;
  sqlite3_stmt* handle_ = nullptr;
  absl::Status error_;  // not told yet
};

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_STATEMENT_H_
