#include "libs/log/embedded/subscription.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace throughline::log {
namespace {

// The length of a run, after which the next partition has its turn: long enough to make the seek cheap.
constexpr size_t kRunBytes = 4 << 20;

std::vector<LogTail::Cursor> CursorsAt(const Slots& slots, const std::vector<Position>& from) {
  std::vector<LogTail::Cursor> cursors;
  for (const Position& p : from) cursors.push_back({slots.Of(p.partition), p.offset});
  return cursors;
}

}  // namespace

EmbeddedSubscription::EmbeddedSubscription(LogStore& store, LogTail& tail, const Slots& slots,
                                           const std::vector<Position>& from, std::function<void()> wake)
    : store_(store),
      slots_(slots),
      cursors_(CursorsAt(slots, from)),
      tail_(tail),
      reader_(tail, cursors_, std::move(wake)) {
  for (const Position& p : from) {
    const int64_t end = tail.End(slots.Of(p.partition));
    if (p.offset >= 0 && p.offset <= end) continue;
    failure_ = absl::OutOfRangeError(absl::StrCat("reading of ", ToText(p.partition), " was to begin at ", p.offset,
                                                  ", but the log at ", store.path(), " ends at ", end,
                                                  ": it was truncated, or it is another log"));
    return;
  }
}

absl::StatusOr<std::vector<RecordPtr>> EmbeddedSubscription::Poll(size_t max_records) {
  if (!failure_.ok()) return failure_;
  std::vector<RecordPtr> out;
  if (cursors_.empty() || max_records == 0) return out;
  ++turn_;
  // New and old records share a poll, so that neither delays the other.
  const size_t for_new = (max_records + turn_ % 2) / 2;
  const LogTail::Share share = tail_.Take(reader_, cursors_, turn_ % cursors_.size(), max_records, for_new, out);
  if (!share.behind.has_value()) return out;

  if (!run_.has_value()) {
    // Up to the first record in the tail. The tail only drops records, so it never serves this cursor during the run.
    run_cursor_ = *share.behind;
    run_bytes_ = 0;
    const LogTail::Cursor& cursor = cursors_[run_cursor_];
    run_.emplace(store_, Position{slots_.At(cursor.slot), cursor.next}, share.here_from);
  }
  if (absl::Status s = ReadRun(out, max_records); !s.ok()) {
    failure_ = s;
    run_.reset();
    // Records before the damage are valid.
    if (out.empty()) return failure_;
  }
  return out;
}

absl::Status EmbeddedSubscription::ReadRun(std::vector<RecordPtr>& out, size_t max_records) {
  LogTail::Cursor& cursor = cursors_[run_cursor_];
  while (out.size() < max_records && !run_->done() && run_bytes_ < kRunBytes) {
    absl::StatusOr<RecordPtr> record = run_->Next();
    if (!record.ok()) return record.status();
    run_bytes_ += (*record)->value.size() + (*record)->key.size();
    out.push_back(*std::move(record));
    cursor.next = run_->next();
  }
  if (run_->done() || run_bytes_ >= kRunBytes) run_.reset();
  return absl::OkStatus();
}

}  // namespace throughline::log
