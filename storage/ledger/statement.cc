#include "storage/ledger/statement.h"

#include <sqlite3.h>

#include <utility>

namespace firebreak {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      sql_(std::move(other.sql_)),
      handle_(std::exchange(other.handle_, nullptr)),
      error_(std::move(other.error_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  database_ = other.database_;
  sql_ = std::move(other.sql_);
  std::swap(handle_, other.handle_);
  error_ = std::move(other.error_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

bool Statement::Prepare() {
  if (handle_ != nullptr) return true;
  Note(sqlite3_prepare_v3(database_->handle(), sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT,
                          &handle_, nullptr));
  return handle_ != nullptr;
}

void Statement::Note(int code) {
  if (code != SQLITE_OK && error_.ok()) error_ = database_->ErrorOf(code);
}

absl::StatusOr<bool> Statement::Next() {
  Prepare();
  if (!error_.ok()) return std::exchange(error_, absl::OkStatus());
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  const absl::Status status = code == SQLITE_DONE ? absl::OkStatus() : database_->ErrorOf(code);
  Reset();
  if (!status.ok()) return status;
  return false;
}

void Statement::Reset() {
  if (handle_ != nullptr) sqlite3_reset(handle_);  // repeats the error of the last step, which was told
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::Real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return text == nullptr ? std::string_view() : std::string_view(text, sqlite3_column_bytes(handle_, column));
}

std::string_view Statement::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, sqlite3_column_bytes(handle_, column));
}

void Statement::BindOne(int parameter, int64_t value) {
  if (Prepare()) Note(sqlite3_bind_int64(handle_, parameter, value));
}

void Statement::BindOne(int parameter, double value) {
  if (Prepare()) Note(sqlite3_bind_double(handle_, parameter, value));
}

// An empty view may have no address, which SQLite would take for NULL.
void Statement::BindOne(int parameter, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  if (Prepare()) Note(sqlite3_bind_text64(handle_, parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::BindOne(int parameter, Blob value) {
  const char* data = value.bytes.data() == nullptr ? "" : value.bytes.data();
  if (Prepare()) Note(sqlite3_bind_blob64(handle_, parameter, data, value.bytes.size(), SQLITE_TRANSIENT));
}

void Statement::BindOne(int parameter, IntegerRows* value) {
  if (Prepare()) Note(BindIntegerRows(handle_, parameter, value));
}

}  // namespace firebreak
