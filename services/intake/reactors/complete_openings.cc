#include "services/intake/reactors/complete_openings.h"

#include "services/intake/projections/contact.h"

namespace throughline::intake {
namespace {

// A handler may be about to do it; for a command that a reactor gave there is none.
bool MayBeUnderWay(const runtime::AcceptedCommit& commit, const runtime::Reactions& reactions) {
  const bool by_reactor = commit.header->actor().id() == kServiceName;
  return !by_reactor && reactions.now() < commit.time + CompleteOpenings::kPatience;
}

runtime::Caller Service(const runtime::Reactions& reactions) {
  runtime::Caller service;
  service.time = reactions.now();
  return service;
}

}  // namespace

void CompleteOpenings::ReactToMatter(const v1::MatterEvent& event, const runtime::AcceptedCommit& commit,
                                     const store::KeyValue& reader, runtime::Reactions& reactions) {
  if (event.has_alerted()) {
    const std::string case_id = GoesOnAs(reader, event.alerted().case_id());
    if (!kCases.Has(reader, case_id)) return reactions.NotYet("case " + case_id + " is not opened yet");
    reactions.Execute<Case>({Case::kKind, case_id}, AttachAlert{event.alerted().alert()}, "alert");
  } else if (event.has_reserved()) {
    const v1::CaseOpened& opening = event.reserved().opening();
    if (kCases.Has(reader, opening.case_id())) return;
    if (MayBeUnderWay(commit, reactions)) return reactions.NotYet("case " + opening.case_id() + " is being opened");
    OpenCase command;
    command.case_id = opening.case_id();
    command.reserved = opening;
    reactions.Execute<Case>({Case::kKind, opening.case_id()}, std::move(command), "open");
  }
}

void CompleteOpenings::ReactToCase(const v1::CaseEvent& event, const runtime::AcceptedCommit& commit,
                                   const store::KeyValue& reader, runtime::Reactions& reactions) {
  const std::string& case_id = commit.stream.key;
  if (event.has_opened() && event.opened().has_split_from_case_id()) {
    if (MayBeUnderWay(commit, reactions)) return reactions.NotYet("the split of " + case_id + " is being recorded");
    RecordSplit command;
    command.request.set_new_case_id(case_id);
    command.request.set_by(event.opened().opened_by());
    command.request.set_reason("it became a case of its own: " + event.opened().subject());
    reactions.Execute<Case>({Case::kKind, event.opened().split_from_case_id()}, std::move(command), "split");
  }
  const std::string& continued_by = event.interaction_recorded().continued_by_case_id();
  if (!continued_by.empty() && !kCases.Has(reader, continued_by)) {
    if (MayBeUnderWay(commit, reactions)) return reactions.NotYet("case " + continued_by + " is being opened");
    const runtime::Caller service = Service(reactions);
    auto command = openings_.Continuing(reader, case_id, service, service.time);
    if (!command) return;
    if (!command->same_owner && !Case::FirstOwnerOf(command->request.channel(), command->candidates, service)) {
      return reactions.NotYet("nobody can own the case that continues " + case_id +
                              ": let a rep or supervisor set their availability");
    }
    reactions.Execute<Case>({Case::kKind, continued_by}, *std::move(command), "continue");
  }
}

void CompleteOpenings::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                             runtime::Reactions& reactions) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (commit.stream.kind == Matter::kKind) {
      ReactToMatter(commit.EventAt<v1::MatterEvent>(i), commit, reader, reactions);
    } else if (commit.stream.kind == Case::kKind) {
      ReactToCase(commit.EventAt<v1::CaseEvent>(i), commit, reader, reactions);
    }
  }
}

}  // namespace throughline::intake
