#include "services/intake/reactors/learning.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/domain/improvement.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/learning.h"
#include "services/ownership/people/people.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

// More than so many are as many as these.
constexpr size_t kMostMeasured = 100'000;

absl::Duration SecondsOf(const google::protobuf::Duration& period) { return absl::Seconds(period.seconds()); }

bool OpensCase(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == Case::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return static_cast<const v1::CaseEvent&>(*message).opened().has_component_id();
         });
}

// Whether something is wrong with an order that can go wrong with others in the same way.
bool NamesFault(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == "order" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return !static_cast<const supplier::v1::OrderEvent&>(*message).concern_raised().concern().fault().empty();
         });
}

v1::RecurrencePolicy FaultPolicyOf(const Config& config) {
  v1::RecurrencePolicy policy = PolicyOf(config);
  policy.set_threshold(config.fault_threshold);
  policy.mutable_window()->set_seconds(absl::ToInt64Seconds(config.fault_window));
  return policy;
}

// Whether the commit gives somebody something to answer.
bool GivesAnswer(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.events, [&](const runtime::MessagePtr& message) {
    if (commit.stream.kind == Suggestion::kKind) {
      const auto& event = static_cast<const v1::SuggestionEvent&>(*message);
      return event.has_recorded() || event.has_routed();
    }
    if (commit.stream.kind != Improvement::kKind) return false;
    const auto& event = static_cast<const v1::ImprovementEvent&>(*message);
    return event.has_opened() || event.has_routed();
  });
}

std::vector<std::string> OwedBy(const store::KeyValue& reader, const PairTable& table, const std::string& person) {
  std::vector<std::string> ids;
  table.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        ids.push_back(std::get<1>(key));
        return true;
      },
      person);
  return ids;
}

template <typename S, typename Command>
void Relieve(const std::string& id, const std::string& person, const std::string& to, const std::string& team,
             runtime::Reactions& reactions) {
  Command command;
  command.request.set_from(person);
  command.request.set_to(to);
  command.request.set_to_team(team);
  command.request.set_reason("`" + person + "` was deactivated");
  reactions.Execute<S>({S::kKind, id}, std::move(command), absl::StrCat("relieve/", id, "/", person));
}

}  // namespace

RaiseRecurring::RaiseRecurring(const Config& config)
    : cases_(PolicyOf(config)),
      faults_(FaultPolicyOf(config)),
      departments_(config.departments, config.fallback_owner) {}

bool RaiseRecurring::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return (cases_.threshold() > 0 && OpensCase(commit)) || (faults_.threshold() > 0 && NamesFault(commit));
}

void RaiseRecurring::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                           runtime::Reactions& reactions) {
  if (faults_.threshold() > 0 && NamesFault(commit)) {
    std::set<std::string> faults;
    for (size_t i = 0; i < commit.events.size(); ++i) {
      faults.insert(commit.EventAt<supplier::v1::OrderEvent>(i).concern_raised().concern().fault());
    }
    faults.erase("");
    for (const std::string& fault : faults) {
      RaiseIfRecurring(FaultKind(fault), absl::StrCat("faults `", fault, "`"), faults_, commit, reader, reactions);
    }
  }
  if (cases_.threshold() == 0 || !OpensCase(commit)) return;
  const auto row = kCases.Get(reader, commit.stream.key);
  if (!row) return;
  for (const std::string& component : ComponentsOf(row->view())) {
    RaiseIfRecurring(ComponentKind(component), absl::StrCat("cases about ", component), cases_, commit, reader,
                     reactions);
  }
}

void RaiseRecurring::RaiseIfRecurring(const std::string& kind, const std::string& what,
                                      const v1::RecurrencePolicy& policy, const runtime::AcceptedCommit& commit,
                                      const store::KeyValue& reader, runtime::Reactions& reactions) const {
  absl::Time from = commit.time - SecondsOf(policy.window());
  if (const auto known = kImprovements.Get(reader, kind)) {
    const bool closed = known->status() == v1::IMPROVEMENT_STATUS_CLOSED;
    // This matters to a replica that runs reactions from the beginning of the log.
    const bool answered = runtime::FromProto(known->opened_at()) >= commit.time;
    if (!closed || answered || runtime::FromProto(known->closed_at()) >= commit.time) return;
    from = std::max(from, runtime::FromProto(known->closed_at()));
  }
  // An order counts once, however often the same goes wrong with it.
  std::vector<std::string> found;
  for (std::string& id : Occurrences(reader, kind, from, commit.time, size_t{10} * policy.threshold())) {
    if (found.size() < policy.threshold() && !absl::c_linear_search(found, id)) found.push_back(std::move(id));
  }
  if (found.size() < policy.threshold()) return;
  RaiseImprovement command;
  command.count = static_cast<uint32_t>(found.size());
  command.policy = policy;
  command.department = departments_.OfKind(reader, "", kind, reactions.now());
  if (command.department.person.empty()) return;  // the next one finds somebody, perhaps
  command.request.set_kind(kind);
  command.request.set_reason(
      absl::StrCat(command.count, " ", what, " within ", absl::FormatDuration(SecondsOf(policy.window()))));
  found.resize(std::min<size_t>(found.size(), kMostEvidence));
  std::reverse(found.begin(), found.end());
  for (const std::string& id : found) command.request.add_evidence_ids(id);
  reactions.Execute<Improvement>({Improvement::kKind, kind}, std::move(command), "recurring/" + kind);
}

bool RelieveAnswerers::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return ownership::IsDeactivation(commit) || GivesAnswer(commit);
}

void RelieveAnswerers::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                             runtime::Reactions& reactions) {
  std::string person;
  std::vector<std::string> suggestions, improvements;
  if (ownership::IsDeactivation(commit)) {
    person = commit.stream.key;
    suggestions = OwedBy(reader, kSuggestionsOwed, person);
    improvements = OwedBy(reader, kImprovementsOwed, person);
  } else if (GivesAnswer(commit) && commit.stream.kind == Suggestion::kKind) {
    suggestions.push_back(commit.stream.key);
    person = kSuggestions.Get(reader, commit.stream.key).value_or(v1::SuggestionView()).owed_by();
  } else if (GivesAnswer(commit)) {
    improvements.push_back(commit.stream.key);
    person = kImprovements.Get(reader, commit.stream.key).value_or(v1::ImprovementView()).owed_by();
  }
  if (person.empty() || (suggestions.empty() && improvements.empty())) return;
  ownership::WhoTakesOver(reader, person, last_resort_, reactions, [&](const std::string& above) {
    const auto to = [&](const std::string& team) {
      return team.empty() ? above : ownership::AnswersFor(reader, team, reactions.now()).value_or(above);
    };
    for (const std::string& id : suggestions) {
      const std::string team = kSuggestions.Get(reader, id).value_or(v1::SuggestionView()).team();
      Relieve<Suggestion, RelieveSuggestion>(id, person, to(team), team, reactions);
    }
    for (const std::string& kind : improvements) {
      const std::string team = kImprovements.Get(reader, kind).value_or(v1::ImprovementView()).team();
      Relieve<Improvement, RelieveImprovement>(kind, person, to(team), team, reactions);
    }
  });
}

void AnswersDue::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                      runtime::Reactions& reactions) {
  auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream) return;
  if (stream->kind == Suggestion::kKind) {
    MissSuggestion command;
    *command.request.mutable_due() = timer.due();
    reactions.Execute<Suggestion>(*std::move(stream), std::move(command), kAnswerTimer);
  } else if (stream->kind == Improvement::kKind && timer.name() == kAnswerTimer) {
    MissImprovement command;
    *command.request.mutable_due() = timer.due();
    reactions.Execute<Improvement>(*std::move(stream), std::move(command), kAnswerTimer);
  } else if (stream->kind == Improvement::kKind && timer.name() == kMeasureTimer) {
    const auto view = kImprovements.Get(reader, stream->key);
    if (!view) return;  // the timer follows from it
    const absl::Time until = runtime::FromProto(timer.due());
    const absl::Time from = until - SecondsOf(view->policy().closing_window());
    MeasureImprovement command;
    command.request.set_count(
        static_cast<uint32_t>(Occurrences(reader, stream->key, from, until, kMostMeasured).size()));
    reactions.Execute<Improvement>(*std::move(stream), std::move(command), kMeasureTimer);
  }
}

}  // namespace throughline::intake
