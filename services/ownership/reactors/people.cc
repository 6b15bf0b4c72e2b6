#include "services/ownership/reactors/people.h"

#include "absl/algorithm/container.h"

#include "services/ownership/authority/deciders.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::ownership {
namespace {

// Unspecified for an actor who is neither a rep nor a supervisor.
v1::PersonKind KindOf(const common::v1::Actor& actor) {
  if (absl::c_linear_search(actor.roles(), common::v1::ROLE_SUPERVISOR)) return v1::PERSON_KIND_SUPERVISOR;
  if (absl::c_linear_search(actor.roles(), common::v1::ROLE_REP)) return v1::PERSON_KIND_REP;
  return v1::PERSON_KIND_UNSPECIFIED;
}

// What somebody else than the owner of the case owes about it.
bool IsOwedByOther(v1::CommitmentKind kind) {
  return kind == v1::COMMITMENT_KIND_HELP || kind == v1::COMMITMENT_KIND_APPROVAL;
}

// The cases that the person owns, is offered, was asked for help about, or is to decide about.
std::set<std::string> CasesOf(const store::KeyValue& reader, const std::string& person) {
  std::set<std::string> cases;
  kWorklist.Scan(
      reader, "",
      [&](std::string_view, const auto&, const v1::WorklistRow& row) {
        cases.insert(row.item().case_id());
        return true;
      },
      person);
  return cases;
}

// Whether somebody may have got the case, or was asked for help, by this event who was deactivated meanwhile.
bool GivesCase(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.events, [&](const runtime::MessagePtr& message) {
    if (commit.stream.kind == "case") return static_cast<const intake::v1::CaseEvent&>(*message).has_opened();
    if (commit.stream.kind != Ownership::kKind) return false;
    const auto& event = static_cast<const v1::OwnershipEvent&>(*message);
    return event.has_handoff_accepted() || event.has_handoff_offered() || event.has_reassigned() ||
           event.has_reopened() || event.has_escalated() || event.has_escalation_acknowledged() ||
           IsOwedByOther(event.commitment_made().commitment().kind());
  });
}

}  // namespace

void MeetPeople::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                       runtime::Reactions& reactions) {
  const auto& actor = commit.header->actor();
  const v1::PersonKind kind = KindOf(actor);
  if (kind == v1::PERSON_KIND_UNSPECIFIED) return;
  const auto row = kPersons.Get(reader, actor.id());
  // A later change of the role is told by the credentials: an old commit may name the old one.
  if (row && row->version() > 0) return;
  MeetPerson command;
  command.request.set_person(actor.id());
  command.request.mutable_profile()->set_kind(kind);
  if (row) {
    command.request.mutable_profile()->set_team(row->profile().team());
    command.request.set_available(row->available());
    command.request.set_on_duty(row->on_duty());
  }
  reactions.Execute<Person>({Person::kKind, actor.id()}, std::move(command), "meet");
}

void RelievePeople::Relieve(const store::KeyValue& reader, const std::set<std::string>& cases,
                            const std::string& person, runtime::Reactions& reactions) const {
  WhoTakesOver(reader, person, last_resort_, reactions, [&](const std::string& above) {
    for (const std::string& case_id : cases) {
      auto opening = kOpenings.Get(reader, case_id);
      if (!opening) continue;
      RelievePerson command;
      command.request.set_from(person);
      command.request.set_to(above);
      command.request.set_reason("`" + person + "` was deactivated");
      command.opening = *std::move(opening);
      command.terms = escalation_.TermsAt(calendars_, reactions.now());
      const auto beyond = DecidersAbove(reader, above, above, reactions.now(), last_resort_);
      if (!beyond.empty()) command.beyond = beyond.front();
      reactions.Execute<Ownership>({Ownership::kKind, case_id}, std::move(command),
                                   "relieve/" + case_id + "/" + person);
    }
  });
}

bool RelievePeople::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return IsDeactivation(commit) || GivesCase(commit);
}

void RelievePeople::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                          runtime::Reactions& reactions) {
  const std::string& key = commit.stream.key;
  if (IsDeactivation(commit)) {
    Relieve(reader, CasesOf(reader, key), key, reactions);
  } else if (GivesCase(commit)) {
    const auto view = FindView(reader, key);
    if (!view) return;
    Relieve(reader, {key}, view->owner(), reactions);
    std::set<std::string> others;
    if (view->has_handoff()) others.insert(view->handoff().to());
    for (const auto& one : view->commitments()) {
      const bool open = one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
      if (open && IsOwedByOther(one.commitment().kind())) others.insert(one.commitment().owed_by());
    }
    if (view->has_escalation()) others.insert(view->escalation().to());
    others.erase(view->owner());
    for (const std::string& other : others) Relieve(reader, {key}, other, reactions);
  }
}

}  // namespace throughline::ownership
