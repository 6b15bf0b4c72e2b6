#pragma once

// Which log a service folds: its cluster, its topics and their numbers of partitions. The store remembers it, so that a
// store is never folded on from another log. Consistency tokens name it, so that a token of another installation is
// refused. Immutable after Open; any thread.

#include "absl/status/statusor.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/positions.h"
#include "libs/runtime/reads/token.h"
#include "libs/store/key_value.h"

namespace throughline::runtime {

class LogIdentity {
 public:
  // Asks the log for its identity, and remembers it in a store that has none yet. FAILED_PRECONDITION: `store` was
  // folded from another log.
  absl::Status Open(log::EventLog& log, store::KeyValue& store);

  // The beginnings of these topics' partitions. FAILED_PRECONDITION: a topic is not in the log.
  absl::StatusOr<std::unique_ptr<Positions>> Beginning(const std::vector<log::Topic>& folds) const;

  // The tokens of this log, see reads/token.h.
  std::string TokenOf(const std::vector<log::Position>& positions) const;
  std::string TokenOf(const WatchPosition& position) const;
  absl::StatusOr<std::vector<log::Position>> ReadToken(std::string_view token, const std::string& field) const;
  absl::StatusOr<WatchPosition> ReadWatchToken(std::string_view token, std::string_view question,
                                               absl::string_view field) const;

 private:
  log::Identity identity_;
  std::string token_mark_;
};

// How far a store is folded: for each of `ends`, in that order. FAILED_PRECONDITION: it was folded from another log.
// OUT_OF_RANGE: it was folded further than one of `ends`, so the log was truncated. Throws DamagedRow.
absl::StatusOr<std::vector<log::Position>> CheckFoldedFrom(const log::Identity& identity,
                                                           const std::vector<log::Position>& ends,
                                                           const store::KeyValue& store);

}  // namespace throughline::runtime
