#include "services/ownership/reactors/words.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::ownership {

void WordsReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                         runtime::Reactions& reactions) {
  if (commit.stream.kind != "case") return;
  const std::string& case_id = commit.stream.key;
  std::string repeated;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
    if (event.has_repeated_contact_raised()) repeated = event.repeated_contact_raised().interaction_id();
  }
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
    if (!event.has_interaction_recorded() && !event.has_alert_attached()) continue;
    auto opening = kOpenings.Get(reader, case_id);
    if (!opening) return;
    if (event.has_alert_attached()) {
      AttachAlert command{{}, *std::move(opening), periods_};
      command.request.set_text(event.alert_attached().text());
      reactions.Execute<Ownership>({Ownership::kKind, case_id}, std::move(command), absl::StrCat("alert/", i));
      continue;
    }
    const auto& recorded = event.interaction_recorded();
    if (!recorded.continued_by_case_id().empty()) continue;  // the case that continues it hears of it
    NoteInteraction command{{}, *std::move(opening), periods_};
    v1::InteractionNoted& noted = command.request;
    noted.set_interaction_id(recorded.interaction_id());
    noted.set_case_version(commit.version);
    noted.set_inbound(recorded.direction() == intake::v1::DIRECTION_INBOUND);
    *noted.mutable_at() = runtime::ToProto(commit.time);
    noted.set_by(recorded.by());
    noted.set_repeated_contact(!repeated.empty() && repeated == recorded.interaction_id());
    if (recorded.has_next_update_due()) *noted.mutable_next_update_due() = recorded.next_update_due();
    reactions.Execute<Ownership>({Ownership::kKind, case_id}, std::move(command),
                                 absl::StrCat("note/", recorded.interaction_id()));
  }
}

}  // namespace throughline::ownership
