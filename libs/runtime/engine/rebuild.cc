#include "libs/runtime/engine/rebuild.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/fold/read_ahead.h"
#include "libs/runtime/kill_point.h"

namespace throughline::runtime {
namespace {

constexpr absl::Duration kTellEvery = absl::Seconds(1);
constexpr absl::Duration kSilence = absl::Minutes(1);
constexpr absl::Duration kLookEvery = absl::Milliseconds(50);

int64_t SumOf(const std::vector<log::Position>& positions) {
  int64_t sum = 0;
  for (const log::Position& position : positions) sum += position.offset;
  return sum;
}

}  // namespace

absl::Duration Throttle::PauseAfter(int64_t done, absl::Duration now) {
  if (per_second_ <= 0) return absl::ZeroDuration();
  due_ = std::max(due_, now) + absl::Seconds(static_cast<double>(done) / static_cast<double>(per_second_));
  return due_ - now;
}

Rebuild::Rebuild(Definition& definition, log::EventLog& log, store::KeyValue& store, const Clock& clock,
                 const Pace& pace)
    : definition_(definition),
      log_(log),
      store_(store),
      clock_(clock),
      pace_(pace),
      throttle_(pace.records_per_second),
      probe_(registry_, definition.folds),
      heads_(store) {}

absl::Status Rebuild::Start() {
  if (absl::Status status = identity_.Open(log_, store_); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Positions>> positions = identity_.Beginning(definition_.folds);
  if (!positions.ok()) return positions.status();
  positions_ = *std::move(positions);
  std::vector<Projection*> projections;
  for (const auto& projection : definition_.projections) projections.push_back(projection.get());
  fold_ = std::make_unique<Fold>(definition_.types, std::move(projections), store_, heads_, *positions_, probe_);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<log::Position>> Rebuild::Ends() {
  // Shared: the log may answer after this gave up.
  struct Answer {
    absl::Mutex mutex;
    std::optional<absl::StatusOr<std::vector<log::Position>>> ends ABSL_GUARDED_BY(mutex);
  };
  const auto answer = std::make_shared<Answer>();
  log_.QueryEnds(positions_->All(), [answer, inbox = inbox_](absl::StatusOr<std::vector<log::Position>> ends) {
    absl::MutexLock lock(&answer->mutex);
    answer->ends = std::move(ends);
    inbox->Wake();
  });
  const absl::Duration begun = clock_.Steady();
  while (!cancelled()) {
    {
      absl::MutexLock lock(&answer->mutex);
      if (answer->ends) return *std::move(answer->ends);
    }
    if (clock_.Steady() - begun > kSilence) return absl::UnavailableError("the log does not say where it ends");
    inbox_->Take();
    inbox_->Wait(kLookEvery);
  }
  return absl::CancelledError("the rebuild was stopped");
}

std::vector<log::Position> Rebuild::Folded() const {
  std::vector<log::Position> folded;
  for (const log::Partition& partition : positions_->All()) folded.push_back({partition, positions_->Next(partition)});
  return folded;
}

std::vector<log::Position> Rebuild::FoldedIn(const store::KeyValue& store) const {
  std::vector<log::Position> folded;
  for (log::Topic topic : log::kTopics) {
    const std::vector<FoldedPosition> places = ReadFoldedPositions(store, topic, positions_->PartitionsOf(topic));
    for (size_t i = 0; i < places.size(); ++i) folded.push_back({{topic, static_cast<int32_t>(i)}, places[i].next});
  }
  return folded;
}

absl::Status Rebuild::FoldTo(const std::vector<log::Position>& target, const Told& told) {
  std::vector<log::Position> from = fold_->From();
  for (const log::Position& end : target) {
    if (positions_->Next(end.partition) > end.offset) {
      return absl::OutOfRangeError(absl::StrCat("it is folded further than ", log::ToText(end), " already"));
    }
  }
  // Partitions that are where they shall be are not read, except for a last record that is not recognized yet.
  std::erase_if(from, [&](const log::Position& position) {
    const auto end = absl::c_find_if(target, [&](const auto& p) { return p.partition == position.partition; });
    return end == target.end() || position.offset >= end->offset;
  });
  Progress progress{.records = SumOf(Folded()), .of = SumOf(target)};
  const int64_t records_before = progress.records;
  const absl::Duration begun = clock_.Steady();
  absl::Duration told_at = begun, gave = begun;
  const auto tell = [&] {
    told_at = clock_.Steady();
    progress.records = SumOf(Folded());
    const double seconds = absl::ToDoubleSeconds(told_at - begun);
    progress.per_second = seconds > 0 ? static_cast<double>(progress.records - records_before) / seconds : 0;
    progress.left = progress.records >= progress.of ? absl::ZeroDuration()
                    : progress.per_second > 0
                        ? absl::Seconds(static_cast<double>(progress.of - progress.records) / progress.per_second)
                        : absl::InfiniteDuration();
    return told(progress);
  };
  const auto subscription = ReadAhead::Subscribe(
      log_, std::move(from), [inbox = inbox_] { inbox->Wake(); }, definition_.types, *positions_);
  if (!subscription.ok()) return subscription.status();
  while (!AtEnd(target)) {
    if (cancelled()) return absl::CancelledError("the rebuild was stopped");
    inbox_->Take();
    const absl::StatusOr<size_t> folded = Step(**subscription, target);
    if (!folded.ok()) return folded.status();
    const absl::Duration now = clock_.Steady();
    if (*folded > 0) {
      gave = now;
      inbox_->WaitForTask(throttle_.PauseAfter(static_cast<int64_t>(*folded), now));
    } else if (now - gave > kSilence) {
      return absl::UnavailableError("the log has given nothing for a minute: see that it can be reached");
    } else {
      inbox_->Wait(kLookEvery);
    }
    if (now - told_at < kTellEvery) continue;
    if (absl::Status status = tell(); !status.ok()) return status;
  }
  return tell();
}

absl::StatusOr<size_t> Rebuild::Step(log::Subscription& subscription, const std::vector<log::Position>& target) {
  // At a low rate in smaller steps, so that it does not work in bursts.
  constexpr int64_t kStepsPerSecond = 20;
  size_t most = pace_.step;
  if (pace_.records_per_second > 0) {
    most = std::clamp<size_t>(static_cast<size_t>(pace_.records_per_second / kStepsPerSecond), 1, most);
  }
  absl::StatusOr<std::vector<log::RecordPtr>> records = subscription.Poll(most);
  if (!records.ok()) return records.status();
  const size_t given = records->size();
  std::erase_if(*records, [&](const log::RecordPtr& record) {
    return absl::c_none_of(target, [&](const log::Position& end) {
      return end.partition == record->partition && record->offset < end.offset;
    });
  });
  if (records->empty()) return given;
  std::vector<runtime::Folded> folded;
  absl::flat_hash_set<std::string> notified;
  const auto none = [](const std::string&) -> const LocalCommit* { return nullptr; };
  if (absl::Status status = fold_->Apply(*records, none, folded, notified); !status.ok()) return status;
  if (!fold_->stopped().empty()) return absl::FailedPreconditionError(fold_->stopped().begin()->second);
  KillPoint("rebuilding");
  return given;
}

bool Rebuild::AtEnd(const std::vector<log::Position>& target) const {
  return !fold_->Unseen() && absl::c_all_of(target, [&](const log::Position& end) { return positions_->Reached(end); });
}

void Rebuild::Cancel() {
  cancelled_.store(true);
  inbox_->Close();
}

}  // namespace throughline::runtime
