#pragma once

// The rules of a matter: what a customer asks about, an order or a component. Of all that want to open a case about it,
// one reserves it; the others meet the reservation and join its case. It is reserved anew once that case is closed.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "services/intake/domain/case.h"
#include "throughline/intake/v1/matter.pb.h"

namespace throughline::intake {

// Reserves the matter for a case about to be opened.
struct ReserveMatter {
  v1::OpenCaseRequest request;
  OpenCase opening;
  // The reserved case that is closed, so that another may follow it. Empty: none is known to be.
  std::string closed_case_id = "";
  // What the reserved case gets if another one has the matter. Absent: nothing; whoever asked joins it themselves.
  std::optional<v1::AlertAttached> alert = std::nullopt;
};

// The stream `matter/<customer>/order/<order>` or `matter/<customer>/component/<component>`.
struct Matter {
  static constexpr char kKind[] = "matter";
  using State = v1::MatterState;
  using Event = v1::MatterEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // As Case::OpeningOf. No events if the matter is reserved and its case is not the closed one: the state names it.
  static Decision Decide(const State& state, const ReserveMatter& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// Keys of the stream. A slash in the customer's id is escaped, so that no two matters share a key.
std::string OrderMatter(const std::string& customer_id, const std::string& order_id);
std::string ComponentMatter(const std::string& customer_id, const std::string& component_id);

// The matters of a case, the one that is reserved first: its order, then its components. `about`: CaseView, CaseOpened
// or OpenCaseRequest.
template <typename About>
std::vector<std::string> MattersOf(const About& about) {
  std::vector<std::string> matters;
  if (about.has_order_id()) matters.push_back(OrderMatter(about.customer_id(), about.order_id()));
  if (about.has_component_id()) matters.push_back(ComponentMatter(about.customer_id(), about.component_id()));
  for (const std::string& component : about.further_component_ids()) {
    matters.push_back(ComponentMatter(about.customer_id(), component));
  }
  return matters;
}

// Its components.
template <typename About>
std::vector<std::string> ComponentsOf(const About& about) {
  std::vector<std::string> components;
  if (about.has_component_id()) components.push_back(about.component_id());
  components.insert(components.end(), about.further_component_ids().begin(), about.further_component_ids().end());
  return components;
}

}  // namespace throughline::intake
