#include "services/ownership/projections/outage_items.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::ownership {
namespace {

// A suspicion is looked at within a quarter of an hour.
constexpr absl::Duration kLookWithin = absl::Minutes(15);

WorklistRows RowsOf(v1::WorklistReason reason, const std::string& thing, const std::string& about,
                    const std::optional<v1::LearningRow>& learning, std::string text) {
  if (!learning) return {};
  v1::WorklistRow row;
  v1::WorklistItem& item = *row.mutable_item();
  item.set_reason(reason);
  if (reason == v1::WORKLIST_REASON_SUSPECTED_OUTAGE) {
    item.set_component_id(thing);
  } else {
    item.set_notice_id(thing);
    item.set_commitment_id(about);
  }
  item.set_subject(learning->subject());
  item.set_owner(learning->owed_by());
  *item.mutable_due() = learning->due();
  item.set_text(std::move(text));
  *item.mutable_since() = learning->since();
  return {{kWorklist.KeyOf(learning->owed_by(), RankOf(reason), runtime::FromProto(learning->due()), thing, about),
           store::EncodeRow(row)}};
}

WorklistRows SuspicionRows(const std::string& component, const std::optional<v1::LearningRow>& row) {
  return RowsOf(v1::WORKLIST_REASON_SUSPECTED_OUTAGE, component, "", row,
                "Look whether it works: publish a notice, or dismiss the suspicion with a reason.");
}

WorklistRows FollowUpRows(const std::string& notice, const std::string& follow_up,
                          const std::optional<v1::LearningRow>& row) {
  return RowsOf(row && row->broken() ? v1::WORKLIST_REASON_COMMITMENT_BROKEN : v1::WORKLIST_REASON_FOLLOW_UP, notice,
                follow_up, row, row ? row->text() : "");
}

void ApplyToComponent(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = outage::v1::ComponentEvent;
  const std::string& component = commit.stream.key;
  const std::optional<v1::LearningRow> before = kSuspicions.Get(batch, component);
  std::optional<v1::LearningRow> after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kSuspected:
        after.emplace();
        after->set_owed_by(event.suspected().owner());
        after->set_subject(absl::StrCat("Outage suspected of ", component, ": ", event.suspected().cases(),
                                        " cases in ", event.suspected().window().seconds() / 60, " minutes"));
        *after->mutable_due() = runtime::ToProto(runtime::FromProto(event.suspected().at()) + kLookWithin);
        *after->mutable_since() = event.suspected().at();
        break;
      case Event::kReassigned:
        if (after) after->set_owed_by(event.reassigned().to());
        break;
      case Event::kConfirmed:
      case Event::kDismissed:
        after.reset();
        break;
      case Event::kDefined:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  if (!before && !after) return;
  after ? kSuspicions.Put(batch, component, *after) : kSuspicions.Delete(batch, component);
  WriteWorklist(SuspicionRows(component, before), SuspicionRows(component, after), batch);
}

void Replace(const std::string& notice, const std::string& follow_up, const std::optional<v1::LearningRow>& after,
             store::Batch& batch) {
  const auto before = kFollowUps.Get(batch, notice, follow_up);
  after ? kFollowUps.Put(batch, notice, follow_up, *after) : kFollowUps.Delete(batch, notice, follow_up);
  WriteWorklist(FollowUpRows(notice, follow_up, before), FollowUpRows(notice, follow_up, after), batch);
}

void ApplyToNotice(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string& notice = commit.stream.key;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<outage::v1::NoticeEvent>(i);
    if (event.has_follow_up_made()) {
      const v1::Commitment& made = event.follow_up_made().commitment();
      v1::LearningRow row;
      row.set_owed_by(made.owed_by());
      row.set_subject(absl::StrCat("Follow-up of ", made.team()));
      row.set_text(made.text());
      *row.mutable_due() = made.due();
      *row.mutable_since() = runtime::ToProto(commit.time);
      Replace(notice, made.commitment_id(), row, batch);
    } else if (event.has_follow_up_settled()) {
      const v1::CommitmentSettled& settled = event.follow_up_settled();
      std::optional<v1::LearningRow> row;
      if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN) {
        row = kFollowUps.Get(batch, notice, settled.commitment_id());  // until they have seen it
        if (row) row->set_broken(true);
      }
      Replace(notice, settled.commitment_id(), row, batch);
    }
  }
}

}  // namespace

void OutageItems::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "component") ApplyToComponent(commit, batch);
  if (commit.stream.kind == "notice") ApplyToNotice(commit, batch);
}

WorklistRows FindOutageItem(const store::KeyValue& reader, const ItemName& name) {
  if (name.reason == v1::WORKLIST_REASON_SUSPECTED_OUTAGE) {
    return SuspicionRows(name.thing, kSuspicions.Get(reader, name.thing));
  }
  return FollowUpRows(name.thing, name.about, kFollowUps.Get(reader, name.thing, name.about));
}

}  // namespace throughline::ownership
