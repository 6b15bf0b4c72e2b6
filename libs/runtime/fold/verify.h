#pragma once

// Proves that no accepted commit was changed, dropped or reordered, and that each can be read: walks the log, decodes
// every event, judges every commit anew, and compares what it finds with what the services remember of their own
// folding (their stores), where there is a store to compare.
//
//   Verifier verifier(identity, types, {{log::Topic::kIntake, &store}}, scratch);
//   for (... each partition in order of offset, one after the other or mixed ...) verifier.Add(record);
//   VerifyReport report = verifier.Finish();
//
// What is known of each stream meanwhile is in `scratch`, since a log may have more streams than memory holds. One
// thread.

#include <array>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/stream_type.h"
#include "libs/store/batch.h"
#include "libs/store/key_value.h"

namespace throughline::runtime {

struct VerifyReport {
  struct Topic {
    int64_t records = 0;
    int64_t accepted = 0;
    int64_t voided = 0;
    int64_t not_commits = 0;
    int64_t streams = 0;
    int64_t gaps = 0;      // offsets without a record, as an operator accepted
    int64_t compared = 0;  // records that a store had judged, too
  };
  std::array<Topic, std::size(log::kTopics)> topics;
  int64_t problem_count = 0;
  std::vector<std::string> problems;  // the first hundred, each naming topic/partition@offset and stream
  // Void commits whose predecessor is not in the log: either its append failed, or its record was changed afterwards.
  // Only a comparison with a store tells which. Without a store, this is the only trace of a changed record.
  int64_t suspicion_count = 0;
  std::vector<std::string> suspicions;  // the first hundred
  bool holds() const { return problem_count == 0; }
};

class Verifier {
 public:
  using Stores = absl::flat_hash_map<log::Topic, const store::KeyValue*>;

  // `types` (every kind that can stand in the log), `stores` (may lack topics) and `scratch` (empty, for the verifier
  // alone) must outlive the verifier.
  Verifier(const log::Identity& identity, const StreamTypes& types, Stores stores, store::KeyValue& scratch);

  // The next record of its partition.
  void Add(const log::Record& record);

  // A part of a partition that the log itself could not read.
  void Unreadable(const log::Partition& partition, const std::string& why);

  // After the last record: compares the ends, and each stream's last commit.
  VerifyReport Finish();

 private:
  enum class Remembered { kUnknown, kAccepted, kVoid, kQuarantined };

  void AddGap(const log::Record& record, int64_t& next);
  void AddCommit(const log::Record& record, const std::string& where);
  Remembered RecallOf(const log::Record& record) const;
  void CompareEnds(log::Topic topic, const store::KeyValue& store);
  void WriteScratch();
  void Break(const std::string& stream, std::string problem);
  void Problem(std::string text);
  void Suspect(std::string text);

  std::array<int32_t, std::size(log::kTopics)> partitions_{};  // of each topic
  const StreamTypes& types_;
  const Stores stores_;
  absl::flat_hash_map<log::Topic, std::vector<int64_t>> folded_;  // what each store has folded
  VerifyReport report_;
  absl::flat_hash_map<log::Partition, int64_t> next_;
  store::KeyValue& scratch_;
  std::unique_ptr<store::Batch> batch_;  // changes of `scratch_` that are not written yet
  int64_t in_batch_ = 0;                 // records since it was
  // Those of which a problem was named; what follows from it is not named again. A stream is in one topic only.
  absl::flat_hash_set<std::string> broken_;
  absl::flat_hash_set<std::string> void_digests_;  // there are few
};

}  // namespace throughline::runtime
