#include "services/intake/domain/matter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace throughline::intake {
namespace {

std::string Escaped(const std::string& id) { return absl::StrReplaceAll(id, {{"%", "%25"}, {"/", "%2F"}}); }

}  // namespace

std::string OrderMatter(const std::string& customer_id, const std::string& order_id) {
  return absl::StrCat(Escaped(customer_id), "/order/", order_id);
}

std::string ComponentMatter(const std::string& customer_id, const std::string& component_id) {
  return absl::StrCat(Escaped(customer_id), "/component/", component_id);
}

Matter::Decision Matter::Decide(const State& state, const ReserveMatter& command, const runtime::Caller& caller) {
  const std::string& holder = state.opening().case_id();
  if (holder == command.opening.case_id) return std::vector<Event>();
  Event event;
  if (holder.empty() || holder == command.closed_case_id) {
    auto opening = Case::OpeningOf(command.opening, caller);
    if (!opening.ok()) return opening.status();
    *event.mutable_reserved()->mutable_opening() = *std::move(opening);
  } else if (command.alert) {
    event.mutable_alerted()->set_case_id(holder);
    *event.mutable_alerted()->mutable_alert() = *command.alert;
  } else {
    return std::vector<Event>();
  }
  return std::vector{std::move(event)};
}

void Matter::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kReserved:
      *state.mutable_opening() = event.reserved().opening();
      return;
    case Event::kAlerted:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::intake
