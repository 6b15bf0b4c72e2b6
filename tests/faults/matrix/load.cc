#include "tests/faults/matrix/load.h"

#include "absl/time/clock.h"

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
    : ledger_(ledger), client_(client), options_(options), last_(absl::Now()) {
  for (int i = 0; i < options_.senders; ++i)
    threads_.emplace_back([this, i] { Send(options_.seed * 1000 + static_cast<uint64_t>(i)); });
}

void Load::Stop() {
  stop_.store(true);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Send(uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!stop_.load()) {
    Ledger::Entry& entry = *ledger_.Make(random);
    const log::Topic service = testing::ServiceFor(*entry.request);
    const absl::Time deadline = entry.first_sent + options_.patience;
    absl::Duration pause = absl::Milliseconds(20);
    while (true) {
      const absl::Status status = client_.TryOnce(client_.Pick(service), *entry.request, *entry.response);
      ledger_.Note(entry, status);
      if (status.ok()) Acknowledged();
      if (!testing::OutcomeUnknown(status) || stop_.load()) break;
      absl::SleepFor(pause);
      pause = std::min(pause * 2, absl::Milliseconds(300));
      if (absl::Now() > deadline) break;
    }
    absl::SleepFor(options_.pause);
  }
}

void Load::Acknowledged() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  longest_ = std::max(longest_, now - last_);
  last_ = now;
}

absl::Duration Load::LongestGap() {
  absl::MutexLock lock(&mutex_);
  const absl::Duration longest = std::max(longest_, absl::Now() - last_);
  longest_ = absl::ZeroDuration();
  return longest;
}

bool Load::AwaitSent(int64_t commands) const {
  return Await([this] { return ledger_.sent(); }, commands);
}
bool Load::AwaitAcknowledged(int64_t commands) const {
  return Await([this] { return ledger_.acknowledged(); }, commands);
}

}  // namespace throughline::faults
