#ifndef FIREBREAK_STORAGE_LEDGER_INTEGER_ROWS_H_
#define FIREBREAK_STORAGE_LEDGER_INTEGER_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace firebreak {

// Rows of integers that SQLite hands over itself, for statements of very many rows: a call of Statement::Next for each
// row and of Statement::Integer for each column takes half as long again as all that SQLite does.
//
// The SQL function `gather(?, a, b, …)` adds a row (a, b, …), and is true when there are as many as were wanted. As the
// last condition of a SELECT that walks an index, it sees rows in the order of that index:
//
//   IntegerRows batch(1000);
//   Statement select(database, "SELECT 1 FROM news WHERE number > ?2 AND gather(?1, number) ORDER BY number");
//   select.Bind(&batch, 7);  // which must outlive the statement, or its next Bind
//   do {
//     batch.rows.clear();
//     more = select.Next();
//     for (const IntegerRow& row : batch.rows) Use(row[0]);
//   } while (more.ok() && *more);
using IntegerRow = std::array<int64_t, 8>;
struct IntegerRows {
  explicit IntegerRows(size_t wanted) : wanted(wanted) { rows.reserve(wanted); }

  size_t wanted;
  std::vector<IntegerRow> rows;
};

// Lets SQL on this connection call gather. Returns SQLite's result code.
int AddGather(sqlite3* handle);

// Binds `rows` as the first argument of gather. Returns SQLite's result code.
int BindIntegerRows(sqlite3_stmt* statement, int parameter, IntegerRows* rows);

}  // namespace firebreak

#endif  // FIREBREAK_STORAGE_LEDGER_INTEGER_ROWS_H_
