#pragma once

// The log, as `throughline verify` and `throughline log` read it: an embedded log (even while a suite runs on it), or
// the topics of a Kafka cluster. One thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/settings.h"

namespace throughline {

struct LogPlace {
  std::string embedded;  // directory of an embedded log; used if `cluster` has no brokers
  log::KafkaCluster cluster = {};
  bool at_rest = false;  // nobody writes the embedded log: it is a backup
};

// `data` is a suite's data directory, or the folder of a log's backup.
LogPlace EmbeddedIn(const std::string& data);

class LogSource {
 public:
  // NOT_FOUND: there is no log. FAILED_PRECONDITION: another layout, or a missing topic. DATA_LOSS: it is damaged.
  // UNAVAILABLE: no broker answers.
  static absl::StatusOr<std::unique_ptr<LogSource>> Open(const LogPlace& place);
  virtual ~LogSource() = default;

  virtual const log::Identity& identity() const = 0;
  // One past the last record of each partition, in the order of the argument.
  virtual absl::StatusOr<std::vector<log::Position>> Ends(const std::vector<log::Partition>& partitions) = 0;

  using Visit = std::function<bool(const log::Record&)>;
  // A partition that cannot be read further, and why.
  using Broken = std::function<void(const log::Partition&, const std::string& why)>;
  // Visits the records that exist now, from `next` on, each partition in order, until `visit` returns false.
  virtual absl::Status Read(const std::vector<log::Position>& next, const Visit& visit, const Broken& broken) = 0;
};

}  // namespace throughline
