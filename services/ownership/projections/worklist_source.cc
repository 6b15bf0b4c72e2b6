#include "services/ownership/projections/worklist_source.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace throughline::ownership {
namespace {

WorklistTable::Key KeyOf(std::string_view raw) {
  WorklistTable::Key key;
  std::string_view rest = raw.substr(1);
  if (!std::apply([&](auto&... part) { return (store::TakeKey(rest, part) && ...); }, key)) {
    throw store::DamagedRow("a key of the store");
  }
  return key;
}

}  // namespace

WorklistSource::WorklistSource(const store::KeyValue& reader, const std::string& person, const Range& range,
                               std::string_view after, size_t at_once)
    : reader_(&reader),
      range_(range),
      prefix_(range.rank ? kWorklist.KeyOf(person, *range.rank) : kWorklist.KeyOf(person)),
      person_size_(kWorklist.KeyOf(person).size()),
      at_once_(at_once) {
  if (!after.empty()) {
    last_ = kWorklist.KeyOf(person).append(after);
    if (!absl::StartsWith(absl::string_view(last_), absl::string_view(prefix_))) {
      ended_ = last_ > prefix_;  // the page begins after the last row of this rank
      last_.clear();
    }
  }
  Refill();
}

WorklistTable::Key WorklistSource::key() const { return KeyOf(rows_.front().key); }

WorklistSource::Row WorklistSource::Take() {
  Row row = std::move(rows_.front());
  rows_.pop_front();
  if (rows_.empty()) Refill();
  return row;
}

void WorklistSource::Refill() {
  if (ended_) return;
  reader_->Scan(prefix_, last_, [this](std::string_view raw, std::string_view bytes) {
    if (raw == last_) return true;
    if (range_.due_before != absl::InfiniteFuture() && std::get<2>(KeyOf(raw)) >= range_.due_before) return false;
    rows_.push_back({std::string(raw), std::string(bytes)});
    return rows_.size() < at_once_;
  });
  ended_ = rows_.size() < at_once_;
  at_once_ = std::max(at_once_, std::min<size_t>(at_once_ * 2, 128));
  if (!rows_.empty()) last_ = rows_.back().key;
}

std::string WorklistSource::OrderOf(std::string_view raw) {
  if (raw.empty()) return "";
  std::string_view rest = raw.substr(1);
  std::string person;
  return store::TakeKey(rest, person) ? std::string(rest) : std::string();
}

}  // namespace throughline::ownership
