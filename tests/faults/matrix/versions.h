#pragma once

// Which version of its service each replica runs: the current one, or a later one that tests/faults/versions builds.
//
//   Versions versions(kToday);
//   options.program_of = [&versions](const Replica& replica) { return versions.ProgramOf(replica); };
//
// Any thread.

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tests/support/kafka/kafka_suite.h"

namespace throughline::faults {

struct Version {
  int number = 1;                  // 1: the current version
  const char* writes = "nothing";  // which new events it writes
};
inline constexpr Version kToday{1}, kReads2{2};

class Versions {
 public:
  explicit Versions(Version others) : others_(others) {}
  // From its next start on.
  void Set(const testing::Replica& replica, Version version) {
    absl::MutexLock lock(&mutex_);
    versions_[replica] = version;
  }
  void SetOthers(Version version) {
    absl::MutexLock lock(&mutex_);
    others_ = version;
  }
  // For KafkaSuite::Options; empty: the service's own program.
  std::vector<std::string> ProgramOf(const testing::Replica& replica) const {
    absl::MutexLock lock(&mutex_);
    const auto found = versions_.find(replica);
    const Version& version = found == versions_.end() ? others_ : found->second;
    if (version.number == 1) return {};
    return {testing::Program("later_version"), std::string(log::ServiceName(replica.service)),
            std::to_string(version.number), version.writes};
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<testing::Replica, Version> versions_ ABSL_GUARDED_BY(mutex_);
  Version others_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::faults
