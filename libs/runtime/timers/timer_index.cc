#include "libs/runtime/timers/timer_index.h"

#include "absl/strings/match.h"

#include "libs/runtime/fold/projection.h"

namespace throughline::runtime {
namespace {

struct TimerKey {
  absl::Time due;
  std::string stream;
  std::string name;
};

TimerKey ReadKey(const std::string& raw_key) {
  std::string_view rest = std::string_view(raw_key).substr(1);
  TimerKey key;
  if (!store::TakeKey(rest, key.due) || !store::TakeKey(rest, key.stream) || !store::TakeKey(rest, key.name)) {
    throw store::DamagedRow("a key of the store");
  }
  return key;
}

}  // namespace

void TimerIndex::Reset() {
  window_.clear();
  known_.clear();
  complete_ = false;
}

bool TimerIndex::Changed(const std::string& raw_key) {
  std::string ignored;
  const bool there = store_.Get(raw_key, &ignored);
  if (!complete_ && raw_key > known_) return there;
  if (!there) {
    window_.erase(raw_key);
    return false;
  }
  window_.insert(raw_key);
  if (window_.size() > 2 * kWindow) {
    window_.erase(std::next(window_.begin(), kWindow), window_.end());
    known_ = *window_.rbegin();
    complete_ = false;
  }
  return true;
}

std::vector<std::string> TimerIndex::TakeDue(absl::Time now, size_t at_most,
                                             const std::function<bool(const std::string& stream)>& wanted) {
  std::vector<std::string> due;
  for (size_t looked = 0; looked < kWindow && due.size() < at_most; ++looked) {
    FillFor(now);
    if (window_.empty()) break;
    const TimerKey key = ReadKey(*window_.begin());
    if (key.due > now) break;
    if (wanted(key.stream)) due.push_back(*window_.begin());
    window_.erase(window_.begin());
  }
  return due;
}

size_t TimerIndex::CountDue(absl::Time now, std::string_view name) {
  // Counting removes nothing, so fill the window until it is full or nothing more is due.
  while (window_.size() < kWindow && MayHaveMore(now)) Fill();
  size_t count = 0;
  size_t looked = 0;
  for (const std::string& raw_key : window_) {
    const TimerKey key = ReadKey(raw_key);
    if (key.due > now || ++looked > kWindow) break;
    if (key.name.starts_with(name)) ++count;
  }
  return count;
}

bool TimerIndex::MayHaveMore(absl::Time now) const {
  return !complete_ && (known_.empty() || ReadKey(known_).due <= now);
}

void TimerIndex::FillFor(absl::Time now) {
  if (window_.empty() && MayHaveMore(now)) Fill();
}

void TimerIndex::Fill() {
  complete_ = true;
  const std::string after = known_;
  store_.Scan(std::string(1, kTimerRows.first_byte()), after, [&](std::string_view raw_key, std::string_view) {
    if (raw_key == after) return true;
    known_ = std::string(raw_key);
    window_.insert(window_.end(), known_);
    complete_ = window_.size() < kWindow;
    return complete_;
  });
}

std::vector<std::string> TimersAmong(const absl::flat_hash_set<std::string>& notified) {
  std::vector<std::string> keys;
  for (const std::string& topic : notified) {
    if (absl::StartsWith(topic, kTimerChanged)) keys.push_back(topic.substr(sizeof kTimerChanged - 1));
  }
  return keys;
}

}  // namespace throughline::runtime
