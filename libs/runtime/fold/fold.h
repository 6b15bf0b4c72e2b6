#pragma once

// The fold: reads each partition in order, judges each commit, applies the accepted ones. This is where races are
// settled, on every replica alike:
//
//   A commit is accepted if and only if it names the digest of its stream's last accepted commit. Every other is void.
//
// A record that is not a commit is quarantined. So is a commit that follows, but does not say the next version. Records
// of kinds that the service leaves unread (stream_type.h) are passed.
//
// States, remembered command ids, read models and positions of one step are written in one batch, so that a crash
// repeats a step or does not, and nothing else. One thread.

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include "libs/runtime/fold/acceptance.h"
#include "libs/runtime/fold/commit.h"
#include "libs/runtime/fold/heads.h"
#include "libs/runtime/fold/positions.h"
#include "libs/runtime/fold/projection.h"
#include "libs/runtime/probe.h"

namespace throughline::runtime {

enum class Verdict {
  kAccepted,
  kVoid,
  kQuarantined,
  kUnread,  // of a kind of which the service wants nothing; none of the above
};

// What became of one record.
struct Folded {
  log::Position position;
  Verdict verdict = Verdict::kVoid;
  std::string digest;     // of the record; empty if it was left unread
  AcceptedCommit commit;  // of an accepted one
};

// A commit that this process made: what reading its record gives, and the state after it. The fold need not compute
// either again.
struct LocalCommit {
  ReadCommit commit;
  MessagePtr state;
};

// How far one partition is folded: the next offset, and the first 8 bytes of the digest of the record before it, to
// recognize the log at the next start.
struct FoldedPosition {
  int64_t next = 0;
  std::string last;
};

class Fold {
 public:
  using FindLocalCommit = std::function<const LocalCommit*(const std::string& digest)>;

  // All must outlive the fold. Reads from `store` where each partition was left off, and sets `positions` to it.
  Fold(const StreamTypes& types, std::vector<Projection*> projections, store::KeyValue& store, Heads& heads,
       Positions& positions, Probe& probe);

  // Where to begin to read: at the last folded record of each partition. That one is not folded again, but compared
  // with what was folded then.
  std::vector<log::Position> From() const;
  // The position of a last folded record that has not been compared yet, if there is one.
  std::optional<log::Position> Unseen() const;

  // Folds `records` in one write, and says how each was judged. DATA_LOSS: offsets are not contiguous, or another
  // record is in the place of the one that was folded last; nothing of this step was written, and the service must
  // stop. A record of a newer version stops only its partition: from there on, the partition is left to a newer binary
  // (see stopped()).
  absl::Status Apply(const std::vector<log::RecordPtr>& records, const FindLocalCommit& find,
                     std::vector<Folded>& folded, absl::flat_hash_set<std::string>& notified);

  // Why each stopped partition stopped.
  const absl::flat_hash_map<log::Partition, std::string>& stopped() const { return stopped_; }

 private:
  // A stream's row while a step touches it.
  struct Stream : StreamEnd {
    MessagePtr state;  // null for another service's
    const StreamType* type = nullptr;
    bool changed = false;
    std::string traceparent;  // of the last commit, if it changed
  };
  using Touched = absl::flat_hash_map<std::string, Stream>;

  absl::Status ApplyOne(const log::Record& record, const FindLocalCommit& find, Touched& touched, store::Batch& batch,
                        std::vector<Folded>& folded);
  void Accept(const log::Record& record, ReadCommit read, MessagePtr state_after, Stream& stream, store::Batch& batch,
              Folded& folded);
  absl::Status Recognize(const log::Record& record, const std::string& digest);
  // Of records that are left unread, only those are digested that are the last of the step in their partitions.
  void DigestUnread(const std::vector<log::RecordPtr>& records);
  void WritePlaces(store::Batch& batch) const;
  Stream& Touch(const ReadCommit& read, Touched& touched) const;

  const StreamTypes& types_;
  const std::vector<Projection*> projections_;
  store::KeyValue& store_;
  Heads& heads_;
  Positions& positions_;
  Probe& probe_;
  absl::flat_hash_map<log::Partition, FoldedPosition> step_;  // of the step under way
  absl::flat_hash_map<log::Partition, std::string> last_;     // as FoldedPosition::last
  absl::flat_hash_map<log::Partition, std::string> unseen_;   // those of `last_` that were not compared yet
  absl::flat_hash_map<log::Partition, std::string> stopped_;
};

// Why a commit that does not follow `end` is void, for metrics. `digest`: of its record.
VoidReason WhyVoid(const throughline::log::v1::Commit& commit, const StreamEnd& end, const std::string& digest);

// Of each partition of a topic, as `store` has it.
std::vector<FoldedPosition> ReadFoldedPositions(const store::KeyValue& store, log::Topic topic, int32_t partitions);

// The key of a command's row. A command id is its caller's own: another caller's is another command.
std::string CommandKey(const std::string& stream, const std::string& caller, const std::string& command_id);

}  // namespace throughline::runtime
