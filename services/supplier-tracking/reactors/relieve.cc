#include "services/supplier-tracking/reactors/relieve.h"

#include "absl/algorithm/container.h"

#include "services/ownership/people/people.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

bool GivesOrder(const runtime::AcceptedCommit& commit) {
  return commit.stream.kind == Order::kKind && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const v1::OrderEvent&>(*message);
           return event.has_placed() || event.has_reassigned();
         });
}

}  // namespace

bool RelieveOwners::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  return ownership::IsDeactivation(commit) || GivesOrder(commit);
}

void RelieveOwners::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                          runtime::Reactions& reactions) {
  std::string person;
  std::vector<std::string> orders;
  if (ownership::IsDeactivation(commit)) {
    person = commit.stream.key;
    kOpenByOwner.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          orders.push_back(std::get<1>(key));
          return true;
        },
        person);
  } else if (GivesOrder(commit)) {
    const auto row = kOrders.Get(reader, commit.stream.key);
    if (!row) return;
    person = row->owner();
    orders.push_back(commit.stream.key);
  }
  ownership::WhoTakesOver(reader, person, last_resort_, reactions, [&](const std::string& above) {
    for (const std::string& order_id : orders) {
      RelieveOrderOwner command;
      command.request.set_from(person);
      command.request.set_to(above);
      command.request.set_reason("`" + person + "` was deactivated");
      reactions.Execute<Order>({Order::kKind, order_id}, std::move(command), "relieve/" + order_id + "/" + person);
    }
  });
}

}  // namespace throughline::supplier
