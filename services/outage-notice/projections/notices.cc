#include "services/outage-notice/projections/notices.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr int kUpdatesShown = 20;

void Publish(const v1::NoticePublished& published, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  view.set_notice_id(published.notice_id());
  view.set_kind(published.kind());
  view.set_status(v1::NOTICE_STATUS_ACTIVE);
  *view.mutable_component_ids() = published.component_ids();
  view.set_title(published.title());
  view.set_description(published.description());
  view.set_current_text(published.description());
  *view.mutable_since() = published.since();
  *view.mutable_next_update_due() = published.next_update_due();
  if (published.has_expected_end()) *view.mutable_expected_end() = published.expected_end();
  if (published.has_workaround()) view.set_workaround(published.workaround());
  if (published.has_reason()) view.set_reason(published.reason());
  *view.mutable_customer_options() = published.customer_options();
  view.set_owner(published.owner());
  view.set_published_by(published.published_by());
  *view.mutable_published_at() = runtime::ToProto(commit.time);
}

void AddUpdate(const runtime::AcceptedCommit& commit, const std::string& text, const std::string& by,
               v1::NoticeView& view) {
  v1::NoticeUpdateView& update = *view.add_updates();
  *update.mutable_at() = runtime::ToProto(commit.time);
  update.set_text(text);
  update.set_by(by);
  if (view.updates_size() > kUpdatesShown) view.mutable_updates()->DeleteSubrange(0, 1);
  view.set_current_text(text);
}

void ApplyEvent(const v1::NoticeEvent& event, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  using Event = v1::NoticeEvent;
  switch (event.event_case()) {
    case Event::kPublished:
      return Publish(event.published(), commit, view);
    case Event::kUpdated: {
      const v1::NoticeUpdated& updated = event.updated();
      AddUpdate(commit, updated.text(), updated.by(), view);
      view.set_update_count(view.update_count() + 1);
      *view.mutable_next_update_due() = updated.next_update_due();
      view.clear_expected_end();
      if (updated.has_expected_end()) *view.mutable_expected_end() = updated.expected_end();
      if (updated.has_workaround()) view.set_workaround(updated.workaround());
      view.set_overdue(false);
      return;
    }
    case Event::kUpdateMissed:
      view.set_overdue(true);
      view.set_missed_update_count(view.missed_update_count() + 1);
      return;
    case Event::kResolved:
      AddUpdate(commit, event.resolved().text(), event.resolved().by(), view);
      view.set_status(v1::NOTICE_STATUS_RESOLVED);
      view.clear_next_update_due();
      view.clear_expected_end();
      view.set_overdue(false);
      *view.mutable_resolved_at() = event.resolved().resolved_at();
      return;
    case Event::kReassigned:
      view.set_owner(event.reassigned().to());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

template <typename T, typename... Key>
void Move(store::Batch& batch, const T& table, bool was, bool is, const Key&... key) {
  if (is && !was) table.Put(batch, key..., std::string());
  if (was && !is) table.Delete(batch, key...);
}

// One timer, for the update that is due next and not yet missed.
void MoveTimer(store::Batch& batch, const std::string& stream, const v1::NoticeView& before,
               const v1::NoticeView& after) {
  if (before.has_next_update_due() && !before.overdue()) {
    runtime::CancelTimer(batch, runtime::FromProto(before.next_update_due()), stream, kNextUpdate);
  }
  if (after.has_next_update_due() && !after.overdue()) {
    runtime::ScheduleTimer(batch, runtime::FromProto(after.next_update_due()), stream, kNextUpdate);
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
  for (const std::string& component : after.component_ids()) {
    Move(batch, kByComponent, before.version() > 0, true, component, at, id);
    Move(batch, kActiveOf, was_active, is_active, component, at, id);
  }
  const bool moves = before.owner() != after.owner();
  if (was_active && (!is_active || moves)) kActiveByOwner.Delete(batch, before.owner(), id);
  if (is_active && (!was_active || moves)) kActiveByOwner.Put(batch, after.owner(), id, std::string());
  runtime::Count(batch, kNoticesActive, is_active - was_active);
  runtime::Count(batch, kNoticesOverdue, after.overdue() - before.overdue());
  MoveTimer(batch, commit.stream.ToString(), before, after);
  Changed(batch, id, commit.position, after);
}

}  // namespace throughline::outage
