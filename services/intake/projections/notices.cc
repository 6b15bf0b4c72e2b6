#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/cases.h"
#include "services/intake/projections/tables.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::intake {
namespace {

void Publish(const outage::v1::NoticePublished& published, v1::NoticeRow& row) {
  v1::LinkedNotice& notice = *row.mutable_notice();
  notice.set_notice_id(published.notice_id());
  notice.set_kind(published.kind());
  notice.set_status(outage::v1::NOTICE_STATUS_ACTIVE);
  notice.set_title(published.title());
  notice.set_current_text(published.description());
  row.set_description(published.description());
  *notice.mutable_next_update_due() = published.next_update_due();
  if (published.has_expected_end()) *notice.mutable_expected_end() = published.expected_end();
  if (published.has_workaround()) notice.set_workaround(published.workaround());
  notice.set_stage(published.stage());
  notice.set_impact(published.impact());
  *row.mutable_component_ids() = published.component_ids();
  if (published.has_scope()) *row.mutable_scope() = published.scope();
  *row.mutable_since() = published.since();
  *row.mutable_keywords() = published.keywords();
}

void Update(const outage::v1::NoticeUpdated& updated, v1::LinkedNotice& notice) {
  notice.set_current_text(updated.text());
  *notice.mutable_next_update_due() = updated.next_update_due();
  notice.clear_expected_end();
  if (updated.has_expected_end()) *notice.mutable_expected_end() = updated.expected_end();
  if (updated.has_workaround()) notice.set_workaround(updated.workaround());
  if (updated.stage() != outage::v1::NOTICE_STAGE_UNSPECIFIED) notice.set_stage(updated.stage());
  if (updated.impact() != outage::v1::NOTICE_IMPACT_UNSPECIFIED) notice.set_impact(updated.impact());
  notice.set_overdue(false);
}

// `active`: its rows by component move with it.
void Correct(const outage::v1::NoticeCorrected& corrected, bool active, const std::string& notice_id,
             v1::NoticeRow& row, store::Batch& batch) {
  v1::LinkedNotice& notice = *row.mutable_notice();
  if (corrected.has_title()) notice.set_title(corrected.title());
  if (corrected.has_description() && notice.current_text() == row.description()) {
    notice.set_current_text(corrected.description());
  }
  if (corrected.has_description()) row.set_description(corrected.description());
  if (corrected.has_current_text()) notice.set_current_text(corrected.current_text());
  if (corrected.has_workaround()) {
    notice.clear_workaround();
    if (!corrected.workaround().empty()) notice.set_workaround(corrected.workaround());
  }
  if (corrected.has_scope()) *row.mutable_scope() = corrected.scope();
  if (corrected.has_since()) *row.mutable_since() = corrected.since();
  if (corrected.component_ids().empty()) return;
  if (active) {
    for (const std::string& component : row.component_ids()) kActiveNotices.Delete(batch, component, notice_id);
    for (const std::string& component : corrected.component_ids()) kActiveNotices.Put(batch, component, notice_id, "");
  }
  *row.mutable_component_ids() = corrected.component_ids();
}

void Resolve(const outage::v1::NoticeResolved& resolved, v1::LinkedNotice& notice) {
  notice.set_status(outage::v1::NOTICE_STATUS_RESOLVED);
  notice.set_stage(resolved.stage());
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
      if (!event.has_defined()) continue;
      row.set_owner(event.defined().owner());
      *row.mutable_keywords() = event.defined().keywords();
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
      case Event::kBegan:
        row.mutable_notice()->set_stage(event.began().stage());
        break;
      case Event::kCorrected:
        Correct(event.corrected(), !row.has_resolved_at(), notice_id, row, batch);
        break;
      case Event::kPostmortem:
        row.mutable_notice()->set_stage(outage::v1::NOTICE_STAGE_POSTMORTEM);
        break;
      case Event::kReassigned:  // customers do not see the owner
      case Event::kFollowUpMade:
      case Event::kFollowUpSettled:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kNotices.Put(batch, notice_id, row);
  batch.Notify("notice/" + notice_id);
}

}  // namespace throughline::intake
