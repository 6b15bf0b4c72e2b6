#include "services/ownership/search/search_index.h"

#include <filesystem>
#include <set>
#include <vector>

#include "services/ownership/search/search_changes.h"

namespace throughline::ownership {
namespace {

// Changes with the tables below and with what a document holds.
constexpr char kSearchLayout[] = "search-2";

// So many cases are read in one transaction: some tens of milliseconds for small ones. While it is filled, when nobody
// can search yet, more are: their words are sorted in memory (hashsize), and written in fewer, longer lists.
constexpr size_t kAtOnce = 200;
constexpr size_t kAtOnceFilling = 1000;

// The text of `found` is that of `cases`. Prefixes of these lengths are words of their own: so `refu*` costs what a
// word costs, and not one list of cases for each word that begins so.
constexpr char kTables[] = R"sql(
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
  CREATE TABLE counted (cases INTEGER);
  INSERT INTO counted VALUES (0);
  CREATE TABLE positions (topic INTEGER, part INTEGER, next INTEGER, PRIMARY KEY (topic, part)) WITHOUT ROWID;
  CREATE TABLE cases (id INTEGER PRIMARY KEY, case_id TEXT, subject TEXT, words TEXT, facets TEXT, shown BLOB);
  CREATE VIRTUAL TABLE found USING fts5 (subject, words, facets, content = 'cases', content_rowid = 'id',
                                         prefix = '2 3 4 5', tokenize = "unicode61 remove_diacritics 2");
  INSERT INTO found (found, rank) VALUES ('hashsize', 4194304);
)sql";

// Of a disposable file: a crash of the process loses nothing, one of the computer loses the last transactions.
constexpr char kPragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384;";

runtime::Seen SeenFrom(std::map<log::Partition, int64_t> next) {
  std::vector<log::Position> places;
  for (const auto& [partition, offset] : next) places.push_back({partition, offset});
  return runtime::Seen(std::move(places));
}

absl::Status Done(SqliteStatement& statement) { return statement.Step().status(); }

}  // namespace

void SearchIndex::Delete(const std::string& path) {
  for (const char* beside : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;  // opening it tells
    std::filesystem::remove(path + beside, ignored);
  }
}

absl::StatusOr<std::unique_ptr<SearchIndex>> SearchIndex::Open(const std::string& path, const std::string& log) {
  for (const bool again : {false, true}) {
    absl::StatusOr<std::unique_ptr<Sqlite>> db = Sqlite::Open(path);
    if (!db.ok()) return db.status();
    std::unique_ptr<SearchIndex> index(new SearchIndex(*std::move(db)));
    const absl::Status begun = index->Begin(log);
    if (begun.ok()) return index;
    if (!absl::IsDataLoss(begun) || again) return begun;
    index.reset();
    Delete(path);
  }
  return absl::InternalError("unreachable");
}

// DATA_LOSS: the file is of no use.
absl::Status SearchIndex::Begin(const std::string& log) {
  if (absl::Status status = db_->Run(kPragmas); !status.ok()) return status;
  const std::string name = std::string(kSearchLayout) + " of " + log;
  auto tables = db_->Prepare("SELECT count(*) FROM sqlite_master");
  if (!tables.ok()) return tables.status();
  const absl::StatusOr<bool> counted = tables->Step();
  if (!counted.ok()) return counted.status();
  const bool fresh = tables->Int(0) == 0;
  tables->Reset();
  if (fresh) {
    if (absl::Status status = db_->Run(std::string("BEGIN;") + kTables); !status.ok()) return status;
    auto named = db_->Prepare("INSERT INTO meta VALUES ('name', ?1)");
    if (!named.ok()) return named.status();
    named->Bind(1, name);
    if (absl::Status status = Done(*named); !status.ok()) return status;
    if (absl::Status status = db_->Run("COMMIT"); !status.ok()) return status;
  }
  auto named = db_->Prepare("SELECT value FROM meta WHERE name = 'name'");
  if (!named.ok()) return absl::DataLossError("the search's file has no name");
  const absl::StatusOr<bool> found = named->Step();
  if (!found.ok()) return found.status();
  if (!*found || named->Text(0) != name) return absl::DataLossError("the search's file is of another log or layout");
  named->Reset();

  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&find_, "SELECT case_id, subject, words, facets, shown FROM cases WHERE id = ?1"},
      {&insert_, "INSERT INTO cases (id, case_id, subject, words, facets, shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
      {&update_, "UPDATE cases SET subject = ?2, words = ?3, facets = ?4, shown = ?5 WHERE id = ?1"},
      {&forget_, "INSERT INTO found (found, rowid, subject, words, facets) VALUES ('delete', ?1, ?2, ?3, ?4)"},
      {&index_, "INSERT INTO found (rowid, subject, words, facets) VALUES (?1, ?2, ?3, ?4)"},
      {&position_, "INSERT OR REPLACE INTO positions VALUES (?1, ?2, ?3)"},
      {&count_, "UPDATE counted SET cases = ?1"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = db_->Prepare(sql);
    if (!prepared.ok()) return absl::DataLossError(prepared.status().message());
    *statement = *std::move(prepared);
  }
  auto positions = db_->Prepare("SELECT topic, part, next FROM positions");
  auto cases = db_->Prepare("SELECT cases FROM counted");
  if (!positions.ok() || !cases.ok()) return absl::DataLossError("the search's file lacks tables");
  std::map<log::Partition, int64_t> next;
  while (true) {
    const absl::StatusOr<bool> row = positions->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    next[{static_cast<log::Topic>(positions->Int(0)), static_cast<int32_t>(positions->Int(1))}] = positions->Int(2);
  }
  seen_ = SeenFrom(std::move(next));
  const absl::StatusOr<bool> row = cases->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError("the search's file does not say how many cases it has");
  cases_ = cases->Int(0);
  return absl::OkStatus();
}

absl::StatusOr<SearchIndex::Progress> SearchIndex::Read(const store::KeyValue& rows, const runtime::Seen& seen) {
  for (const log::Position& place : seen_.places()) {
    if (seen.Next(place.partition) < place.offset) return kBehind;
  }
  if (seen == seen_) return kDone;
  std::set<std::string> changed;
  std::map<log::Partition, int64_t> next;
  for (const log::Position& place : seen_.places()) next[place.partition] = place.offset;
  const size_t at_once = filled_ ? kAtOnce : kAtOnceFilling;
  bool more = false;
  for (const log::Position& place : seen.places()) {
    const auto topic = static_cast<int64_t>(place.partition.topic);
    const int64_t partition = place.partition.index;
    const std::string prefix = kSearchChanges.KeyOf(topic, partition);
    int64_t& read = next[place.partition];
    if (read == place.offset) continue;
    bool all = true;
    rows.Scan(prefix, kSearchChanges.KeyOf(topic, partition, read), [&](std::string_view raw, std::string_view bytes) {
      if (all = changed.size() < at_once; !all) return false;
      std::string_view rest = raw.substr(prefix.size());
      int64_t offset = 0;
      if (!store::TakeKey(rest, offset)) throw store::DamagedRow("a key of the store");
      changed.emplace(bytes);
      read = offset + 1;
      return true;
    });
    if (all) read = place.offset;
    more = more || !all;
  }
  if (absl::Status status = db_->Run("BEGIN IMMEDIATE"); !status.ok()) return status;
  const auto write = [&]() -> absl::Status {
    for (const std::string& case_id : changed) {
      const auto document = DocumentOf(rows, case_id);
      if (!document) continue;
      if (absl::Status status = Write(*document); !status.ok()) return status;
    }
    return Remember(SeenFrom(next));
  };
  const int64_t cases = cases_;
  absl::Status status = write();
  if (status.ok()) status = db_->Run("COMMIT");
  if (!status.ok()) {
    db_->Run("ROLLBACK").IgnoreError();
    cases_ = cases;
    return status;
  }
  seen_ = SeenFrom(std::move(next));
  filled_ = filled_ || !more;
  return more ? kMore : kDone;
}

absl::StatusOr<std::pair<int64_t, bool>> SearchIndex::Place(const Document& document) {
  for (int64_t id = document.id;; ++id) {
    find_.Reset();
    find_.Bind(1, id);
    const absl::StatusOr<bool> taken = find_.Step();
    if (!taken.ok()) return taken.status();
    if (!*taken || find_.Text(0) == document.shown.case_id()) return std::pair(id, *taken);
  }
}

absl::Status SearchIndex::Write(const Document& document) {
  const std::string shown = document.shown.SerializeAsString();
  const auto place = Place(document);
  if (!place.ok()) return place.status();
  const auto [id, known] = *place;
  if (known) {
    const bool words_same = find_.Text(1) == document.subject && find_.Text(2) == document.words;
    const bool facets_same = find_.Text(3) == document.facets;
    if (words_same && facets_same && find_.Text(4) == shown) {
      find_.Reset();
      return absl::OkStatus();
    }
    forget_.Bind(1, id);
    for (int column : {1, 2, 3}) forget_.Bind(column + 1, find_.Text(column));
    find_.Reset();
    if (absl::Status status = Done(forget_); !status.ok()) return status;
    update_.Bind(1, id);
    update_.Bind(2, document.subject);
    update_.Bind(3, document.words);
    update_.Bind(4, document.facets);
    update_.BindBlob(5, shown);
    if (absl::Status status = Done(update_); !status.ok()) return status;
  } else {
    find_.Reset();
    insert_.Bind(1, id);
    insert_.Bind(2, document.shown.case_id());
    insert_.Bind(3, document.subject);
    insert_.Bind(4, document.words);
    insert_.Bind(5, document.facets);
    insert_.BindBlob(6, shown);
    if (absl::Status status = Done(insert_); !status.ok()) return status;
    ++cases_;
  }
  index_.Bind(1, id);
  index_.Bind(2, document.subject);
  index_.Bind(3, document.words);
  index_.Bind(4, document.facets);
  return Done(index_);
}

absl::Status SearchIndex::Remember(const runtime::Seen& seen) {
  for (const log::Position& place : seen.places()) {
    if (seen_.Next(place.partition) == place.offset) continue;
    position_.Bind(1, static_cast<int64_t>(place.partition.topic));
    position_.Bind(2, int64_t{place.partition.index});
    position_.Bind(3, place.offset);
    if (absl::Status status = Done(position_); !status.ok()) return status;
  }
  count_.Bind(1, cases_);
  return Done(count_);
}

}  // namespace throughline::ownership
