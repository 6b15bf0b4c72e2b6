#include "libs/runtime/timer_index.h"

#include <tuple>

#include "libs/runtime/tables.h"

namespace throughline::runtime {
namespace {

std::pair<absl::Time, std::string> DueAndStream(const std::string& raw_key) {
  std::string_view rest = std::string_view(raw_key).substr(1);
  absl::Time due;
  std::string stream;
  if (!store::TakeKey(rest, due) || !store::TakeKey(rest, stream)) throw store::DamagedRow("a key of the store");
  return {due, std::move(stream)};
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
    if (window_.empty()) {
      if (complete_ || (!known_.empty() && DueAndStream(known_).first > now)) break;
      Fill();
      if (window_.empty()) break;
    }
    const auto [when, stream] = DueAndStream(*window_.begin());
    if (when > now) break;
    if (wanted(stream)) due.push_back(*window_.begin());
    window_.erase(window_.begin());
  }
  return due;
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

}  // namespace throughline::runtime
