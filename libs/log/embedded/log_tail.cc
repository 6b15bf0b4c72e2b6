#include "libs/log/embedded/log_tail.h"

#include <algorithm>
#include <utility>

namespace throughline::log {
namespace {

constexpr size_t kOverheadBytes = 128;  // per record, besides its bytes

size_t Bytes(const Record& r) { return r.key.size() + r.value.size() + kOverheadBytes; }

}  // namespace

LogTail::Reader::Reader(LogTail& tail, const std::vector<Cursor>& cursors, std::function<void()> wake)
    : tail_(tail), reads_(tail.slots_.size(), false) {
  for (const Cursor& cursor : cursors) reads_[cursor.slot] = true;
  {
    absl::MutexLock lock(&waker_->mu);
    waker_->wake = std::move(wake);
  }
  absl::MutexLock lock(&tail_.mu_);
  tail_.readers_.push_back(this);
}

LogTail::Reader::~Reader() {
  {
    absl::MutexLock lock(&tail_.mu_);
    std::erase(tail_.readers_, this);
  }
  absl::MutexLock lock(&waker_->mu);
  waker_->wake = nullptr;
}

LogTail::LogTail(Slots slots, std::vector<int64_t> ends, size_t max_bytes)
    : slots_(slots), max_bytes_(max_bytes), lanes_(slots.size()) {
  for (size_t slot = 0; slot < ends.size(); ++slot) lanes_[slot].end = ends[slot];
}

void LogTail::Publish(const std::vector<RecordPtr>& durable) {
  std::vector<RecordPtr> dropped;  // freed after the lock is released
  std::vector<std::shared_ptr<Reader::Waker>> wakers;
  {
    absl::MutexLock lock(&mu_);
    for (const RecordPtr& record : durable) {
      const size_t slot = slots_.Of(record->partition);
      lanes_[slot].records.push_back(record);
      lanes_[slot].end = record->offset + 1;
      ages_.push_back(slot);
      bytes_ += Bytes(*record);
    }
    while (bytes_ > max_bytes_ && !ages_.empty()) {
      std::deque<RecordPtr>& records = lanes_[ages_.front()].records;
      ages_.pop_front();
      bytes_ -= Bytes(*records.front());
      dropped.push_back(std::move(records.front()));
      records.pop_front();
    }
    for (Reader* reader : readers_) {
      if (!reader->hungry_) continue;
      const bool concerned = std::any_of(durable.begin(), durable.end(), [&](const RecordPtr& record) {
        return reader->reads_[slots_.Of(record->partition)];
      });
      if (!concerned) continue;
      reader->hungry_ = false;
      wakers.push_back(reader->waker_);
    }
  }
  // Without the lock, so that `wake` may take any lock.
  for (const auto& waker : wakers) {
    absl::MutexLock lock(&waker->mu);
    if (waker->wake) waker->wake();
  }
}

int64_t LogTail::End(size_t slot) const {
  absl::MutexLock lock(&mu_);
  return lanes_[slot].end;
}

LogTail::Share LogTail::Take(Reader& reader, std::vector<Cursor>& cursors, size_t first, size_t max_records,
                             size_t max_if_behind, std::vector<RecordPtr>& out) {
  absl::MutexLock lock(&mu_);
  Share share;
  size_t ready = 0;
  for (size_t i = 0; i < cursors.size(); ++i) {
    const size_t index = (first + i) % cursors.size();
    const Cursor& cursor = cursors[index];
    const Lane& lane = lanes_[cursor.slot];
    if (cursor.next >= lane.end) continue;
    if (cursor.next >= lane.first()) {
      ++ready;
    } else if (!share.behind.has_value()) {
      share.behind = index;
      share.here_from = lane.first();
    }
  }
  reader.hungry_ = ready == 0 && !share.behind.has_value();
  if (ready == 0) return share;

  const size_t limit = out.size() + (share.behind.has_value() ? max_if_behind : max_records);
  // First a fair share for each partition, then the rest in order.
  for (size_t each : {(limit - out.size()) / ready, limit}) {
    for (size_t i = 0; i < cursors.size() && out.size() < limit; ++i) {
      Cursor& cursor = cursors[(first + i) % cursors.size()];
      const Lane& lane = lanes_[cursor.slot];
      if (cursor.next >= lane.end || cursor.next < lane.first()) continue;
      const size_t count = std::min({each, limit - out.size(), static_cast<size_t>(lane.end - cursor.next)});
      const auto begin = lane.records.begin() + (cursor.next - lane.first());
      out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
      cursor.next += static_cast<int64_t>(count);
    }
  }
  return share;
}

}  // namespace throughline::log
