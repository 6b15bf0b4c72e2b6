#include "services/outage-notice/projections/linked_cases.h"

#include "services/outage-notice/projections/notices.h"
#include "services/outage-notice/projections/tables.h"
#include "services/outage-notice/suspicion/arrivals.h"

namespace throughline::outage {
namespace {

// The rules of a case link it to a notice only once, and unlink it only if it is linked. `change`: 1 or -1. Links from
// before they named the customer do not count one.
void Link(store::Batch& batch, const log::Position& position, const std::string& notice_id,
          const std::string& customer_id, int change) {
  v1::NoticeView view = kNotices.Get(batch, notice_id).value_or(v1::NoticeView());
  view.set_linked_case_count(view.linked_case_count() + static_cast<uint64_t>(change));
  if (!customer_id.empty()) {
    const int64_t before = kCustomers.Get(batch, notice_id, customer_id).value_or(0), after = before + change;
    const int more = (after > 0) - (before > 0);
    view.set_linked_customer_count(view.linked_customer_count() + static_cast<uint64_t>(more));
    after == 0 ? kCustomers.Delete(batch, notice_id, customer_id)
               : kCustomers.Put(batch, notice_id, customer_id, after);
  }
  kNotices.Put(batch, notice_id, view);
  Changed(batch, notice_id, position, view);
}

void CountArrivals(const intake::v1::CaseOpened& opened, absl::Time at, store::Batch& batch) {
  for (const std::string& component : ComponentsOf(opened)) CountArrival(batch, component, at);
}

}  // namespace

std::vector<std::string> ComponentsOf(const intake::v1::CaseOpened& opened) {
  if (opened.channel() == intake::v1::CHANNEL_PROACTIVE) return {};  // no customer met it
  std::vector<std::string> components(opened.further_component_ids().begin(), opened.further_component_ids().end());
  if (opened.has_component_id()) components.push_back(opened.component_id());
  return components;
}

void LinkedCaseProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "case") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
    if (event.has_opened()) CountArrivals(event.opened(), commit.time, batch);
    for (const std::string& notice_id : event.opened().notice_ids()) {
      Link(batch, commit.position, notice_id, event.opened().customer_id(), 1);
    }
    if (event.has_linked_to_notice()) {
      const auto& linked = event.linked_to_notice();
      Link(batch, commit.position, linked.notice_id(), linked.customer_id(), 1);
    } else if (event.has_unlinked_from_notice()) {
      const auto& unlinked = event.unlinked_from_notice();
      Link(batch, commit.position, unlinked.notice_id(), unlinked.customer_id(), -1);
    }
  }
}

}  // namespace throughline::outage
