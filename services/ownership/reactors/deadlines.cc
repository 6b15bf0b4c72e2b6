#include "services/ownership/reactors/deadlines.h"

#include "absl/strings/match.h"

#include "services/ownership/domain/ownership.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/tables.h"
#include "services/ownership/reactors/waiting_cases.h"

namespace throughline::ownership {

void Deadlines::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                     runtime::Reactions& reactions) {
  auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream) return;
  if (absl::StartsWith(timer.name(), kPromiseTimer)) {
    BreakPromise command;
    command.request.set_promise_id(timer.name().substr(sizeof(kPromiseTimer) - 1));
    if (const auto view = kViews.Get(reader, stream->key)) {
      if (auto above = Above(reader, view->owner(), reactions.now())) command.request.set_supervisor(*std::move(above));
    }
    reactions.Execute<Ownership>(*std::move(stream), std::move(command), "break");
  } else if (absl::StartsWith(timer.name(), kHandoffTimer)) {
    ExpireHandoff command;
    command.request.set_handoff_id(timer.name().substr(sizeof(kHandoffTimer) - 1));
    reactions.Execute<Ownership>(*std::move(stream), std::move(command), "expire");
  } else if (absl::StartsWith(timer.name(), kBackTimer)) {
    AssignToFreeReps(reader, reactions);
  }
}

}  // namespace throughline::ownership
