#include "services/ownership/search/sqlite.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace throughline::ownership {
namespace {

// How many steps of SQLite's machine between two looks at the clock: less than a millisecond.
constexpr int kStepsBetweenLooks = 1000;
// Another connection that writes holds a lock for milliseconds.
constexpr int kBusyMilliseconds = 5000;

absl::Status ErrorOf(sqlite3* db, int code) {
  const std::string message = absl::StrCat("SQLite: ", db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db));
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
      return absl::DataLossError(message);
    case SQLITE_INTERRUPT:
      return absl::DeadlineExceededError("the search took too long: narrow it down");
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  const absl::Status error = ErrorOf(sqlite3_db_handle(statement_.get()), code);
  sqlite3_reset(statement_.get());
  return error;
}

std::string_view SqliteStatement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

absl::StatusOr<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Sqlite> opened(new Sqlite(db));
  if (code != SQLITE_OK) return ErrorOf(db, code);
  sqlite3_busy_timeout(db, kBusyMilliseconds);
  sqlite3_progress_handler(
      db, kStepsBetweenLooks,
      [](void* self) { return static_cast<int>(absl::Now() > static_cast<Sqlite*>(self)->deadline_); }, opened.get());
  return opened;
}

absl::Status Sqlite::Run(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, code);
}

absl::StatusOr<SqliteStatement> Sqlite::Prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
  if (code != SQLITE_OK) return ErrorOf(db_, code);
  SqliteStatement statement;
  statement.statement_.reset(raw);
  return statement;
}

}  // namespace throughline::ownership
