#pragma once

// The log as `throughline verify` and `throughline log` read it: an embedded one in a data directory, also while a
// suite runs on it, or one on a Kafka cluster. One thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"

namespace throughline {

struct LogPlace {
  std::string embedded;  // the directory of an embedded log, if `cluster` names no brokers
  log::KafkaCluster cluster = {};
  bool at_rest = false;  // nobody writes the embedded log, as a backup
};

// The embedded log of a suite's data directory, or the backup of a log: `data` may be either.
LogPlace EmbeddedIn(const std::string& data);

class LogSource {
 public:
  // NOT_FOUND: there is no log. FAILED_PRECONDITION: of another layout, a topic is missing. DATA_LOSS: damaged.
  // UNAVAILABLE: no broker answers.
  static absl::StatusOr<std::unique_ptr<LogSource>> Open(const LogPlace& place);
  virtual ~LogSource() = default;

  virtual const log::Identity& identity() const = 0;
  // One past the last record of each, in the order in which they are asked for.
  virtual absl::StatusOr<std::vector<log::Position>> Ends(const std::vector<log::Partition>& partitions) = 0;

  using Visit = std::function<bool(const log::Record&)>;
  // A partition that cannot be read any further, and why.
  using Broken = std::function<void(const log::Partition&, const std::string& why)>;
  // Visits what there is now from `next` on, each partition in order of offset, until `visit` returns false.
  virtual absl::Status Read(const std::vector<log::Position>& next, const Visit& visit, const Broken& broken) = 0;
};

}  // namespace throughline
