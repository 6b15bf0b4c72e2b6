#pragma once

// A connection to a SQLite database, and its statements.
//
//   auto db = Sqlite::Open(path);
//   auto statement = (*db)->Prepare("SELECT words FROM cases WHERE id = ?1");
//   statement->Bind(1, id);
//   absl::StatusOr<bool> row = statement->Step();
//   if (row.ok() && *row) Use(statement->Text(0));
//
// Errors: DATA_LOSS: the file is damaged or no database. DEADLINE_EXCEEDED: see SetDeadline. INTERNAL: the rest; the
// message is SQLite's. One thread at a time. A connection must outlive its statements.

#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::ownership {

class SqliteStatement {
 public:
  SqliteStatement() = default;

  // Parameters count from 1. Text is copied.
  void Bind(int parameter, int64_t value) { sqlite3_bind_int64(statement_.get(), parameter, value); }
  void Bind(int parameter, std::string_view text) {
    sqlite3_bind_text(statement_.get(), parameter, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void BindBlob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob(statement_.get(), parameter, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
  }
  void BindPointer(int parameter, void* pointer, const char* type) {
    sqlite3_bind_pointer(statement_.get(), parameter, pointer, type, nullptr);
  }
  // Whether there is a row. Without one it can be bound and stepped anew.
  absl::StatusOr<bool> Step();
  void Reset() { sqlite3_reset(statement_.get()); }

  // Of the present row; columns count from 0. The bytes live until the next step.
  int64_t Int(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string_view Text(int column) const;

 private:
  friend class Sqlite;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Sqlite {
 public:
  // Creates the file if there is none.
  static absl::StatusOr<std::unique_ptr<Sqlite>> Open(const std::string& path);
  ~Sqlite() { sqlite3_close(db_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // One statement or several, without parameters and rows.
  absl::Status Run(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(const std::string& sql);
  // What runs after it is interrupted.
  void SetDeadline(absl::Time deadline) { deadline_ = deadline; }

  sqlite3* raw() { return db_; }

 private:
  explicit Sqlite(sqlite3* db) : db_(db) {}

  sqlite3* const db_;
  absl::Time deadline_ = absl::InfiniteFuture();
};

}  // namespace throughline::ownership
