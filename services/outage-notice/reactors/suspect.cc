#include "services/outage-notice/reactors/suspect.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/stages.h"
#include "services/outage-notice/projections/linked_cases.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"
#include "services/ownership/people/people.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {
namespace {

// A surge that is found late, while a replica catches up, is told by nobody any more.
constexpr absl::Duration kFresh = absl::Hours(1);

// A notice that says why cases about the component come in now.
std::optional<std::string> Explanation(const store::KeyValue& reader, const std::string& component_id) {
  for (const v1::NoticeView& notice : ActiveNotices(reader, {component_id})) {
    if (!IsAhead(notice.stage())) return notice.notice_id();
  }
  return std::nullopt;
}

// Who is to look: the component's owner, if they can; else a supervisor.
std::optional<std::string> WhoLooks(const store::KeyValue& reader, const v1::ComponentView& component, absl::Time now,
                                    const std::string& last_resort) {
  const auto owner = ownership::kPersons.Get(reader, component.owner());
  if (ownership::CheckActive(owner, component.owner()).ok() && !ownership::IsAbsent(*owner, now)) {
    return component.owner();
  }
  return ownership::Above(reader, component.owner(), now, last_resort);
}

void Confirm(const std::string& component_id, const std::string& notice_id, runtime::Reactions& reactions) {
  ConfirmSuspicion confirm;
  confirm.request.set_notice_id(notice_id);
  reactions.Execute<Component>({Component::kKind, component_id}, std::move(confirm), "confirm/" + component_id);
}

const intake::v1::CaseOpened* OpeningIn(const runtime::AcceptedCommit& commit) {
  if (commit.stream.kind != "case" || commit.version != 1) return nullptr;
  const auto& event = commit.EventAt<intake::v1::CaseEvent>(0);
  return event.has_opened() ? &event.opened() : nullptr;
}

}  // namespace

bool SuspectOutages::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return commit.stream.kind == Component::kKind || commit.stream.kind == Notice::kKind ||
         ownership::IsDeactivation(commit);
}

void SuspectOutages::Suspect(const runtime::AcceptedCommit& commit, const std::string& component_id,
                             const store::KeyValue& reader, runtime::Reactions& reactions) const {
  if (reactions.now() > commit.time + kFresh || kSuspicions.Has(reader, component_id)) return;
  const auto component = kComponents.Get(reader, component_id);
  if (!component || Explanation(reader, component_id)) return;
  const auto surge = FindSurge(reader, component_id, commit.time, rules_);
  if (!surge) return;
  const auto owner = WhoLooks(reader, *component, reactions.now(), last_resort_);
  if (!owner) return reactions.NotYet("nobody can look at the suspected outage of `" + component_id + "`");
  SuspectOutage command;
  command.quiet = rules_.quiet;
  command.request.set_owner(*owner);
  *command.request.mutable_at() = runtime::ToProto(commit.time);
  command.request.mutable_window()->set_seconds(absl::ToInt64Seconds(surge->window));
  command.request.set_cases(static_cast<uint64_t>(surge->cases));
  command.request.set_usual(surge->usual);
  command.request.set_probability(surge->probability);
  reactions.Execute<Component>({Component::kKind, component_id}, std::move(command), "suspect/" + component_id);
}

void SuspectOutages::Relieve(const std::string& person, const store::KeyValue& reader,
                             runtime::Reactions& reactions) const {
  std::vector<std::string> components;
  kSuspicions.Scan(reader, "", [&](std::string_view, const auto& key, const v1::SuspicionView& suspicion) {
    if (suspicion.owner() == person) components.push_back(std::get<0>(key));
    return true;
  });
  if (components.empty()) return;
  ownership::WhoTakesOver(reader, person, last_resort_, reactions, [&](const std::string& above) {
    for (const std::string& component : components) {
      RelieveSuspicion command;
      command.request.set_from(person);
      command.request.set_to(above);
      reactions.Execute<Component>({Component::kKind, component}, std::move(command), "relieve/" + component);
    }
  });
}

void SuspectOutages::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                           runtime::Reactions& reactions) {
  if (const auto* opened = OpeningIn(commit)) {
    for (const std::string& component : ComponentsOf(*opened)) Suspect(commit, component, reader, reactions);
  } else if (commit.stream.kind == Notice::kKind) {
    const auto notice = kNotices.Get(reader, commit.stream.key);
    if (!notice || notice->status() != v1::NOTICE_STATUS_ACTIVE || IsAhead(notice->stage())) return;
    for (const std::string& component : notice->component_ids()) {
      if (kSuspicions.Has(reader, component)) Confirm(component, commit.stream.key, reactions);
    }
  } else if (commit.stream.kind == Component::kKind) {
    // The notice, or the deactivation of who was to look, may have come at the same time.
    const auto suspicion = kSuspicions.Get(reader, commit.stream.key);
    if (!suspicion) return;
    if (const auto notice = Explanation(reader, commit.stream.key)) Confirm(commit.stream.key, *notice, reactions);
    Relieve(suspicion->owner(), reader, reactions);
  } else if (ownership::IsDeactivation(commit)) {
    Relieve(commit.stream.key, reader, reactions);
  }
}

}  // namespace throughline::outage
