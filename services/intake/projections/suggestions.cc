// kSuggestions, kSuggestionLists and kSuggestionsOwed, their timers and counters.

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/suggestion.h"
#include "services/intake/projections/learning.h"

namespace throughline::intake {
namespace {

using runtime::FromProto;
using runtime::ToProto;

void EvolveSuggestion(v1::SuggestionView& view, const v1::SuggestionEvent& event, absl::Time time) {
  using Event = v1::SuggestionEvent;
  switch (event.event_case()) {
    case Event::kRecorded: {
      const auto& recorded = event.recorded();
      view.set_suggestion_id(recorded.suggestion_id());
      view.set_status(v1::SUGGESTION_STATUS_OPEN);
      view.set_text(recorded.text());
      view.set_recorded_by(recorded.recorded_by());
      *view.mutable_recorded_at() = ToProto(time);
      if (recorded.has_case_id()) view.set_case_id(recorded.case_id());
      view.set_customer_id(recorded.customer_id());
      view.set_team(recorded.team());
      view.set_owed_by(recorded.owed_by());
      *view.mutable_owed_since() = ToProto(time);
      view.set_routing(recorded.routing());
      view.set_matched(recorded.matched());
      *view.mutable_answer_due() = recorded.answer_due();
      return;
    }
    case Event::kRouted:
      if (event.routed().to_team() != view.team()) view.set_rerouted_count(view.rerouted_count() + 1);
      view.set_team(event.routed().to_team());
      view.set_owed_by(event.routed().to());
      *view.mutable_owed_since() = ToProto(time);
      return;
    case Event::kAcknowledged:
      view.set_acknowledged_by(event.acknowledged().by());
      view.set_acknowledgement(event.acknowledged().words());
      *view.mutable_acknowledged_at() = ToProto(time);
      return;
    case Event::kAnswered:
      view.set_status(v1::SUGGESTION_STATUS_ANSWERED);
      view.set_decision(event.answered().decision());
      view.set_reason(event.answered().reason());
      view.set_answered_by(event.answered().by());
      *view.mutable_answered_at() = ToProto(time);
      return;
    case Event::kAnswerMissed:
      view.set_missed(true);
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

bool IsOpenSuggestion(const v1::SuggestionView& view) { return view.status() == v1::SUGGESTION_STATUS_OPEN; }

std::set<std::string> ListsWith(const v1::SuggestionView& view) {
  if (view.suggestion_id().empty()) return {};
  std::set<std::string> lists = {kAllSuggestions, ListOfTeam(view.team())};
  if (view.has_case_id()) lists.insert(ListOfCase(view.case_id()));
  if (!view.customer_id().empty()) lists.insert(ListOfSuggester(view.customer_id()));
  if (IsOpenSuggestion(view)) lists.insert(kOpenSuggestions);
  if (IsOpenSuggestion(view) && view.missed()) lists.insert(kOverdueSuggestions);
  return lists;
}

void CountSuggestion(const v1::SuggestionEvent& event, store::Batch& batch) {
  if (event.has_recorded()) runtime::Count(batch, kSuggestionsRecorded, 1);
  if (event.has_answered()) runtime::Count(batch, kSuggestionsAnswered, 1);
  if (event.has_answer_missed()) runtime::Count(batch, kSuggestionsMissed, 1);
}

}  // namespace

void SuggestionsProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Suggestion::kKind) return;
  const std::string& id = commit.stream.key;
  const v1::SuggestionView before = kSuggestions.Get(batch, id).value_or(v1::SuggestionView());
  v1::SuggestionView after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::SuggestionEvent>(i);
    EvolveSuggestion(after, event, commit.time);
    CountSuggestion(event, batch);
  }
  after.set_version(commit.version);
  kSuggestions.Put(batch, id, after);
  const store::Descending at{FromProto(after.recorded_at())};
  const std::set<std::string> was = ListsWith(before), is = ListsWith(after);
  for (const std::string& list : was) {
    if (!is.contains(list)) kSuggestionLists.Delete(batch, list, at, id);
  }
  for (const std::string& list : is) {
    if (!was.contains(list)) kSuggestionLists.Put(batch, list, at, id, "");
  }
  const bool was_open = IsOpenSuggestion(before), is_open = IsOpenSuggestion(after);
  if (was_open) kSuggestionsOwed.Delete(batch, before.owed_by(), id);
  if (is_open) kSuggestionsOwed.Put(batch, after.owed_by(), id, "");
  runtime::Count(batch, kSuggestionsOpen, is_open - was_open);
  runtime::Count(batch, kSuggestionsOverdue, (is_open && after.missed()) - (was_open && before.missed()));
  const std::string stream = commit.stream.ToString();
  const auto waits = [](const v1::SuggestionView& view) { return IsOpenSuggestion(view) && !view.missed(); };
  if (waits(before) && !waits(after)) {
    runtime::CancelTimer(batch, FromProto(before.answer_due()), stream, kAnswerTimer);
  }
  if (waits(after) && !waits(before)) {
    runtime::ScheduleTimer(batch, FromProto(after.answer_due()), stream, kAnswerTimer);
  }
}

std::string ListOfTeam(const std::string& team) { return "team/" + team; }
std::string ListOfCase(const std::string& case_id) { return "case/" + case_id; }
std::string ListOfSuggester(const std::string& customer_id) { return "customer/" + customer_id; }

}  // namespace throughline::intake
