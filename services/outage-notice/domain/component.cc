#include "services/outage-notice/domain/component.h"

#include "absl/strings/ascii.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::outage {

bool IsComponentId(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (char c : id) {
    const auto u = static_cast<unsigned char>(c);
    if (!absl::ascii_islower(u) && !absl::ascii_isdigit(u) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

Component::Decision Component::Decide(const State& state, const DefineComponent& define,
                                      const runtime::Caller& caller) {
  const v1::DefineComponentRequest& command = define.request;
  runtime::FieldViolations bad;
  if (!IsComponentId(command.component_id())) bad.Add("component_id", kNotAComponentId);
  if (absl::StripAsciiWhitespace(command.name()).empty()) bad.Add("name", "is empty: say what customers call it");
  if (command.has_owner() && command.owner().empty()) {
    bad.Add("owner", "is empty: name the person, or leave it out");
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (state.name() == command.name() && state.description() == command.description() &&
      state.has_owner() == command.has_owner() && state.owner() == command.owner()) {
    return std::vector<Event>();
  }
  if (!define.owner.ok()) return define.owner;
  Event event;
  auto& defined = *event.mutable_defined();
  defined.set_component_id(command.component_id());
  defined.set_name(command.name());
  defined.set_description(command.description());
  if (command.has_owner()) defined.set_owner(command.owner());
  defined.set_defined_by(caller.id);
  return std::vector{std::move(event)};
}

void Component::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kDefined:
      state.set_name(event.defined().name());
      state.set_description(event.defined().description());
      state.clear_owner();
      if (event.defined().has_owner()) state.set_owner(event.defined().owner());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage
