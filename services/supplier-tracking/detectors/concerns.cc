#include "services/supplier-tracking/detectors/concerns.h"

#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/detectors/detector_tables.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

// `OUT_FOR_DELIVERY` as `out for delivery`.
std::string Words(v1::TrackingState state) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(v1::TrackingState_Name(state), "TRACKING_STATE_"), {{"_", " "}}));
}

void Clear(const v1::ShipmentView& view, v1::ConcernKind kind, runtime::Reactions& reactions) {
  ClearConcern command;
  command.request.set_kind(kind);
  command.request.set_about(view.shipment());
  command.request.set_evidence(absl::StrCat(
      view.carrier(), ": ", Words(view.state()),
      view.has_state_since()
          ? absl::StrCat(" at ", absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(view.state_since()),
                                                  absl::UTCTimeZone()))
          : ""));
  reactions.Execute<Order>({Order::kKind, view.order_id()}, std::move(command),
                           absl::StrCat("clear/", view.shipment(), "/", static_cast<int>(kind)));
}

void Raise(const v1::ShipmentView& view, const v1::ShipmentChecked& raised, runtime::Reactions& reactions) {
  RaiseConcern command;
  v1::OrderConcern& concern = command.request;
  concern.set_kind(raised.kind());
  concern.set_about(view.shipment());
  concern.set_text(raised.text());
  *concern.mutable_since() = raised.since();
  concern.set_key(absl::StrCat(absl::ToUnixMicros(runtime::FromProto(raised.since()))));
  concern.set_state(view.state());
  reactions.Execute<Order>({Order::kKind, view.order_id()}, std::move(command),
                           absl::StrCat("raise/", static_cast<int>(raised.kind())));
}

std::optional<v1::ShipmentView> ViewOf(const std::string& stream, const store::KeyValue& reader) {
  ShipmentName name;
  if (!ParseShipmentStream(stream, name)) return std::nullopt;
  auto view = kShipments.Get(reader, name.carrier, name.number, name.epoch);
  if (!view || !view->has_order_id()) return std::nullopt;
  return view;
}

// A concern was raised: the shipment may have moved on meanwhile.
void LookAgain(const v1::OrderConcern& concern, const store::KeyValue& reader, runtime::Reactions& reactions) {
  const auto row = kWatches.Get(reader, concern.about());
  if (!row || !absl::c_linear_search(row->ended(), concern.kind())) return;
  if (const auto view = ViewOf(concern.about(), reader)) Clear(*view, concern.kind(), reactions);
}

}  // namespace

void RaiseShipmentConcerns::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                                  runtime::Reactions& reactions) {
  if (commit.stream.kind == Order::kKind) {
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const auto& event = commit.EventAt<v1::OrderEvent>(i);
      if (event.has_concern_raised()) LookAgain(event.concern_raised().concern(), reader, reactions);
    }
    return;
  }
  if (commit.stream.kind != Shipment::kKind) return;
  const std::string stream = commit.stream.ToString();
  const auto row = kWatches.Get(reader, stream);
  if (!row || (row->raised().empty() && row->ended().empty())) return;
  const auto view = ViewOf(stream, reader);
  if (!view) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    if (!commit.EventAt<v1::ShipmentEvent>(i).has_checked()) continue;
    for (const v1::ShipmentChecked& raised : row->raised()) Raise(*view, raised, reactions);
  }
  for (const int kind : row->ended()) Clear(*view, static_cast<v1::ConcernKind>(kind), reactions);
}

}  // namespace throughline::supplier
