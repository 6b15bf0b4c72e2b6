#include "services/ownership/reactors/complete_remedies.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/money/money.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/projections/view/view.h"

namespace throughline::ownership {
namespace {

// Whether the case has it, or its authority is released again.
bool IsOver(const v1::RemedyOrder& order, const store::KeyValue& reader) {
  const std::string& reservation_id = order.reservation().reservation_id();
  const auto held = kAuthority.Get(reader, order.reservation().person_key());
  if (held && IsNotHeld(*held, reservation_id)) return true;
  const auto view = kViews.Get(reader, SurvivorOf(reader, order.case_id()));
  return view && absl::c_any_of(view->remedies(), [&](const v1::Remedy& one) {
           return one.reservation().reservation_id() == reservation_id ||
                  one.counter_offer().reservation().reservation_id() == reservation_id;
         });
}

void Place(const v1::RemedyOrder& order, std::optional<common::v1::Money> denied, const store::KeyValue& reader,
           runtime::Reactions& reactions) {
  auto opening = kOpenings.Get(reader, order.case_id());
  if (!opening) return reactions.NotYet("case " + order.case_id() + " is not known yet");
  reactions.Execute<Ownership>({Ownership::kKind, order.case_id()},
                               PlaceRemedy<v1::RemedyOrder>{order, order, *std::move(opening), std::move(denied)},
                               "place");
}

void Complete(const v1::AuthorityEvent& event, const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
              runtime::Reactions& reactions) {
  if (!event.has_reserved() && !event.has_denied()) return;
  const v1::RemedyOrder& order = event.has_reserved() ? event.reserved().order() : event.denied().order();
  if (IsOver(order, reader)) return;
  // What this reactor began, no handler goes on with.
  if (!IsService(commit.header->actor().id()) && reactions.now() < commit.time + CompleteRemedies::kPatience) {
    return reactions.NotYet("remedy " + order.remedy_id() + " is being granted");
  }
  const std::string& customer_key = order.reservation().customer_key();
  if (event.has_denied()) {
    const std::string& currency = order.amount().currency();
    const int64_t left = LeftOf(order.limits().per_customer(), event.denied().held().minor_units());
    return Place(order, money::Of(currency, left), reader, reactions);
  }
  if (commit.stream.key == order.reservation().person_key() && !customer_key.empty()) {
    reactions.Execute<Authority>({Authority::kKind, customer_key}, ReserveForCustomer<v1::RemedyOrder>{order, order},
                                 "customer");
    return;
  }
  Place(order, std::nullopt, reader, reactions);
}

void Release(const std::string& case_id, const std::string& remedy_id, const v1::AuthorityReservation& reservation,
             const common::v1::Money& amount, const std::string& reason, size_t i, runtime::Reactions& reactions) {
  ReleaseAuthority command;
  command.request.set_reservation_id(reservation.reservation_id());
  command.request.set_remedy_id(remedy_id);
  command.request.set_case_id(case_id);
  *command.request.mutable_amount() = amount;
  command.request.set_reason(reason);
  reactions.Execute<Authority>({Authority::kKind, reservation.person_key()}, command, absl::StrCat("person/", i));
  if (reservation.customer_key().empty()) return;
  reactions.Execute<Authority>({Authority::kKind, reservation.customer_key()}, command, absl::StrCat("customer/", i));
}

}  // namespace

void CompleteRemedies::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                             runtime::Reactions& reactions) {
  const bool authority = commit.stream.kind == Authority::kKind;
  if (!authority && commit.stream.kind != Ownership::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (authority) {
      Complete(commit.EventAt<v1::AuthorityEvent>(i), commit, reader, reactions);
      continue;
    }
    const auto& event = commit.EventAt<v1::OwnershipEvent>(i);
    if (event.has_remedy_refused()) {
      const v1::RemedyRefused& refused = event.remedy_refused();
      Release(commit.stream.key, refused.remedy_id(), refused.reservation(), refused.amount(), refused.refusal(), i,
              reactions);
    } else if (event.remedy_withdrawn().has_reservation()) {
      const v1::RemedyWithdrawn& withdrawn = event.remedy_withdrawn();
      Release(commit.stream.key, withdrawn.remedy_id(), withdrawn.reservation(), withdrawn.amount(), withdrawn.reason(),
              i, reactions);
    }
  }
}

}  // namespace throughline::ownership
