#include "services/throughline/output/timeline.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

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
  if (has("AtRisk") || has("Broken") || has("Missed") || has("Corrected")) return {"▲", "!", Style::kAlarm};
  if (kind == "OrderCompleted") return {"★", "*", Style::kGreen};
  if (kind == "OrderPlaced") return {"●", "o", Style::kBold};
  if (has("Recovered") || has("Kept") || has("Confirmed") || has("NoticeResolved")) return {"✓", "+", Style::kGreen};
  if (has("Backordered") || has("Delayed")) return {"▲", "!", Style::kYellow};
  if (has("Vendor")) return {"◇", "v", Style::kBlue};
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

}  // namespace

std::string RenderOrder(const OrderView& order, const Terminal& terminal, absl::Time now) {
  const auto dim = [&](absl::string_view text) { return Paint(terminal, Style::kDim, {text.data(), text.size()}); };
  const Style expected = order.at_risk() ? Style::kAlarm : Style::kBold;
  std::string out = absl::StrCat(Paint(terminal, Style::kBold, absl::StrCat("Order ", Clean(order.order_id()))), "  ",
                                 Word(order.status()), "  ", dim("customer "), Clean(order.customer_id()), "  ",
                                 dim("owner "), Paint(terminal, Style::kBold, Clean(order.owner())), "\n",
                                 dim("  promised "), ShowTime(order.promised_time(), now), dim("   expected "),
                                 Paint(terminal, expected, Expected(order.has_eta(), order.eta(), now)));
  if (order.has_completed_at()) absl::StrAppend(&out, dim("   completed "), ShowTime(order.completed_at(), now));
  if (order.at_risk()) {
    absl::StrAppend(&out, "   ", Paint(terminal, Style::kAlarm, "AT RISK"));
    if (order.has_at_risk_cause()) absl::StrAppend(&out, " ", Clean(order.at_risk_cause()));
  }
  out += "\n";
  Table lines({{"  LINE"},
               {"QTY", Column::kWhole, Column::kRight},
               {"WHAT", Column::kMayBeCut},
               {"VENDOR"},
               {"STATUS"},
               {"VENDOR EXPECTS"},
               {"SHIPMENT"}});
  for (const auto& line : order.lines()) {
    const bool late =
        line.status() == supplier::v1::LINE_STATUS_BACKORDERED || line.status() == supplier::v1::LINE_STATUS_DELAYED;
    lines.Row({{"  " + line.line().line_id()},
               {absl::StrCat(line.line().quantity())},
               {line.line().description().empty() ? line.line().sku() : line.line().description()},
               {line.line().vendor_id()},
               {Word(line.status()), late ? Style::kYellow : Style::kPlain},
               {line.has_vendor_eta() ? ShowEta(line.vendor_eta(), now)
                : late                ? "unknown"
                                      : ""},
               {absl::StrJoin(line.shipments(), " ")}});
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
               leg.has_delivered_at() ? Style::kGreen : Style::kPlain},
              {leg.has_delivered_at() ? "arrived " + ShowTime(leg.delivered_at(), now)
               : leg.has_eta()        ? ShowEta(leg.eta(), now)
                                      : "unknown"},
              {Flags(leg.flags()), late ? Style::kYellow : Style::kPlain}});
  }
  if (!lines.empty()) absl::StrAppend(&out, lines.Render(terminal));
  if (!legs.empty()) absl::StrAppend(&out, legs.Render(terminal));
  if (order.case_ids_size() > 0) absl::StrAppend(&out, dim("  cases "), absl::StrJoin(order.case_ids(), " "), "\n");
  return out;
}

std::string Timeline::Entry(const TraceEntry& entry) {
  constexpr size_t kTextColumn = 11;  // after the time and the mark
  const absl::Time time = runtime::FromProto(entry.time());
  const Mark mark = MarkOf(entry);
  std::string out;
  if (std::string day = ShowDay(time); day != day_) {
    absl::StrAppend(&out, "\n", Paint(terminal_, Style::kBold, day), "\n");
    day_ = std::move(day);
  }
  std::string text = StateText(entry.state(), entry.reason());
  if (!text.empty()) text += "  ";
  absl::StrAppend(&text, Clean(entry.text()));
  if (const std::string place = PlaceText(entry.place()); !place.empty() && !absl::StrContains(text, place)) {
    absl::StrAppend(&text, " (", Clean(place), ")");
  }
  const char* bar = terminal_.utf8 ? "│" : "|";
  const Style edge = entry.at_risk() ? Style::kAlarm : Style::kDim;
  const std::string indent = absl::StrCat("         ", Paint(terminal_, edge, bar), " ");
  const size_t room = terminal_.width > kTextColumn + 20 ? terminal_.width - kTextColumn : 0;
  // Paint a wrapped text line by line: otherwise the style would also cover the bar.
  const Style emphasis = mark.style == Style::kAlarm ? Style::kRed : Style::kPlain;
  std::vector<std::string> lines = absl::StrSplit(Wrap(text, room, ""), '\n');
  for (std::string& line : lines) line = Paint(terminal_, emphasis, line);
  absl::StrAppend(&out, Paint(terminal_, Style::kDim, ShowClockOfDay(time)), " ",
                  Paint(terminal_, mark.style, terminal_.utf8 ? mark.glyph : mark.ascii), " ",
                  absl::StrJoin(lines, "\n" + indent), "\n", indent, Details(entry, room, indent), "\n");
  return out;
}

std::string Timeline::Details(const TraceEntry& entry, size_t room, const std::string& indent) {
  const std::string dot = terminal_.utf8 ? " · " : " | ";
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
  const auto add_point = [&](const std::string& label, const std::string& value, std::string& before) {
    add(value == before ? Style::kDim : Style::kBold, label, value);
    before = value;
  };
  add(Style::kDim, "", Clean(entry.kind()));
  add_point("owner ", Clean(entry.owner()), owner_);
  add_point("promised ", ShowTime(entry.promised_time(), now_), promised_);
  add_point("expected ", Expected(entry.has_eta(), entry.eta(), now_), expected_);
  if (entry.at_risk()) add(Style::kAlarm, "", "AT RISK");
  if (entry.flags_size() > 0) add(Style::kYellow, "", Flags(entry.flags()));
  if (entry.has_case_id()) add(Style::kDim, "case ", Clean(entry.case_id()));
  if (entry.has_shipment()) add(Style::kDim, "", Clean(entry.shipment()));
  if (!entry.by().empty()) add(Style::kDim, "by ", Clean(entry.by()));
  const absl::Duration late = runtime::FromProto(entry.recorded_at()) - runtime::FromProto(entry.time());
  if (entry.has_recorded_at() && late > absl::Minutes(10)) {
    add(Style::kDim, "", absl::StrCat("known ", ShowPeriod(late), " later"));
  }
  return out;
}

}  // namespace throughline::tool
