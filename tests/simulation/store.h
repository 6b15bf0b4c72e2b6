#pragma once

// A store whose newest writes can be undone, like unsynced writes after a power loss: what remains is the state after
// some earlier write. One thread.

#include <deque>

#include "libs/store/memory_key_value.h"

namespace throughline::simulation {

class Store : public store::KeyValue {
 public:
  bool Get(std::string_view key, std::string* value) const override { return rows_.Get(key, value); }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    rows_.Scan(prefix, from, visit);
  }
  std::unique_ptr<const KeyValue> View() const override { return rows_.View(); }
  void Write(const std::vector<store::Change>& changes) override {
    std::vector<store::Change> undo;
    undo.reserve(changes.size());
    for (const store::Change& change : changes) {
      std::string before;
      const bool there = rows_.Get(change.key, &before);
      undo.push_back({change.key, there ? std::optional(std::move(before)) : std::nullopt});
    }
    rows_.Write(changes);
    undo_.push_back(std::move(undo));
    if (undo_.size() > kRemembered) undo_.pop_front();
  }

  // Undoes at most that many of the last writes.
  void Lose(size_t writes) {
    for (; writes > 0 && !undo_.empty(); --writes) {
      rows_.Write(undo_.back());
      undo_.pop_back();
    }
  }
  void LoseAll() {
    rows_.Restore({});
    undo_.clear();
  }

  std::map<std::string, std::string, std::less<>> Snapshot() const { return rows_.Snapshot(); }

 private:
  static constexpr size_t kRemembered = 50;
  store::MemoryKeyValue rows_;
  std::deque<std::vector<store::Change>> undo_;
};

}  // namespace throughline::simulation
