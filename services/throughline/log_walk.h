#pragma once

// What `throughline verify`, `throughline backup verify` and `throughline log` do.

#include <functional>
#include <string>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/verify.h"
#include "services/process/backup/backup.h"
#include "services/throughline/log_source.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline {

struct VerifyOptions {
  LogPlace place;
  std::vector<std::string> compare;  // data directories of services, whose stores are compared with the log
  // Told now and then how many records were read, and how many there are.
  std::function<void(int64_t read, int64_t all)> progress;
};

struct Verified {
  runtime::VerifyReport report;
  std::vector<std::string> notes;  // for instance a store that could not be compared, and why
};

// Walks the whole log. Errors are those of opening; what the walk finds stands in the report.
absl::StatusOr<Verified> VerifyLog(const VerifyOptions& options);

// The same of a log's backup, which also must hold as many records as when it was taken. As process::ReadBackup;
// DATA_LOSS: it does not hold, says why.
absl::StatusOr<process::Backup> VerifyLogBackup(const std::string& path);

struct LogFilter {
  std::vector<log::Topic> topics;  // empty: all
  std::string stream;              // empty: all; otherwise exactly this one
  std::string stream_prefix;       // for instance `case/`
};

// A record as it is shown. `commit` is null for one that is no commit.
struct ShownRecord {
  log::Position position;
  std::string key;
  std::string digest;  // hex
  size_t bytes = 0;
  const throughline::log::v1::Commit* commit = nullptr;
  int64_t gap = 0;  // above 0: so many offsets up to this one hold no record, as an operator accepted
};

// Visits what is in the log, topic by topic, partition by partition; then, if `follow`, what comes, until `visit` or
// `follow` answers false. `follow` is asked about five times a second. `last`: only that many of each partition's
// newest records at first; negative: all.
absl::Status WalkLog(const LogPlace& place, const LogFilter& filter, int64_t last, const std::function<bool()>& follow,
                     const std::function<bool(const ShownRecord&)>& visit);

}  // namespace throughline
