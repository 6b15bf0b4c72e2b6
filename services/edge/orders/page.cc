#include "services/edge/orders/page.h"

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "services/edge/orders/words.h"
#include "services/edge/pages/layout.h"

namespace throughline::edge::orders {
namespace {

namespace v1 = supplier::v1;
using pages::Values;
using runtime::FromProto;

// Where the forms go, and what makes them the customer's.
void SetForm(const PageParts& parts, Values& form) {
  form.Set("PATH", absl::StrCat("/orders/", parts.order.page().order_id())).Set("SECRET", parts.secret);
}

void AddSaid(const std::string& said, Values& page) {
  const auto add = [&](const char* kind, const char* text) { page.Add("SAID").Set("KIND", kind).Set("TEXT", text); };
  if (said == "confirmed") add("good", "Thank you. You confirmed that it is solved.");
  if (said == "rejected") add("warn", "Thank you. You said that it is not solved. We look at it again and answer you.");
  if (said == "missing") add("warn", "Thank you. You said that it is not here. We look into it and answer you.");
  if (said == "changed")
    add("warn", "That could not be recorded, because something has changed since. Please read on.");
}

// Whether all that the customer does not have is ready for them.
bool IsReady(const v1::OrderPage& order) {
  const auto is = [](v1::LineStatus status) {
    return [status](const v1::OrderPageLine& line) { return line.status() == status; };
  };
  return order.status() == v1::ORDER_STATUS_OPEN &&
         absl::c_any_of(order.lines(), is(v1::LINE_STATUS_READY_FOR_COLLECTION)) &&
         absl::c_all_of(order.lines(), [](const v1::OrderPageLine& line) {
           return line.status() == v1::LINE_STATUS_READY_FOR_COLLECTION || line.status() == v1::LINE_STATUS_COLLECTED ||
                  line.status() == v1::LINE_STATUS_DELIVERED || line.status() == v1::LINE_STATUS_CANCELLED ||
                  line.status() == v1::LINE_STATUS_RETURNING || line.status() == v1::LINE_STATUS_RETURNED;
         });
}

std::string Part(uint32_t some, const v1::OrderPageLine& line, const char* what) {
  return some > 0 && some < line.quantity() ? absl::StrCat(", ", some, " of ", line.quantity(), " ", what) : "";
}

void AddState(const v1::OrderPage& order, absl::TimeZone zone, Values& page) {
  Values& state = page.Add("STATE");
  if (order.status() == v1::ORDER_STATUS_RETURNED) {
    state.Set("KIND", "").Set("TEXT", "All of it is back with us.");
  } else if (order.status() == v1::ORDER_STATUS_PARTLY_RETURNED) {
    state.Set("KIND", "").Set("TEXT", "All of it was delivered, and a part of it is back with us.");
  } else if (order.status() == v1::ORDER_STATUS_COMPLETED) {
    const bool collected =
        absl::c_any_of(order.lines(), [](const v1::OrderPageLine& line) { return line.quantity_collected() > 0; });
    state.Set("KIND", "good")
        .Set("TEXT", absl::StrCat(collected ? "You have all of it since " : "All of it was delivered on ",
                                  TimeText(FromProto(order.completed_at()), zone), "."));
  } else if (order.status() == v1::ORDER_STATUS_CANCELLED) {
    state.Set("KIND", "warn").Set("TEXT", "Your order is cancelled.");
  } else if (IsReady(order)) {
    state.Set("KIND", "good").Set("TEXT", "What you do not have yet is ready for you to collect.");
  } else if (order.overdue()) {
    state.Set("KIND", "bad").Set("TEXT", "The promised time has passed, and not all of it is with you. We are on it.");
  } else if (order.at_risk()) {
    state.Set("KIND", "warn").Set("TEXT", "We may not keep the promised time. We are on it.");
  } else {
    state.Set("KIND", "").Set("TEXT", "As it stands, you have it in time.");
  }
}

void AddTime(const char* name, absl::Time time, absl::TimeZone zone, Values& values) {
  values.Set(name, TimeText(time, zone)).Set(absl::StrCat(name, "_AT"), TimeStamp(time));
}

void AddProposals(const PageParts& parts, Values& page) {
  for (const Proposal& proposal : parts.proposals) {
    Values& shown = page.Add("PROPOSAL");
    SetForm(parts, shown);
    shown.Set("TEXT", proposal.text).Set("CASE", proposal.case_id);
    shown.Set("READ", absl::BytesToHexString(crypto::Sha256(proposal.text))).Set("COMMAND", parts.command);
  }
}

void AddParcels(const v1::OrderPage& order, absl::TimeZone zone, Values& page) {
  if (order.parcels().empty()) return;
  Values& list = page.Add("PARCELS");
  for (const v1::OrderPageParcel& parcel : order.parcels()) {
    Values& shown = list.Add("PARCEL");
    shown.Set("CARRIER", CarrierText(parcel.carrier())).Set("NUMBER", parcel.tracking_number());
    shown.Set("STATE", absl::StrCat(parcel.return_leg() ? "return, " : "", StateText(parcel.state())));
    const bool over = parcel.state() == v1::TRACKING_STATE_DELIVERED || parcel.state() == v1::TRACKING_STATE_RETURNED;
    if (parcel.has_eta() && !over) shown.SetIfAny("EXPECTED", EtaText(parcel.eta(), zone));
  }
}

}  // namespace

std::string OrderHtml(const PageParts& parts) {
  const v1::OrderPage& order = parts.order.page();
  const absl::TimeZone zone = ZoneOf(order.zone());
  Values page;
  page.Set("ORDER", order.order_id()).Set("ZONE", zone.name()).Set("COMMAND", parts.command);
  SetForm(parts, page);
  AddSaid(parts.said, page);
  AddState(order, zone, page);
  AddProposals(parts, page);
  AddTime("PROMISED", FromProto(order.promised_time()), zone, page);
  if (FromProto(order.first_promised_time()) != FromProto(order.promised_time())) {
    AddTime("FIRST", FromProto(order.first_promised_time()), zone, page.Add("CHANGED"));
  }
  if (order.has_promised_from()) AddTime("FROM", FromProto(order.promised_from()), zone, page.Add("WINDOW"));
  if (order.status() == v1::ORDER_STATUS_OPEN) {
    // What is in our store, or is said to be, has no time any more.
    std::string expected = order.eta_reason().empty() ? "not known yet" : order.eta_reason();
    if (order.has_eta()) {
      const std::string why = order.eta_reason().empty() ? "" : absl::StrCat("; ", order.eta_reason());
      expected = absl::StrCat(EtaText(order.eta(), zone), why);
    }
    page.Add("OPEN").Set("EXPECTED", expected);
  }
  if (order.has_next()) {
    Values& next = page.Add("NEXT").Set("TEXT", order.next().text());
    if (order.next().has_due()) next.SetIfAny("DUE", EtaText(order.next().due(), zone));
  }
  page.Set("CONTACT", order.contact().empty() ? "Our customer service answers for your order." : order.contact());
  for (const v1::OrderPageLine& line : order.lines()) {
    const bool where = line.status() == v1::LINE_STATUS_READY_FOR_COLLECTION;
    const std::string arrived = absl::StrCat(
        where ? absl::StrCat(" in ", line.collect_at()) : "", Part(line.quantity_delivered(), line, "arrived"),
        Part(line.quantity_ready(), line, "ready"), Part(line.quantity_collected(), line, "collected"),
        line.quantity_returned() > 0
            ? absl::StrCat(", ", line.quantity_returned(), " of ", line.quantity(), " returned")
            : "");
    page.Add("LINE")
        .Set("NAME", line.description())
        .Set("QUANTITY", absl::StrCat(line.quantity()))
        .Set("STATUS", absl::StrCat(StatusText(line.status()), arrived));
  }
  AddParcels(order, zone, page);
  for (auto step = order.steps().rbegin(); step != order.steps().rend(); ++step) {
    Values& shown = page.Add("STEP").Set("TEXT", step->text());
    AddTime("TIME", FromProto(step->time()), zone, shown);
    shown.SetIfAny("PLACE", step->place());
    if (step->time_uncertain()) shown.Add("UNCERTAIN");
  }
  const std::string footer =
      absl::StrCat("Whoever has the address of this page can read it. It closes on ",
                   DayText(FromProto(parts.order.expires_at()), zone), ". Times are those of ", zone.name(), ".");
  return pages::Page({.site = parts.site, .title = absl::StrCat("Your order ", order.order_id()), .footer = footer},
                     "order.html", std::move(page));
}

}  // namespace throughline::edge::orders
