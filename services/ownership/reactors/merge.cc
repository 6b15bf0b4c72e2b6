#include "services/ownership/reactors/merge.h"

#include "absl/strings/str_cat.h"

#include "services/ownership/projections/tables.h"

namespace throughline::ownership {
namespace {

bool MovesOn(const v1::OwnershipEvent& event) {
  return event.has_merged() || !event.interaction_noted().passed_on_to_case_id().empty();
}

}  // namespace

bool MergeReactor::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  if (commit.stream.kind != Ownership::kKind) return false;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (MovesOn(commit.EventAt<v1::OwnershipEvent>(i))) return true;
  }
  return false;
}

void MergeReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                         runtime::Reactions& reactions) {
  if (commit.stream.kind != Ownership::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::OwnershipEvent>(i);
    if (!MovesOn(event)) continue;
    const std::string& into =
        event.has_merged() ? event.merged().into_case_id() : event.interaction_noted().passed_on_to_case_id();
    auto opening = kOpenings.Get(reader, into);
    if (!opening)
      return reactions.NotYet("case " + into + ", which goes on in place of " + commit.stream.key +
                              ", is not known yet");
    if (event.has_merged()) {
      AbsorbCase command{event.merged(), commit.stream.key, *std::move(opening), periods_};
      reactions.Execute<Ownership>({Ownership::kKind, into}, std::move(command), absl::StrCat("absorb/", i));
    } else {
      NoteInteraction command{event.interaction_noted(), *std::move(opening), periods_};
      command.request.clear_passed_on_to_case_id();
      command.request.set_case_id(commit.stream.key);
      reactions.Execute<Ownership>({Ownership::kKind, into}, std::move(command), absl::StrCat("pass on/", i));
    }
  }
}

}  // namespace throughline::ownership
