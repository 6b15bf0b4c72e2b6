#include "services/outage-notice/projections/notice_view.h"

#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/stages.h"

namespace throughline::outage {
namespace {

using runtime::FromProto;
using runtime::ToProto;

constexpr int kUpdatesShown = 20;
constexpr int kCorrectionsShown = 20;
constexpr int kExpectedEndsShown = 20;  // besides the first

// What customers are told about its end from here on; `end` is null: unknown.
void Expect(const runtime::AcceptedCommit& commit, const google::protobuf::Timestamp* end, v1::NoticeView& view) {
  view.clear_expected_end();
  if (end != nullptr) *view.mutable_expected_end() = *end;
  const int count = view.expected_ends_size();
  const bool told = count > 0;
  const bool same = told && view.expected_ends(count - 1).has_expected_end() == (end != nullptr) &&
                    (end == nullptr || FromProto(view.expected_ends(count - 1).expected_end()) == FromProto(*end));
  if (same) return;
  v1::ExpectedEndView& expected = *view.add_expected_ends();
  *expected.mutable_at() = ToProto(commit.time);
  if (end != nullptr) *expected.mutable_expected_end() = *end;
  if (view.expected_ends_size() > kExpectedEndsShown + 1) view.mutable_expected_ends()->DeleteSubrange(1, 1);
  if (told) view.mutable_expected_end_score()->set_revision_count(view.expected_end_score().revision_count() + 1);
}

google::protobuf::Duration ToDuration(absl::Duration time) {
  google::protobuf::Duration duration;
  duration.set_seconds(absl::IDivDuration(time, absl::Seconds(1), &time));
  duration.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time)));
  return duration;
}

// Until the notice is over, the score only counts the revisions.
void Score(absl::Time over, v1::NoticeView& view) {
  const v1::ExpectedEndView *first = nullptr, *last = nullptr;
  for (const v1::ExpectedEndView& expected : view.expected_ends()) {
    if (!expected.has_expected_end()) continue;
    if (first == nullptr) first = &expected;
    last = &expected;
  }
  if (first == nullptr) return view.clear_expected_end_score();
  v1::ExpectedEndScore& score = *view.mutable_expected_end_score();
  *score.mutable_first_error() = ToDuration(over - FromProto(first->expected_end()));
  *score.mutable_last_error() = ToDuration(over - FromProto(last->expected_end()));
}

void Publish(const v1::NoticePublished& published, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  view.set_notice_id(published.notice_id());
  view.set_kind(published.kind());
  view.set_status(v1::NOTICE_STATUS_ACTIVE);
  view.set_stage(published.stage() != v1::NOTICE_STAGE_UNSPECIFIED ? published.stage()
                                                                   : FirstStage(published.kind(), false));
  view.set_published_stage(view.stage());
  view.set_impact(published.impact());
  *view.mutable_component_ids() = published.component_ids();
  if (published.has_scope()) *view.mutable_scope() = published.scope();
  view.set_title(published.title());
  view.set_description(published.description());
  view.set_current_text(published.description());
  *view.mutable_since() = published.since();
  *view.mutable_next_update_due() = published.next_update_due();
  Expect(commit, published.has_expected_end() ? &published.expected_end() : nullptr, view);
  if (published.has_valid_until()) *view.mutable_valid_until() = published.valid_until();
  if (published.has_workaround()) view.set_workaround(published.workaround());
  if (published.has_reason()) view.set_reason(published.reason());
  *view.mutable_customer_options() = published.customer_options();
  *view.mutable_keywords() = published.keywords();
  view.set_owner(published.owner());
  view.set_published_by(published.published_by());
  *view.mutable_published_at() = ToProto(commit.time);
}

void AddUpdate(const runtime::AcceptedCommit& commit, const std::string& text, const std::string& by,
               v1::NoticeView& view) {
  v1::NoticeUpdateView& update = *view.add_updates();
  *update.mutable_at() = ToProto(commit.time);
  update.set_text(text);
  update.set_by(by);
  update.set_stage(view.stage());
  if (view.updates_size() > kUpdatesShown) view.mutable_updates()->DeleteSubrange(0, 1);
  view.set_current_text(text);
}

void Update(const v1::NoticeUpdated& updated, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  if (updated.stage() != v1::NOTICE_STAGE_UNSPECIFIED) view.set_stage(updated.stage());
  AddUpdate(commit, updated.text(), updated.by(), view);
  view.set_update_count(view.update_count() + 1);
  *view.mutable_next_update_due() = updated.next_update_due();
  Expect(commit, updated.has_expected_end() ? &updated.expected_end() : nullptr, view);
  if (updated.has_workaround()) view.set_workaround(updated.workaround());
  if (updated.impact() != v1::NOTICE_IMPACT_UNSPECIFIED) view.set_impact(updated.impact());
  view.set_overdue(false);
}

void Resolve(const v1::NoticeResolved& resolved, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  view.set_status(v1::NOTICE_STATUS_RESOLVED);
  view.set_stage(resolved.stage() != v1::NOTICE_STAGE_UNSPECIFIED ? resolved.stage()
                                                                  : LastStage(view.kind(), view.stage()));
  AddUpdate(commit, resolved.text(), resolved.by(), view);
  view.clear_next_update_due();
  view.clear_expected_end();
  view.set_overdue(false);
  *view.mutable_resolved_at() = resolved.resolved_at();
  view.set_cause(resolved.cause());
  view.set_changed(resolved.changed());
  Score(FromProto(resolved.resolved_at()), view);
}

std::string ShowScope(const v1::NoticeScope& scope) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view what, const google::protobuf::RepeatedPtrField<std::string>& hit) {
    if (!hit.empty()) parts.push_back(absl::StrCat(what, " ", absl::StrJoin(hit, ", ")));
  };
  add("regions", scope.regions());
  add("channels", scope.channels());
  add("products", scope.products());
  add("customer groups", scope.customer_groups());
  return parts.empty() ? "everybody" : absl::StrJoin(parts, "; ");
}

std::string ShowTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime(absl::RFC3339_sec, FromProto(time), absl::UTCTimeZone());
}

void Correct(const v1::NoticeCorrected& corrected, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  v1::NoticeCorrectionView& correction = *view.add_corrections();
  *correction.mutable_at() = ToProto(commit.time);
  correction.set_by(corrected.by());
  correction.set_reason(corrected.reason());
  const auto change = [&](const char* field, const std::string& was, const std::string& is) {
    v1::NoticeCorrectionView::Change& change = *correction.add_changes();
    change.set_field(field);
    change.set_was(was);
    change.set_is(is);
  };
  if (corrected.has_title()) {
    change("title", view.title(), corrected.title());
    view.set_title(corrected.title());
  }
  if (corrected.has_description()) {
    change("description", view.description(), corrected.description());
    if (view.updates().empty()) view.set_current_text(corrected.description());
    view.set_description(corrected.description());
  }
  if (corrected.has_current_text()) {
    change("current_text", view.current_text(), corrected.current_text());
    view.set_current_text(corrected.current_text());
    if (!view.updates().empty()) view.mutable_updates()->rbegin()->set_text(corrected.current_text());
  }
  if (corrected.has_workaround()) {
    change("workaround", view.workaround(), corrected.workaround());
    view.clear_workaround();
    if (!corrected.workaround().empty()) view.set_workaround(corrected.workaround());
  }
  if (!corrected.component_ids().empty()) {
    change("component_ids", absl::StrJoin(view.component_ids(), ", "), absl::StrJoin(corrected.component_ids(), ", "));
    *view.mutable_component_ids() = corrected.component_ids();
  }
  if (corrected.has_scope()) {
    change("scope", ShowScope(view.scope()), ShowScope(corrected.scope()));
    *view.mutable_scope() = corrected.scope();
  }
  if (corrected.has_since()) {
    change("since", ShowTime(view.since()), ShowTime(corrected.since()));
    *view.mutable_since() = corrected.since();
  }
  if (view.corrections_size() > kCorrectionsShown) view.mutable_corrections()->DeleteSubrange(0, 1);
}

void AddFollowUp(const ownership::v1::Commitment& made, v1::PostmortemView& postmortem) {
  v1::FollowUpView& follow_up = *postmortem.add_follow_ups();
  follow_up.set_follow_up_id(made.commitment_id());
  follow_up.set_text(made.text());
  follow_up.set_team(made.team());
  follow_up.set_owed_by(made.owed_by());
  *follow_up.mutable_due() = made.due();
}

void SettleFollowUp(const ownership::v1::CommitmentSettled& settled, v1::PostmortemView& postmortem) {
  for (v1::FollowUpView& follow_up : *postmortem.mutable_follow_ups()) {
    if (follow_up.follow_up_id() != settled.commitment_id()) continue;
    follow_up.set_outcome(settled.outcome());
    follow_up.set_evidence(settled.evidence());
  }
}

}  // namespace

void ApplyEvent(const v1::NoticeEvent& event, const runtime::AcceptedCommit& commit, v1::NoticeView& view) {
  using Event = v1::NoticeEvent;
  switch (event.event_case()) {
    case Event::kPublished:
      return Publish(event.published(), commit, view);
    case Event::kUpdated:
      return Update(event.updated(), commit, view);
    case Event::kUpdateMissed:
      view.set_overdue(true);
      view.set_missed_update_count(view.missed_update_count() + 1);
      return;
    case Event::kResolved:
      return Resolve(event.resolved(), commit, view);
    case Event::kReassigned:
      view.set_owner(event.reassigned().to());
      return;
    case Event::kBegan:
      view.set_stage(event.began().stage());
      return;
    case Event::kCorrected:
      return Correct(event.corrected(), commit, view);
    case Event::kPostmortem: {
      view.set_stage(v1::NOTICE_STAGE_POSTMORTEM);
      v1::PostmortemView& postmortem = *view.mutable_postmortem();
      postmortem.set_text(event.postmortem().text());
      postmortem.set_by(event.postmortem().by());
      *postmortem.mutable_at() = ToProto(commit.time);
      return;
    }
    case Event::kFollowUpMade:
      return AddFollowUp(event.follow_up_made().commitment(), *view.mutable_postmortem());
    case Event::kFollowUpSettled:
      return SettleFollowUp(event.follow_up_settled(), *view.mutable_postmortem());
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage
