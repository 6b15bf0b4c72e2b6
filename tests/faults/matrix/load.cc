#include "tests/faults/matrix/load.h"

#include <algorithm>

#include "absl/time/clock.h"
#include <fmt/format.h>

namespace throughline::faults {
namespace {

constexpr absl::Duration kStandstill = absl::Seconds(150);

template <typename Count>
bool Await(const Count& count, int64_t enough) {
  int64_t last = count();
  absl::Time moved = absl::Now();
  while (true) {
    const int64_t now = count();
    if (now >= enough) return true;
    if (now != last) {
      last = now;
      moved = absl::Now();
    }
    if (absl::Now() - moved > kStandstill) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace

Load::Load(Ledger& ledger, const testing::Failover& client, Options options)
    : ledger_(ledger),
      client_(client),
      options_(options),
      last_(absl::Now()),
      last_of_(static_cast<size_t>(options.senders), absl::Now()) {
  for (size_t i = 0; i < last_of_.size(); ++i)
    threads_.emplace_back([this, i] { Send(i, options_.seed * 1000 + static_cast<uint64_t>(i)); });
}

void Load::Stop() {
  stop_.store(true);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Send(size_t sender, uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!stop_.load()) {
    Ledger::Entry& entry = *ledger_.Make(random);
    const absl::Time deadline = entry.first_sent + options_.patience;
    absl::Duration pause = absl::Milliseconds(20);
    while (true) {
      const absl::Status status = client_.Send(*entry.request, *entry.response);
      ledger_.Note(entry, status);
      if (status.ok()) Acknowledged(sender);
      if (!testing::OutcomeUnknown(status) || stop_.load()) break;
      absl::SleepFor(pause);
      pause = std::min(pause * 2, absl::Milliseconds(300));
      if (absl::Now() > deadline) break;
    }
    absl::SleepFor(options_.pause);
  }
}

void Load::Acknowledged(size_t sender) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  longest_.of_all = std::max(longest_.of_all, now - last_);
  longest_.of_one = std::max(longest_.of_one, now - last_of_[sender]);
  last_ = last_of_[sender] = now;
}

Load::Gap Load::LongestGap() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  Gap longest = longest_;
  longest.of_all = std::max(longest.of_all, now - last_);
  for (const absl::Time last : last_of_) longest.of_one = std::max(longest.of_one, now - last);
  longest_ = {};
  return longest;
}

void Load::ForgetGaps() {
  absl::MutexLock lock(&mutex_);
  longest_ = {};
  last_ = absl::Now();
  std::fill(last_of_.begin(), last_of_.end(), last_);
}

void Load::NoteGap(const std::string& what, absl::Duration aim, Outcome& outcome) {
  const Gap gap = LongestGap();
  outcome.Note(fmt::format("{}: longest gap in acknowledgements {:.2f} s (aim {:.1f} s), of one sender {:.2f} s", what,
                           absl::ToDoubleSeconds(gap.of_all), absl::ToDoubleSeconds(aim),
                           absl::ToDoubleSeconds(gap.of_one)));
  outcome.longest_gap = std::max(outcome.longest_gap.value_or(absl::ZeroDuration()), gap.of_all);
}

void Load::NoteHedges(Outcome& outcome) const {
  const client::HedgeCounts counts = client_.hedges();
  outcome.Note(fmt::format("of {} calls {} were hedged within the budget, and {} moved from a replica that hung",
                           counts.calls, counts.hedges - counts.moved, counts.moved));
}

bool Load::AwaitSent(int64_t commands) const {
  return Await([this] { return ledger_.sent(); }, commands);
}
bool Load::AwaitAcknowledged(int64_t commands) const {
  return Await([this] { return ledger_.acknowledged(); }, commands);
}

}  // namespace throughline::faults
