#include "services/supplier-tracking/projections/order/next_step.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/quantities.h"
#include "services/supplier-tracking/projections/steps/commitment_words.h"
#include "services/supplier-tracking/projections/steps/order_legs.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "services/supplier-tracking/projections/trace/trace_entry.h"
#include "services/supplier-tracking/projections/vendors/vendor_words.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;
using google::protobuf::Timestamp;
using Lines = google::protobuf::RepeatedPtrField<std::string>;

class NextSteps {
 public:
  NextSteps(const v1::OrderRow& order, bool customer)
      : row_(order), view_(order.view()), customer_(customer), open_(view_.status() == v1::ORDER_STATUS_OPEN) {}

  std::vector<v1::NextStep> Find() {
    for (const v1::OrderConcern& concern : row_.view().concerns()) AddConcern(concern);
    for (const v1::OrderLineView& line : view_.lines()) AddLine(line);
    for (const v1::OrderShipmentView& shipment : view_.shipments()) AddShipment(shipment);
    for (const auto& about : row_.cases()) AddCase(about);
    std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
    std::vector<v1::NextStep> found;
    for (Step& step : steps_) found.push_back(std::move(step.step));
    if (open_) found.push_back(Promise());
    return found;
  }

 private:
  struct Step {
    absl::Time at;  // by when; at the latest, if it has no time of its own
    v1::NextStep step;
  };

  // The words for us, or for the customer. A customer's text is empty if the step is not for them.
  const std::string& Words(const std::string& staff, const std::string& customer) const {
    return customer_ ? customer : staff;
  }

  v1::NextStep Make(v1::NextStepKind kind, v1::NextStepParty party, const std::string& by, v1::NextStepSource source,
                    const std::string& stream) const {
    v1::NextStep step;
    step.set_kind(kind);
    step.set_party(party);
    if (!customer_ || party == v1::NEXT_STEP_PARTY_CARRIER) step.set_by(by);
    step.set_source(source);
    if (!customer_) step.set_stream(stream);
    return step;
  }
  std::string OrderStream() const { return StrCat("order/", view_.order_id()); }
  void Add(v1::NextStep step, const std::string& staff, const std::string& customer,
           absl::Time at = absl::InfiniteFuture()) {
    step.set_text(Words(staff, customer));
    if (step.text().empty()) return;
    if (step.has_due()) at = runtime::FromProto(step.due().latest());
    steps_.push_back({at, std::move(step)});
  }

  // What lines of one vendor wait for in common is one step.
  void AddVendorStep(v1::NextStepKind kind, const v1::OrderLineView& line, const v1::Eta* due) {
    const std::string& vendor = line.line().vendor_id();
    v1::NextStep step = Make(kind, v1::NEXT_STEP_PARTY_VENDOR, vendor, v1::NEXT_STEP_SOURCE_VENDOR, OrderStream());
    if (due != nullptr) *step.mutable_due() = *due;
    const auto same = absl::c_find_if(steps_, [&](const Step& other) {
      v1::NextStep alike = other.step;
      alike.clear_line_ids();
      alike.clear_text();
      return alike.SerializeAsString() == step.SerializeAsString() && vendor == VendorOf(other.step);
    });
    Lines lines = same == steps_.end() ? Lines() : same->step.line_ids();
    lines.Add(std::string(line.line().line_id()));
    if (same != steps_.end()) steps_.erase(same);
    *step.mutable_line_ids() = lines;
    const Quantities rest = RestOf(lines);
    const std::string names = customer_ ? PartNames(view_, lines, rest) : "";
    const std::string which = LinesText(lines, rest);
    const std::string who = StrCat("vendor ", vendor);
    switch (kind) {
      case v1::NEXT_STEP_KIND_ACKNOWLEDGEMENT:
        return Add(step, StrCat(who, " acknowledges ", which), StrCat("It is confirmed: ", names));
      case v1::NEXT_STEP_KIND_RESTOCK:
        return Add(step, StrCat(who, due == nullptr ? " says when it has " : " has ", which, " again"),
                   due == nullptr ? StrCat("We tell you when it is in stock again: ", names)
                                  : StrCat("In stock again: ", names));
      case v1::NEXT_STEP_KIND_DISPATCH:
        return Add(step, StrCat(who, due == nullptr ? " says when it sends " : " sends ", which),
                   StrCat("It is sent: ", names));
      default:
        return Add(step, StrCat(which, lines.size() == 1 ? " is" : " are", " with the customer, says ", who),
                   StrCat("It is with you: ", names));
    }
  }
  // What the vendor still has of lines of which a part is sent.
  Quantities RestOf(const Lines& lines) const {
    Quantities rest;
    for (const v1::OrderLineView& line : view_.lines()) {
      const bool part = line.quantity_sent() > 0 && line.quantity_sent() < line.line().quantity();
      if (!part || !absl::c_linear_search(lines, line.line().line_id())) continue;
      v1::LineQuantity& left = *rest.Add();
      left.set_line_id(line.line().line_id());
      left.set_quantity(line.line().quantity() - line.quantity_sent());
    }
    return rest;
  }
  std::string VendorOf(const v1::NextStep& step) const {
    for (const v1::OrderLineView& line : view_.lines()) {
      if (!step.line_ids().empty() && line.line().line_id() == step.line_ids(0)) return line.line().vendor_id();
    }
    return "";
  }

  static v1::Eta At(const Timestamp& time) {
    v1::Eta eta;
    *eta.mutable_latest() = time;
    return eta;
  }
  // What is wrong is seen to now.
  void AddConcern(const v1::OrderConcern& concern) {
    v1::TraceEntry about;
    NameAbout(concern.about(), about);
    const v1::NextStepSource source = about.has_shipment() ? v1::NEXT_STEP_SOURCE_CARRIER
                                      : about.has_vendor_id() || about.line_ids_size() > 0
                                          ? v1::NEXT_STEP_SOURCE_VENDOR
                                          : v1::NEXT_STEP_SOURCE_PROMISE;
    v1::NextStep step = Make(v1::NEXT_STEP_KIND_CLARIFICATION, v1::NEXT_STEP_PARTY_STAFF, view_.owner(), source,
                             about.has_shipment() ? concern.about() : OrderStream());
    if (about.has_shipment()) step.set_shipment(concern.about());
    *step.mutable_line_ids() = about.line_ids();
    Add(step, StrCat(view_.owner(), " finds out: ", concern.text()), CustomerText(concern, view_),
        absl::InfinitePast());
  }

  void AddLine(const v1::OrderLineView& line) {
    const auto step = [&](v1::NextStepKind kind, bool known, const Timestamp& due) {
      const v1::Eta eta = At(due);
      AddVendorStep(kind, line, known ? &eta : nullptr);
    };
    switch (line.status()) {
      case v1::LINE_STATUS_ORDERED:
        return AddVendorStep(v1::NEXT_STEP_KIND_ACKNOWLEDGEMENT, line, nullptr);
      case v1::LINE_STATUS_BACKORDERED:
        return step(v1::NEXT_STEP_KIND_RESTOCK, line.has_expected_restock(), line.expected_restock());
      case v1::LINE_STATUS_ACKNOWLEDGED:
      case v1::LINE_STATUS_DELAYED:
        if (!line.has_expected_dispatch() && line.has_vendor_eta()) {
          return AddVendorStep(v1::NEXT_STEP_KIND_DELIVERY, line, &line.vendor_eta());
        }
        return step(v1::NEXT_STEP_KIND_DISPATCH, line.has_expected_dispatch(), line.expected_dispatch());
      case v1::LINE_STATUS_SHORT_SHIPPED:
        if (line.has_expected_restock()) return step(v1::NEXT_STEP_KIND_RESTOCK, true, line.expected_restock());
        if (line.has_vendor_eta()) return AddVendorStep(v1::NEXT_STEP_KIND_DELIVERY, line, &line.vendor_eta());
        return AddRefused(line);
      case v1::LINE_STATUS_SUBSTITUTE_OFFERED:
        return AddOffer(line);
      case v1::LINE_STATUS_REFUSED:
        return AddRefused(line);
      default:  // of what is on its way, its shipment says it
        return;
    }
  }

  // What its vendor does not send of it.
  void AddRefused(const v1::OrderLineView& line) {
    v1::NextStep step = Make(v1::NEXT_STEP_KIND_INTERVENTION, v1::NEXT_STEP_PARTY_STAFF, view_.owner(),
                             v1::NEXT_STEP_SOURCE_VENDOR, OrderStream());
    step.add_line_ids(line.line().line_id());
    Quantities missing;
    if (line.quantity_short() > 0 && line.quantity_short() < line.line().quantity()) {
      missing.Add()->set_line_id(line.line().line_id());
      missing.rbegin()->set_quantity(line.quantity_short());
    }
    Add(step, StrCat(view_.owner(), " gets ", LinesText(step.line_ids(), missing), " elsewhere, or cancels it"),
        StrCat("We find another way: ", PartNames(view_, step.line_ids(), missing)));
  }
  void AddOffer(const v1::OrderLineView& line) {
    v1::NextStep step = Make(v1::NEXT_STEP_KIND_CUSTOMER_DECISION, v1::NEXT_STEP_PARTY_STAFF, view_.owner(),
                             v1::NEXT_STEP_SOURCE_VENDOR, OrderStream());
    step.add_line_ids(line.line().line_id());
    const v1::SubstituteOffer& offer = line.substitute();
    Add(step,
        StrCat(view_.owner(), " asks the customer whether they take ", offer.quantity(), " of ", offer.sku(), " (",
               offer.description(), ") in place of line ", line.line().line_id()),
        StrCat("You say whether you take ", OfferForCustomer(offer, line.line())));
  }
  // What the vendors of its lines expect, the latest of them, if it ends at the customer and each of them said so.
  const v1::Eta* VendorEta(const v1::OrderShipmentView& shipment) const {
    const v1::Eta* latest = nullptr;
    if (!shipment.last_leg() || shipment.return_leg()) return nullptr;
    for (const v1::OrderLineView& line : view_.lines()) {
      if (!absl::c_linear_search(shipment.line_ids(), line.line().line_id())) continue;
      if (!line.has_vendor_eta()) return nullptr;
      const absl::Time at = runtime::FromProto(line.vendor_eta().latest());
      if (latest == nullptr || runtime::FromProto(latest->latest()) < at) latest = &line.vendor_eta();
    }
    return latest;
  }
  // By when the shipment's steps stand: by its ETA, else by that of the legs after it.
  absl::Time Place(const v1::OrderShipmentView& shipment) const {
    if (shipment.has_eta()) return runtime::FromProto(shipment.eta().latest());
    absl::Time first = absl::InfiniteFuture();
    for (const v1::OrderShipmentView& next : view_.shipments()) {
      if (!next.has_eta() || next.leg() <= shipment.leg() || !ShareLines(next, shipment)) continue;
      first = std::min(first, runtime::FromProto(next.eta().latest()));
    }
    return first;
  }
  // One that is in its store, or of which the carrier says so: the store receives it, then the customer collects it.
  void AddInStore(const v1::OrderShipmentView& shipment, v1::NextStep step, const std::string& names) {
    if (shipment.collected() || IsContradicted(row_.view(), shipment.shipment())) return;  // first it is found out
    const std::string which = StrCat(shipment.carrier(), " ", shipment.tracking_number());
    step.clear_by();
    if (shipment.has_ready_at()) {
      step.set_party(v1::NEXT_STEP_PARTY_CUSTOMER);
      return Add(step, StrCat("the customer collects ", which, " in store ", shipment.collect_at()),
                 StrCat("You collect it in our store: ", names), Place(shipment));
    }
    step.set_kind(v1::NEXT_STEP_KIND_STORE_RECEIPT);
    step.set_party(v1::NEXT_STEP_PARTY_STORE);
    if (shipment.has_receipt_due()) *step.mutable_due() = At(shipment.receipt_due());
    Add(step, StrCat("store ", shipment.collect_at(), " scans the receipt of ", which),
        StrCat("Our store receives it, and then we tell you that you can collect it: ", names));
  }

  void AddShipment(const v1::OrderShipmentView& shipment) {
    const bool to_store = !shipment.collect_at().empty();
    if ((shipment.has_delivered_at() && !to_store) || (!open_ && !shipment.return_leg())) return;
    const std::string which = StrCat(shipment.carrier(), " ", shipment.tracking_number());
    const std::string carrier = absl::AsciiStrToUpper(shipment.carrier());
    const std::string names = customer_ ? PartNames(view_, shipment.line_ids(), shipment.quantities()) : "";
    const v1::OrderShipmentView* next = NextLegOf(view_, shipment);
    const auto make = [&](v1::NextStepKind kind, bool ours) {
      v1::NextStep step =
          Make(kind, ours ? v1::NEXT_STEP_PARTY_STAFF : v1::NEXT_STEP_PARTY_CARRIER,
               ours ? view_.owner() : shipment.carrier(), v1::NEXT_STEP_SOURCE_CARRIER, shipment.shipment());
      step.set_shipment(shipment.shipment());
      *step.mutable_line_ids() = shipment.line_ids();
      return step;
    };
    const auto expected = [&](v1::NextStepKind kind) {
      v1::NextStep step = make(kind, false);
      if (shipment.has_eta()) {
        *step.mutable_due() = shipment.eta();
      } else if (const v1::Eta* vendors = VendorEta(shipment); vendors != nullptr) {
        *step.mutable_due() = *vendors;
        step.set_source(v1::NEXT_STEP_SOURCE_VENDOR);
      }
      return step;
    };
    // By when the leg after `before` is awaited, if it is.
    const auto awaited = [&](const v1::OrderShipmentView& before, v1::NextStep step) {
      if (before.has_next_leg_due()) *step.mutable_due() = At(before.next_leg_due());
      return step;
    };
    const auto goes_on = [&] {
      if (shipment.return_leg()) {
        return Add(expected(v1::NEXT_STEP_KIND_RETURN), StrCat(which, " brings the return back to the sender"),
                   StrCat(carrier, " brings it back to the sender: ", names));
      }
      if (to_store) {
        return Add(expected(v1::NEXT_STEP_KIND_DELIVERY), StrCat(which, " is brought to store ", shipment.collect_at()),
                   StrCat(carrier, " brings it to our store: ", names));
      }
      if (shipment.last_leg()) {
        return Add(expected(v1::NEXT_STEP_KIND_DELIVERY), StrCat(which, " is delivered"),
                   StrCat(carrier, " delivers: ", names));
      }
      const std::string to = next == nullptr ? "the next carrier" : next->carrier();
      Add(expected(v1::NEXT_STEP_KIND_HAND_OVER), StrCat(which, " is handed over to ", to),
          StrCat(carrier, " hands it over to ", next == nullptr ? to : absl::AsciiStrToUpper(to), ": ", names),
          Place(shipment));
    };
    if (to_store && (shipment.has_ready_at() || shipment.has_delivered_at() ||
                     shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP)) {
      return AddInStore(shipment, make(v1::NEXT_STEP_KIND_COLLECTION, false), names);
    }
    switch (shipment.state()) {
      case v1::TRACKING_STATE_UNSPECIFIED:
      case v1::TRACKING_STATE_UNKNOWN:
      case v1::TRACKING_STATE_ANNOUNCED:
        Add(awaited(LegBefore(view_, shipment), make(v1::NEXT_STEP_KIND_PICKUP, false)), StrCat(which, " is picked up"),
            StrCat(carrier, " picks it up: ", names), Place(shipment));
        if (shipment.has_eta()) goes_on();
        return;
      case v1::TRACKING_STATE_PICKED_UP:
      case v1::TRACKING_STATE_IN_TRANSIT:
      case v1::TRACKING_STATE_OUT_FOR_DELIVERY:
        return goes_on();
      case v1::TRACKING_STATE_HANDED_OVER:
        if (next != nullptr) return;  // its own step
        return Add(awaited(shipment, make(v1::NEXT_STEP_KIND_INTERVENTION, true)),
                   StrCat(view_.owner(), " finds out which carrier has taken over ", which),
                   StrCat("We find out which carrier has it: ", names));
      case v1::TRACKING_STATE_ATTEMPTED:
        return Add(expected(v1::NEXT_STEP_KIND_DELIVERY), StrCat(which, " is tried again"),
                   StrCat(carrier, " tries again: ", names));
      case v1::TRACKING_STATE_READY_FOR_PICKUP: {
        if (IsContradicted(row_.view(), shipment.shipment())) return;  // first it is found out
        v1::NextStep step = make(v1::NEXT_STEP_KIND_COLLECTION, false);
        step.set_party(v1::NEXT_STEP_PARTY_CUSTOMER);
        step.clear_by();
        return Add(step, StrCat("the customer collects ", which), StrCat("You collect it: ", names), Place(shipment));
      }
      case v1::TRACKING_STATE_ON_HOLD:
        return Add(make(v1::NEXT_STEP_KIND_INTERVENTION, true),
                   StrCat(view_.owner(), " has the hold of ", which, " lifted",
                          shipment.reason() == v1::TRACKING_REASON_UNSPECIFIED
                              ? ""
                              : StrCat(" (", ReasonText(shipment.reason()), ")")),
                   StrCat("We see to it that it goes on: ", names));
      case v1::TRACKING_STATE_RETURNING:
      case v1::TRACKING_STATE_RETURNED:
      case v1::TRACKING_STATE_LOST_OR_DAMAGED:
        if (shipment.return_leg() && shipment.state() == v1::TRACKING_STATE_RETURNING) return goes_on();
        if (shipment.return_leg() && shipment.state() == v1::TRACKING_STATE_RETURNED) return;
        if (!shipment.return_leg() && IsSentAgain(view_, shipment)) return;
        return Add(make(v1::NEXT_STEP_KIND_INTERVENTION, true),
                   shipment.return_leg()
                       ? StrCat(view_.owner(), " settles the return that was lost or damaged: ", which)
                       : StrCat(view_.owner(), " has the lines of ", which, " sent again, or gives the money back"),
                   StrCat(shipment.return_leg() ? "We settle your return: " : "We make it good: ", names));
      case v1::TRACKING_STATE_CANCELLED:
      case v1::TRACKING_STATE_DELIVERED:
        return;
      default:
        return;
    }
  }

  void AddCase(const v1::OrderRow::Case& about) {
    if (!about.open()) return;
    for (const ownership::v1::Commitment& owed : about.owed()) {
      const std::string& who = owed.owed_by().empty() ? about.owner() : owed.owed_by();
      const auto words = CommitmentWords(owed, who);
      if (!words) continue;  // not about the order
      v1::NextStep step = Make(v1::NEXT_STEP_KIND_COMMITMENT, v1::NEXT_STEP_PARTY_STAFF, who, v1::NEXT_STEP_SOURCE_CASE,
                               StrCat("ownership/", about.case_id()));
      *step.mutable_due() = At(owed.due());
      step.set_case_id(about.case_id());
      if (!customer_) step.set_commitment_id(owed.commitment_id());
      Add(std::move(step), words->staff, words->customer);
    }
  }

  v1::NextStep Promise() const {
    v1::NextStep step = Make(v1::NEXT_STEP_KIND_PROMISE, v1::NEXT_STEP_PARTY_STAFF, view_.owner(),
                             v1::NEXT_STEP_SOURCE_PROMISE, OrderStream());
    *step.mutable_due() = At(view_.promised_time());
    step.set_text(Words("all of it is with the customer, as promised", "You have all of it, as we promised"));
    return step;
  }

  const v1::OrderRow& row_;
  const v1::OrderView& view_;
  const bool customer_, open_;
  std::vector<Step> steps_;
};

}  // namespace

void SetNextSteps(const v1::OrderRow& order, v1::Audience audience, v1::OrderView& view) {
  view.clear_next_step();
  view.clear_later_steps();
  std::vector<v1::NextStep> steps = NextSteps(order, IsCustomer(audience)).Find();
  for (size_t i = 0; i < steps.size(); ++i) {
    *(i == 0 ? view.mutable_next_step() : view.add_later_steps()) = std::move(steps[i]);
  }
}

}  // namespace throughline::supplier
