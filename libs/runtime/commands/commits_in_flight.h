#pragma once

// The commits of this process that the fold has not judged yet. One thread.
//
// Per stream they form a chain, in the order in which they were decided. The next command on a stream is decided on the
// last of its chain, before any of them is folded; that is where throughput comes from. It is safe because each commit
// names the digest of the one before: if one loses, all after it are void.
//
// A commit whose append ended as unknown may still be accepted. While it can, its command must not be refused: the
// effect could follow the refusal. It can be accepted as long as it follows its stream's last accepted commit, or
// another unknown commit that can be accepted. After kUnknownFor it is given up: no broker keeps a request for so long.

#include <deque>

#include "libs/runtime/commands/commands_under_way.h"
#include "libs/runtime/commands/decisions.h"
#include "libs/runtime/fold/fold.h"

namespace throughline::runtime {

struct CommitInFlight {
  std::string digest;
  LocalCommit local;
  CommandUnderWayPtr command;               // it carries this one out
  std::vector<CommandUnderWayPtr> waiting;  // kBehindCommit or kDoubtful, until it is settled: folded or failed
  std::optional<OpenSpan> span = std::nullopt;

  const throughline::log::v1::Commit& header() const { return *local.commit.header; }
};

class CommitsInFlight {
 public:
  static constexpr absl::Duration kUnknownFor = absl::Minutes(5);

  // Pointers are valid until the commit is taken out; nullptr: none.
  CommitInFlight* Find(const std::string& digest) const;
  CommitInFlight* Last(const std::string& stream) const;
  // The one in the stream's chain that carries the command.
  CommitInFlight* FindCommand(const std::string& stream, const Caller& caller) const;

  // Appends it to its stream's chain. Its digest must not be there yet.
  void Add(std::unique_ptr<CommitInFlight> commit);

  // The stream accepted the commit `digest`, of whichever writer. If it is the first of the chain, the others still
  // follow it; if not, none of the chain can be accepted.
  void Accepted(const std::string& stream, const std::string& digest);

  // Take out a commit that is settled: the fold has judged it, or its append has failed. nullptr: not there. Nothing
  // more is decided on a void or failed one, nor on what follows it.
  std::unique_ptr<CommitInFlight> TakeFolded(const std::string& digest, bool accepted);
  // `unknown`: it may still be written, and what follows it accepted as well. `steady`: now.
  std::unique_ptr<CommitInFlight> TakeFailed(const std::string& digest, bool unknown, absl::Duration steady);

  // Whether a commit of the command whose append ended as unknown can still be accepted.
  bool MayStillCome(const std::string& stream, const Caller& caller) const;

  // Gives up unknown commits that are too old.
  void Expire(absl::Duration steady);
  // Forgets the commands that were answered meanwhile. The commits may still be accepted.
  void ForgetAnswered();

 private:
  struct Unknown {
    std::string digest;
    std::string follows;
    std::string caller;
    std::string command_id;
  };
  struct Aged {
    std::string stream;
    std::string digest;
    absl::Duration since;
  };
  using Chain = std::deque<CommitInFlight*>;  // in by_digest_

  std::unique_ptr<CommitInFlight> Take(const std::string& digest);
  // Drops the commit from its chain, and what follows it there. Returns these.
  std::vector<CommitInFlight*> Drop(const CommitInFlight& commit);
  void AddUnknown(const CommitInFlight& commit, absl::Duration steady);
  // Keeps those unknown commits of the stream that can still follow the accepted one.
  void KeepFollowing(const std::string& stream, const std::string& digest);

  absl::flat_hash_map<std::string_view, std::unique_ptr<CommitInFlight>> by_digest_;  // the key is the commit's
  absl::flat_hash_map<std::string, Chain> chains_;                                    // by stream; none is empty
  absl::flat_hash_map<std::string, std::vector<Unknown>> unknown_;  // by stream, as they were added; none is empty
  std::deque<Aged> unknown_by_age_;                                 // and some that are not in unknown_ any more
};

}  // namespace throughline::runtime
