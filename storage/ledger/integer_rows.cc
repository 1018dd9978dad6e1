#include "storage/ledger/integer_rows.h"

#include <sqlite3.h>

namespace firebreak {
namespace {

constexpr char kPointerType[] = "firebreak::IntegerRows";  // SQLite gives a pointer only to who knows its type

void Gather(sqlite3_context* context, int num_arguments, sqlite3_value** arguments) {
  auto* batch = static_cast<IntegerRows*>(sqlite3_value_pointer(arguments[0], kPointerType));
  if (batch == nullptr) return sqlite3_result_error(context, "gather: wanted rows", -1);
  IntegerRow& row = batch->rows.emplace_back();
  for (int i = 1; i < num_arguments; ++i) row[i - 1] = sqlite3_value_int64(arguments[i]);
  sqlite3_result_int(context, batch->rows.size() >= batch->wanted);
}

}  // namespace

int AddGather(sqlite3* handle) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  constexpr int kMaxColumns = static_cast<int>(std::tuple_size_v<IntegerRow>);
  int code = SQLITE_OK;
  for (int columns = 1; columns <= kMaxColumns && code == SQLITE_OK; ++columns) {
    code =
        sqlite3_create_function_v2(handle, "gather", 1 + columns, kFlags, nullptr, Gather, nullptr, nullptr, nullptr);
  }
  return code;
}

int BindIntegerRows(sqlite3_stmt* statement, int parameter, IntegerRows* rows) {
  return sqlite3_bind_pointer(statement, parameter, rows, kPointerType, nullptr);
}

}  // namespace firebreak
