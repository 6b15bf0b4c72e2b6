#pragma once

// How far a service has folded, readable from any thread; written by the fold's thread only.

#include <atomic>
#include <memory>
#include <vector>

#include "libs/log/event_log.h"

namespace throughline::runtime {

class Positions {
 public:
  // `partitions[topic]`: how many partitions of that topic are folded; 0: the topic is not.
  explicit Positions(std::vector<int32_t> partitions) : partitions_(std::move(partitions)) {
    for (int32_t count : partitions_) {
      next_.emplace_back(new std::atomic<int64_t>[static_cast<size_t>(count)]());
    }
  }

  bool Folds(log::Partition p) const {
    const size_t topic = static_cast<size_t>(p.topic);
    return topic < partitions_.size() && p.index >= 0 && p.index < partitions_[topic];
  }
  int32_t PartitionsOf(log::Topic topic) const { return partitions_[static_cast<size_t>(topic)]; }

  // The next offset to fold.
  int64_t Next(log::Partition p) const { return Cell(p).load(std::memory_order_acquire); }
  void Set(log::Partition p, int64_t next) { Cell(p).store(next, std::memory_order_release); }

  // Whether everything before `position` has been folded; true for what is not folded here at all.
  bool Reached(const log::Position& position) const {
    return !Folds(position.partition) || Next(position.partition) >= position.offset;
  }

  std::vector<log::Partition> All() const {
    std::vector<log::Partition> all;
    for (size_t topic = 0; topic < partitions_.size(); ++topic) {
      for (int32_t i = 0; i < partitions_[topic]; ++i) all.push_back({static_cast<log::Topic>(topic), i});
    }
    return all;
  }

 private:
  std::atomic<int64_t>& Cell(log::Partition p) const {
    return next_[static_cast<size_t>(p.topic)][static_cast<size_t>(p.index)];
  }

  std::vector<int32_t> partitions_;
  std::vector<std::unique_ptr<std::atomic<int64_t>[]>> next_;
};

}  // namespace throughline::runtime
