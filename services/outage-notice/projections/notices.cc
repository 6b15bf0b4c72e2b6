#include "services/outage-notice/projections/notices.h"

#include <array>
#include <set>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/stages.h"
#include "services/outage-notice/projections/notice_view.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

template <typename T, typename... Key>
void Move(store::Batch& batch, const T& table, bool was, bool is, const Key&... key) {
  if (is && !was) table.Put(batch, key..., std::string());
  if (was && !is) table.Delete(batch, key...);
}

struct Timer {
  const char* name;
  std::optional<absl::Time> due;
};

// The timers of a notice as it is: for the update that is due next and not yet missed, for its beginning and for the
// end of its validity.
std::array<Timer, 3> TimersOf(const v1::NoticeView& notice) {
  const bool active = notice.status() == v1::NOTICE_STATUS_ACTIVE;
  const auto at = [](bool set, const google::protobuf::Timestamp& time) {
    return set ? std::optional(runtime::FromProto(time)) : std::nullopt;
  };
  return {Timer{kNextUpdate, at(notice.has_next_update_due() && !notice.overdue(), notice.next_update_due())},
          Timer{kBeginning, at(active && IsAhead(notice.stage()), notice.since())},
          Timer{kValidity, at(active && notice.has_valid_until(), notice.valid_until())}};
}

void MoveTimers(store::Batch& batch, const std::string& stream, const v1::NoticeView& before,
                const v1::NoticeView& after) {
  const auto was = TimersOf(before), is = TimersOf(after);
  for (size_t i = 0; i < was.size(); ++i) {
    if (was[i].due == is[i].due) continue;
    if (was[i].due) runtime::CancelTimer(batch, *was[i].due, stream, was[i].name);
    if (is[i].due) runtime::ScheduleTimer(batch, *is[i].due, stream, is[i].name);
  }
}

// One timer for each follow-up that is open.
void MoveFollowUps(store::Batch& batch, const std::string& stream, const v1::NoticeView& before,
                   const v1::NoticeView& after) {
  const auto open = [](const v1::NoticeView& notice, int i) {
    return i < notice.postmortem().follow_ups_size() &&
           notice.postmortem().follow_ups(i).outcome() == ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED;
  };
  for (int i = 0; i < after.postmortem().follow_ups_size(); ++i) {
    const v1::FollowUpView& follow_up = after.postmortem().follow_ups(i);
    const std::string name = kFollowUp + follow_up.follow_up_id();
    const absl::Time due = runtime::FromProto(follow_up.due());
    if (open(before, i) && !open(after, i)) runtime::CancelTimer(batch, due, stream, name);
    if (!open(before, i) && open(after, i)) runtime::ScheduleTimer(batch, due, stream, name);
  }
}

}  // namespace

void Changed(store::Batch& batch, const std::string& id, const log::Position& position, const v1::NoticeView& notice) {
  const int64_t topic = static_cast<int64_t>(position.partition.topic), partition = position.partition.index;
  if (const auto last = kLastChanges.Get(batch, id, topic, partition)) {
    kByChange.Delete(batch, topic, partition, *last, id);
  }
  kLastChanges.Put(batch, id, topic, partition, position.offset);
  kByChange.Put(batch, topic, partition, position.offset, id, std::string());
  runtime::Count(batch, kNoticeChanges, 1);
  batch.Notify(kAnyNotice);
  for (const std::string& component : notice.component_ids()) batch.Notify(NoticesOf(component));
}

void NoticeProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Notice::kKind) return;
  const std::string& id = commit.stream.key;
  const v1::NoticeView before = kNotices.Get(batch, id).value_or(v1::NoticeView());
  v1::NoticeView after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) ApplyEvent(commit.EventAt<v1::NoticeEvent>(i), commit, after);
  after.set_version(commit.version);
  kNotices.Put(batch, id, after);

  const bool was_active = before.status() == v1::NOTICE_STATUS_ACTIVE,
             is_active = after.status() == v1::NOTICE_STATUS_ACTIVE;
  const store::Descending at{runtime::FromProto(after.published_at())};
  Move(batch, kByTime, before.version() > 0, true, at, id);
  Move(batch, kActive, was_active, is_active, at, id);
  Move(batch, kOverdue, before.overdue(), after.overdue(), at, id);
  std::set<std::string> components(before.component_ids().begin(), before.component_ids().end());
  components.insert(after.component_ids().begin(), after.component_ids().end());
  for (const std::string& component : components) {
    const bool was = absl::c_linear_search(before.component_ids(), component),
               is = absl::c_linear_search(after.component_ids(), component);
    Move(batch, kByComponent, was, is, component, at, id);
    Move(batch, kActiveOf, was && was_active, is && is_active, component, at, id);
    if (was && !is) batch.Notify(NoticesOf(component));
  }
  const bool moves = before.owner() != after.owner();
  if (was_active && (!is_active || moves)) kActiveByOwner.Delete(batch, before.owner(), id);
  if (is_active && (!was_active || moves)) kActiveByOwner.Put(batch, after.owner(), id, std::string());
  runtime::Count(batch, kNoticesActive, is_active - was_active);
  runtime::Count(batch, kNoticesOverdue, after.overdue() - before.overdue());
  MoveTimers(batch, commit.stream.ToString(), before, after);
  MoveFollowUps(batch, commit.stream.ToString(), before, after);
  Changed(batch, id, commit.position, after);
}

}  // namespace throughline::outage
