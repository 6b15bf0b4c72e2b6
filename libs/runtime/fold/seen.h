#pragma once

// How far a reader has seen the log: an offset for each partition. Replicas of a service that have folded equally far
// have the same rows, so what is new since then is the same on all of them. Immutable; any thread.

#include <algorithm>
#include <vector>

#include "libs/log/event_log.h"

namespace throughline::runtime {

class Seen {
 public:
  Seen() = default;  // nothing
  // One position for each partition: the next offset.
  explicit Seen(std::vector<log::Position> places) : places_(std::move(places)) {
    std::sort(places_.begin(), places_.end());
  }

  bool empty() const { return places_.empty(); }
  // The first offset that was not seen.
  int64_t Next(log::Partition partition) const {
    const auto found = std::lower_bound(places_.begin(), places_.end(), log::Position{partition, 0});
    return found != places_.end() && found->partition == partition ? found->offset : 0;
  }
  bool Has(log::Partition partition, int64_t offset) const { return offset < Next(partition); }
  const std::vector<log::Position>& places() const { return places_; }  // ascending
  bool operator==(const Seen&) const = default;

 private:
  std::vector<log::Position> places_;
};

}  // namespace throughline::runtime
