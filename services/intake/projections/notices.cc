#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/cases.h"
#include "services/intake/projections/tables.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

void Publish(const outage::v1::NoticePublished& published, v1::NoticeRow& row) {
  v1::LinkedNotice& notice = *row.mutable_notice();
  notice.set_notice_id(published.notice_id());
  notice.set_kind(published.kind());
  notice.set_status(outage::v1::NOTICE_STATUS_ACTIVE);
  notice.set_title(published.title());
  notice.set_current_text(published.description());
  *notice.mutable_next_update_due() = published.next_update_due();
  if (published.has_expected_end()) *notice.mutable_expected_end() = published.expected_end();
  if (published.has_workaround()) notice.set_workaround(published.workaround());
  *row.mutable_component_ids() = published.component_ids();
}

void Update(const outage::v1::NoticeUpdated& updated, v1::LinkedNotice& notice) {
  notice.set_current_text(updated.text());
  *notice.mutable_next_update_due() = updated.next_update_due();
  notice.clear_expected_end();
  if (updated.has_expected_end()) *notice.mutable_expected_end() = updated.expected_end();
  if (updated.has_workaround()) notice.set_workaround(updated.workaround());
  notice.set_overdue(false);
}

void Resolve(const outage::v1::NoticeResolved& resolved, v1::LinkedNotice& notice) {
  notice.set_status(outage::v1::NOTICE_STATUS_RESOLVED);
  notice.set_current_text(resolved.text());
  notice.clear_next_update_due();
  notice.clear_expected_end();
  notice.set_overdue(false);
}

}  // namespace

void NoticesProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = outage::v1::NoticeEvent;
  if (commit.stream.kind == "component") {
    v1::ComponentRow row = kComponents.Get(batch, commit.stream.key).value_or(v1::ComponentRow());
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const auto& event = commit.EventAt<outage::v1::ComponentEvent>(i);
      if (event.has_defined()) row.set_owner(event.defined().owner());
    }
    *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
    kComponents.Put(batch, commit.stream.key, row);
    batch.Notify("component/" + commit.stream.key);
    return;
  }
  if (commit.stream.kind != "notice") return;
  const std::string& notice_id = commit.stream.key;
  v1::NoticeRow row = kNotices.Get(batch, notice_id).value_or(v1::NoticeRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kPublished:
        Publish(event.published(), row);
        for (const std::string& component : row.component_ids()) kActiveNotices.Put(batch, component, notice_id, "");
        break;
      case Event::kUpdated:
        Update(event.updated(), *row.mutable_notice());
        break;
      case Event::kUpdateMissed:
        row.mutable_notice()->set_overdue(true);
        break;
      case Event::kResolved:
        Resolve(event.resolved(), *row.mutable_notice());
        *row.mutable_resolved_at() = runtime::ToProto(commit.time);
        for (const std::string& component : row.component_ids()) kActiveNotices.Delete(batch, component, notice_id);
        break;
      case Event::kReassigned:  // customers do not see the owner
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kNotices.Put(batch, notice_id, row);
  batch.Notify("notice/" + notice_id);
}

}  // namespace throughline::intake
