#include "services/throughline/output/timeline.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"

namespace throughline::tool {
namespace {

using supplier::v1::OrderView;
using supplier::v1::TraceEntry;

struct Mark {
  const char* glyph;
  const char* ascii;
  Style style;
};

// Colours of entries: trouble red, arrival green, cases their own.
Mark MarkOf(const TraceEntry& entry) {
  const std::string& kind = entry.kind();
  const auto has = [&](absl::string_view part) { return absl::StrContains(kind, part); };
  if (has("AtRisk") || has("Broken") || has("Missed") || has("Corrected") || has("ConcernRaised")) {
    return {"▲", "!", Style::kAlarm};
  }
  if (kind == "OrderCompleted") return {"★", "*", Style::kGreen};
  if (kind == "OrderPlaced") return {"●", "o", Style::kBold};
  if (has("Recovered") || has("ConcernCleared") || has("Kept") || has("Confirmed") || has("NoticeResolved"))
    return {"✓", "+", Style::kGreen};
  if (has("Backordered") || has("Delayed")) return {"▲", "!", Style::kYellow};
  if (has("Vendor")) return {"◇", "v", Style::kBlue};
  if (has("ReadinessWithdrawn")) return {"▲", "!", Style::kAlarm};
  if (kind == "ShipmentReady" || kind == "LinesCollected") return {"✓", "+", Style::kGreen};
  if (entry.state() == supplier::v1::TRACKING_STATE_DELIVERED || has("Delivered")) return {"✓", "+", Style::kGreen};
  if (entry.has_shipment()) return {"▸", ">", Style::kCyan};
  if (entry.service() == "intake") return {"■", "#", Style::kMagenta};
  if (entry.service() == "ownership") return {"◆", "#", Style::kMagenta};
  if (entry.service() == "outage-notice") return {"⚑", "~", Style::kYellow};
  return {"•", ".", Style::kPlain};
}

std::string Expected(bool known, const supplier::v1::Eta& eta, absl::Time now) {
  return known ? ShowEta(eta, now) : "unknown";
}

std::string PlaceText(const supplier::v1::Place& place) {
  std::vector<std::string> parts;
  for (const auto* part : {&place.facility(), &place.city(), &place.region(), &place.country()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return absl::StrJoin(parts, ", ");
}

// `supplier-tracking/3@1042`, as `throughline log at` takes it.
std::string CommitText(const supplier::v1::CommitLink& commit) {
  absl::string_view service = commit.topic();
  absl::ConsumePrefix(&service, "throughline.");
  absl::ConsumeSuffix(&service, ".log");
  return absl::StrCat(service, "/", commit.partition(), "@", commit.offset());
}

// The time at the place of a scan, if its clocks differ from ours: `there 04:02 America/New_York`.
std::string ThereText(const TraceEntry& entry) {
  const supplier::v1::LocalTime& local = entry.local_time();
  const bool there = local.at() == supplier::v1::LOCAL_TIME_PLACE_EVENT && local.has_offset_minutes();
  if (!there || local.offset_minutes() == OffsetMinutes(runtime::FromProto(entry.time()))) return "";
  std::string zone = local.zone();
  if (zone.empty()) {
    const int minutes = std::abs(local.offset_minutes());
    zone = absl::StrFormat("%c%02d:%02d", local.offset_minutes() < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  const size_t clock = local.time().find('T');
  return clock == std::string::npos ? "" : absl::StrCat("there ", local.time().substr(clock + 1, 5), " ", zone);
}

std::string Flags(const google::protobuf::RepeatedField<int>& flags) {
  return absl::StrJoin(flags, " ", [](std::string* out, int flag) {
    absl::StrAppend(out, Word(static_cast<supplier::v1::TrackingFlag>(flag)));
  });
}

// `IN_TRANSIT (WEATHER)`.
std::string StateText(supplier::v1::TrackingState state, supplier::v1::TrackingReason reason) {
  std::string text = Word(state);
  if (const std::string why = Word(reason); !why.empty()) absl::StrAppend(&text, text.empty() ? "(" : " (", why, ")");
  return text;
}

// `DELIVERED`; while only a part of it is sent or has arrived `ACKNOWLEDGED, 2 of 3 sent, 1 arrived`.
std::string LineStatusText(const supplier::v1::OrderLineView& line) {
  const uint32_t all = line.line().quantity(), sent = line.quantity_sent(), here = line.quantity_delivered();
  std::string text = Word(line.status());
  if (sent > 0 && sent < all) absl::StrAppend(&text, ", ", sent, " of ", all, " sent");
  if (here > 0 && here < all)
    absl::StrAppend(&text, ", ", here, sent < all ? "" : absl::StrCat(" of ", all), " arrived");
  if (!line.line().collect_at().empty()) {
    if (const uint32_t ready = line.quantity_ready(); ready > 0 && ready < all) {
      absl::StrAppend(&text, ", ", ready, " of ", all, " ready");
    }
    if (const uint32_t taken = line.quantity_collected(); taken > 0 && taken < all) {
      absl::StrAppend(&text, ", ", taken, " of ", all, " collected");
    }
    absl::StrAppend(&text, ", store ", line.line().collect_at());
  }
  if (const uint32_t back = line.quantity_returned(); back > 0 && back < all) {
    absl::StrAppend(&text, ", ", back, " of ", all, " returned");
  }
  if (line.quantity_short() > 0) absl::StrAppend(&text, ", ", line.quantity_short(), " of ", all, " missing");
  if (line.has_substitute()) {
    absl::StrAppend(&text, ": ", line.substitute().quantity(), " ", line.substitute().sku(), " as ",
                    line.substitute().line_id());
  }
  return text;
}

// The shipments that carry it; `2 in shipment/ups/1Z/1` where that is a part of it.
std::string ShipmentsOf(const OrderView& order, const supplier::v1::OrderLineView& line) {
  return absl::StrJoin(line.shipments(), " ", [&](std::string* out, const std::string& shipment) {
    for (const auto& leg : order.shipments()) {
      for (const auto& carried : leg.quantities()) {
        const bool part = leg.shipment() == shipment && carried.line_id() == line.line().line_id() &&
                          carried.quantity() < line.line().quantity();
        if (part) absl::StrAppend(out, carried.quantity(), " in ");
      }
    }
    out->append(shipment);
  });
}

}  // namespace

std::string RenderOrder(const OrderView& order, const Terminal& terminal, absl::Time now) {
  const auto dim = [&](absl::string_view text) { return Paint(terminal, Style::kDim, {text.data(), text.size()}); };
  const Style expected = order.at_risk() ? Style::kAlarm : Style::kBold;
  std::string out = absl::StrCat(Paint(terminal, Style::kBold, absl::StrCat("Order ", Clean(order.order_id()))), "  ",
                                 Word(order.status()), "  ", dim("customer "), Clean(order.customer_id()));
  if (!order.owner().empty()) {
    absl::StrAppend(&out, "  ", dim("owner "), Paint(terminal, Style::kBold, Clean(order.owner())));
  }
  absl::StrAppend(&out, "\n", dim("  promised "), ShowTime(order.promised_time(), now), dim("   expected "),
                  Paint(terminal, expected, Expected(order.has_eta(), order.eta(), now)));
  if (!order.eta_reason().empty()) {
    absl::StrAppend(&out, " ", dim(absl::StrCat("(", ShowTimesIn(Clean(order.eta_reason()), now), ")")));
  }
  if (runtime::FromProto(order.first_promised_time()) != runtime::FromProto(order.promised_time()) &&
      order.has_first_promised_time()) {
    absl::StrAppend(&out, dim("   at first promised "), ShowTime(order.first_promised_time(), now));
  }
  if (order.has_completed_at()) absl::StrAppend(&out, dim("   completed "), ShowTime(order.completed_at(), now));
  if (order.has_in_time()) {
    const bool amended = order.in_time() && !order.in_first_time();
    absl::StrAppend(&out, "   ", order.in_time() ? "in time" : Paint(terminal, Style::kAlarm, "after the promise"),
                    amended ? ", but after the first promise" : "");
  }
  if (order.at_risk()) {
    absl::StrAppend(&out, "   ", Paint(terminal, Style::kAlarm, "AT RISK"));
    if (order.has_at_risk_cause()) absl::StrAppend(&out, " ", ShowTimesIn(Clean(order.at_risk_cause()), now));
  }
  if (order.has_forecast()) {
    absl::StrAppend(&out, "\n", dim("  history "), "late with a probability of ",
                    std::lround(100 * order.forecast().late_probability()), " %, expected ",
                    ShowEta(order.forecast().expected(), now));
  }
  for (const supplier::v1::OrderConcern& concern : order.concerns()) {
    absl::StrAppend(&out, "\n  ", Paint(terminal, Style::kAlarm, Word(concern.kind())), " ",
                    ShowTimesIn(Clean(concern.text()), now), dim(" since "), ShowTime(concern.since(), now));
  }
  out += "\n" + RenderNextSteps(order, terminal, now);
  if (!order.contact().empty()) absl::StrAppend(&out, dim("  reach "), Clean(order.contact()), "\n");
  return out;
}

std::string RenderNextSteps(const OrderView& order, const Terminal& terminal, absl::Time now) {
  std::string out;
  const auto add = [&](const char* when, const supplier::v1::NextStep& step) {
    absl::StrAppend(&out, "  ", Paint(terminal, Style::kDim, when), " ", Clean(step.text()));
    if (!step.has_due()) {
      absl::StrAppend(&out, Paint(terminal, Style::kDim, ", nobody has said when"), "\n");
      return;
    }
    const absl::Time due = runtime::FromProto(step.due().latest());
    const std::string from_now =
        due < now ? absl::StrCat("overdue for ", ShowPeriod(now - due)) : ShowFromNow(due, now);
    absl::StrAppend(&out, ", by ", ShowEta(step.due(), now), " ",
                    Paint(terminal, due < now ? Style::kAlarm : Style::kDim, absl::StrCat("(", from_now, ")")), "\n");
  };
  if (order.has_next_step()) add("next", order.next_step());
  for (const supplier::v1::NextStep& step : order.later_steps()) add("then", step);
  return out;
}

std::string RenderParts(const OrderView& order, const Terminal& terminal, absl::Time now) {
  std::string out;
  Table lines({{"  LINE"},
               {"QTY", Column::kWhole, Column::kRight},
               {"WHAT", Column::kMayBeCut},
               {"VENDOR"},
               {"STATUS"},
               {"EXPECTED"},
               {"WHY", Column::kMayBeCut},
               {"SHIPMENT"}});
  for (const auto& line : order.lines()) {
    const bool late = line.status() == supplier::v1::LINE_STATUS_BACKORDERED ||
                      line.status() == supplier::v1::LINE_STATUS_DELAYED ||
                      line.status() == supplier::v1::LINE_STATUS_SHORT_SHIPPED ||
                      line.status() == supplier::v1::LINE_STATUS_SUBSTITUTE_OFFERED;
    lines.Row({{"  " + line.line().line_id()},
               {absl::StrCat(line.line().quantity())},
               {line.line().description().empty() ? line.line().sku() : line.line().description()},
               {line.line().vendor_id()},
               {LineStatusText(line), late ? Style::kYellow : Style::kPlain},
               {line.has_eta() ? ShowEta(line.eta(), now)
                : late         ? "unknown"
                               : ""},
               {ShowTimesIn(Clean(line.eta_reason()), now)},
               {ShipmentsOf(order, line)}});
  }
  Table legs({{"  LEG"}, {"SHIPMENT"}, {"STATE"}, {"EXPECTED"}, {"FLAGS"}});
  for (const auto& leg : order.shipments()) {
    const bool late = leg.flags_size() > 0;
    legs.Row({{absl::StrCat("  ", leg.leg(),
                            leg.return_leg() ? " back"
                            : leg.last_leg() ? " last"
                                             : "")},
              {leg.shipment()},
              {leg.state() == supplier::v1::TRACKING_STATE_UNSPECIFIED ? "no scan yet"
                                                                       : StateText(leg.state(), leg.reason()),
               leg.has_delivered_at() || leg.has_ready_at() ? Style::kGreen : Style::kPlain},
              {leg.collected()          ? "collected"
               : leg.has_ready_at()     ? "ready since " + ShowTime(leg.ready_at(), now)
               : leg.has_delivered_at() ? "arrived " + ShowTime(leg.delivered_at(), now)
               : leg.has_eta()          ? ShowEta(leg.eta(), now)
                                        : "unknown"},
              {Flags(leg.flags()), late ? Style::kYellow : Style::kPlain}});
  }
  if (!lines.empty()) absl::StrAppend(&out, lines.Render(terminal));
  if (!legs.empty()) absl::StrAppend(&out, legs.Render(terminal));
  Table cartons({{"  CARTON"}, {"SHIPMENT"}, {"CONTENTS", Column::kWraps}});
  for (const auto& leg : order.shipments()) {
    for (const auto& carton : leg.cartons()) {
      cartons.Row({{"  " + carton.sscc()},
                   {leg.shipment()},
                   {absl::StrJoin(carton.contents(), ", ", [](std::string* text, const auto& part) {
                     absl::StrAppend(text, part.quantity(), " of line ", part.line_id());
                   })}});
    }
  }
  if (!cartons.empty()) absl::StrAppend(&out, cartons.Render(terminal));
  if (order.case_ids_size() > 0) {
    absl::StrAppend(&out, Paint(terminal, Style::kDim, "  cases "), absl::StrJoin(order.case_ids(), " "), "\n");
  }
  return out;
}

bool Timeline::FollowsFromLast(const TraceEntry& entry) const {
  if (!entry.has_commit() || last_commit_.empty()) return false;
  const bool same = CommitText(entry.commit()) == last_commit_;
  return same || (entry.caused_by() == last_cause_ && absl::StartsWith(entry.stream(), "order/"));
}

std::string Timeline::Entry(const TraceEntry& entry) {
  constexpr size_t kTextColumn = 11;  // after the time and the mark
  const absl::Time time = runtime::FromProto(entry.time());
  const Mark mark = MarkOf(entry);
  const bool follows = FollowsFromLast(entry);
  std::string out;
  if (std::string day = ShowDay(time, now_); day != day_ && !follows) {
    absl::StrAppend(&out, day_.empty() ? "" : "\n", Paint(terminal_, Style::kBold, day), "\n");
    day_ = std::move(day);
  }
  std::string text = ShowTimesIn(Clean(entry.text()), now_);
  if (const std::string place = PlaceText(entry.place()); !place.empty() && !absl::StrContains(text, place)) {
    absl::StrAppend(&text, " (", Clean(place), ")");
  }
  const Style edge = entry.at_risk() ? Style::kAlarm : Style::kDim;
  const std::string bar = Paint(terminal_, edge, terminal_.utf8 ? "│" : "|");
  const std::string indent = absl::StrCat("         ", bar, " ");
  const size_t room = terminal_.width > kTextColumn + 20 ? terminal_.width - kTextColumn : 0;
  // Paint a wrapped text line by line: otherwise the style would also cover the bar.
  const Style emphasis = mark.style == Style::kAlarm ? Style::kRed : Style::kPlain;
  std::vector<std::string> lines = absl::StrSplit(Wrap(text, room > 2 && follows ? room - 2 : room, ""), '\n');
  for (std::string& line : lines) line = Paint(terminal_, emphasis, line);
  const std::string glyph = Paint(terminal_, mark.style, terminal_.utf8 ? mark.glyph : mark.ascii);
  if (follows) {
    absl::StrAppend(&out, indent, glyph, " ", absl::StrJoin(lines, "\n" + indent + "  "), "\n");
  } else {
    const bool date_only = entry.time_certainty() == supplier::v1::TIME_CERTAINTY_DATE_ONLY;
    absl::StrAppend(&out, Paint(terminal_, Style::kDim, date_only ? "--:--:--" : ShowClockOfDay(time)), " ", glyph, " ",
                    absl::StrJoin(lines, "\n" + indent), "\n");
    last_commit_ = entry.has_commit() ? CommitText(entry.commit()) : "";
    last_cause_ = absl::StrCat(entry.stream(), "@", entry.version());
  }
  const std::string details = Details(entry, room, indent);
  if (!details.empty()) absl::StrAppend(&out, indent, details, "\n");
  return out;
}

std::string Timeline::Details(const TraceEntry& entry, size_t room, const std::string& indent) {
  const std::string dot = terminal_.utf8 ? " · " : " | ";
  const std::string arrow = terminal_.utf8 ? " → " : " -> ";
  std::string out;
  size_t column = 0;
  const auto add = [&](Style style, const std::string& label, const std::string& value) {
    const size_t size = Width(label) + Width(value);
    if (column > 0 && room > 0 && column + 3 + size > room) {
      out += "\n" + indent;
      column = 0;
    } else if (column > 0) {
      out += Paint(terminal_, Style::kDim, dot);
      column += 3;
    }
    absl::StrAppend(&out, Paint(terminal_, Style::kDim, label), Paint(terminal_, style, value));
    column += size;
  };
  // What stays the same is said once.
  const auto add_if_new = [&](const std::string& label, const std::string& value, std::string& before) {
    if (value != before) add(Style::kDim, label, value);
    before = value;
  };
  const supplier::v1::TraceEffect& effect = entry.effect();
  if (effect.has_owner()) {
    add(Style::kBold, "owner ", absl::StrCat(Clean(effect.owner().before()), arrow, Clean(effect.owner().after())));
  }
  if (effect.has_promise()) {
    add(Style::kBold, "promised ",
        absl::StrCat(ShowTime(effect.promise().before(), now_), arrow, ShowTime(effect.promise().after(), now_)));
  }
  if (effect.has_shipment_eta()) {
    const supplier::v1::EtaChange& eta = effect.shipment_eta();
    add(Style::kBold, "shipment expected ",
        absl::StrCat(eta.has_before() ? ShowEta(eta.before(), now_) + arrow : "",
                     Expected(eta.has_after(), eta.after(), now_)));
  }
  if (entry.flags_size() > 0) add(Style::kYellow, "", Flags(entry.flags()));
  if (const std::string there = ThereText(entry); !there.empty()) add(Style::kDim, "", Clean(there));
  if (entry.time_certainty() == supplier::v1::TIME_CERTAINTY_UNCERTAIN) add(Style::kYellow, "", "time not certain");
  if (entry.time_certainty() == supplier::v1::TIME_CERTAINTY_DERIVED) add(Style::kDim, "", "offset by the place");
  if (entry.time_certainty() == supplier::v1::TIME_CERTAINTY_DATE_ONLY) add(Style::kDim, "", "only the date is known");
  if (entry.has_case_id()) add_if_new("case ", Clean(entry.case_id()), case_);
  if (entry.has_shipment() && !absl::StrContains(entry.text(), entry.shipment())) {
    add_if_new("", Clean(entry.shipment()), shipment_);
  }
  if (!entry.by().empty() && !absl::StrContains(entry.text(), entry.by())) add(Style::kDim, "by ", Clean(entry.by()));
  const absl::Duration late = runtime::FromProto(entry.recorded_at()) - runtime::FromProto(entry.time());
  if (entry.has_recorded_at() && late > absl::Minutes(10)) {
    add(Style::kDim, "", absl::StrCat("known ", ShowPeriod(late), " later"));
  }
  if (commits_ && entry.has_commit()) add(Style::kDim, "", Clean(CommitText(entry.commit())));
  return out;
}

}  // namespace throughline::tool
