#pragma once

// Walks a log for `throughline verify`, `throughline backup verify` and `throughline log`.

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/store_digest.h"
#include "libs/runtime/fold/verify.h"
#include "services/process/backup/backup.h"
#include "services/throughline/log_source.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline {

struct VerifyOptions {
  LogPlace place;
  std::vector<std::string> compare;  // data directories of services; their stores are compared with the log
  // Called from time to time with the number of records read, and of all.
  std::function<void(int64_t read, int64_t all)> progress;
};

struct Verified {
  // A store that was compared. Another replica's store with the same records has the same digest.
  struct Store {
    log::Topic service;
    int64_t records = 0;  // folded, of all topics
    runtime::StoreDigest digest;
  };
  runtime::VerifyReport report;
  std::vector<Store> stores;
  std::vector<std::string> notes;  // such as a store that could not be compared, and why
};

// Walks the whole log. Returns errors of opening it; what the walk finds is in the report.
absl::StatusOr<Verified> VerifyLog(const VerifyOptions& options);

// The same for the backup of a log, which must also hold as many records as when it was taken. Errors as
// process::ReadBackup; DATA_LOSS: the backup is not sound, says why.
absl::StatusOr<process::Backup> VerifyLogBackup(const std::string& path);

struct LogFilter {
  std::vector<log::Topic> topics;   // empty: all
  std::string stream;               // empty: all; otherwise exactly this stream
  std::string stream_prefix;        // such as `case/`
  std::optional<log::Position> at;  // only the record there
};

// A record to show. `commit` is null if the record is not a commit.
struct ShownRecord {
  log::Position position;
  std::string key;
  std::string digest;  // hex
  size_t bytes = 0;
  const throughline::log::v1::Commit* commit = nullptr;
  int64_t gap = 0;  // above 0: an accepted gap of so many offsets ends here
};

// Visits the records of the log, topic by topic, partition by partition; then, with `follow`, new ones, until `visit`
// or `follow` returns false. `follow` is called about five times a second. `last`: begin with so many of each
// partition's newest records; negative: with all.
absl::Status WalkLog(const LogPlace& place, const LogFilter& filter, int64_t last, const std::function<bool()>& follow,
                     const std::function<bool(const ShownRecord&)>& visit);

}  // namespace throughline
