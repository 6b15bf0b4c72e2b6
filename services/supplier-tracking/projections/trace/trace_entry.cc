#include "services/supplier-tracking/projections/trace/trace_entry.h"

#include "absl/algorithm/container.h"

#include "libs/log/event_log.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/place_zone.h"
#include "services/supplier-tracking/projections/collection/collection_words.h"
#include "services/supplier-tracking/projections/order/customer_text.h"

namespace throughline::supplier {
namespace {

constexpr size_t kDateSize = 10;  // of `YYYY-MM-DD`

v1::LocalTime TimeIn(const absl::TimeZone& zone, absl::Time time, v1::LocalTimePlace at) {
  v1::LocalTime local;
  local.set_time(absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, zone));
  local.set_offset_minutes(zone.At(time).offset / 60);
  local.set_zone(zone.name());
  local.set_at(at);
  return local;
}

}  // namespace

bool IsCustomer(v1::Audience audience) {
  return audience != v1::AUDIENCE_UNSPECIFIED && audience != v1::AUDIENCE_STAFF;
}

v1::TimeCertainty CertaintyOf(const v1::TraceEntry& entry) {
  if (!entry.has_carrier_time()) return v1::TIME_CERTAINTY_CERTAIN;
  const v1::CarrierTime& told = entry.carrier_time();
  if (told.local_time().size() == kDateSize) return v1::TIME_CERTAINTY_DATE_ONLY;
  if (told.uncertain()) return v1::TIME_CERTAINTY_UNCERTAIN;
  switch (told.offset_source()) {
    case v1::OFFSET_SOURCE_ABBREVIATION:
    case v1::OFFSET_SOURCE_PLACE:
      return v1::TIME_CERTAINTY_DERIVED;
    case v1::OFFSET_SOURCE_ASSUMED:
      return v1::TIME_CERTAINTY_UNCERTAIN;
    default:
      return v1::TIME_CERTAINTY_CERTAIN;
  }
}

std::optional<v1::LocalTime> LocalTimeOf(const v1::TraceEntry& entry,
                                         const std::optional<absl::TimeZone>& destination) {
  const absl::Time time = runtime::FromProto(entry.time());
  const v1::CarrierTime& told = entry.carrier_time();
  const std::optional<PlaceZone> place = entry.has_place() ? ZoneOfPlace(entry.place()) : std::nullopt;
  if (told.local_time().empty()) {
    if (place) return TimeIn(place->zone, time, v1::LOCAL_TIME_PLACE_EVENT);
    if (destination) return TimeIn(*destination, time, v1::LOCAL_TIME_PLACE_DESTINATION);
    return std::nullopt;
  }
  v1::LocalTime local;
  local.set_time(told.local_time());
  local.set_at(v1::LOCAL_TIME_PLACE_EVENT);
  if (told.has_offset_minutes()) local.set_offset_minutes(told.offset_minutes());
  if (!place) return local;
  if (local.time().size() == kDateSize) {
    local.set_zone(place->zone.name());
  } else if (place->zone.At(time).offset == told.offset_minutes() * 60) {
    local.set_zone(place->zone.name());
  } else if (place->sure && !told.uncertain()) {
    // The carrier gave the moment by another clock, for instance in UTC.
    return TimeIn(place->zone, time, v1::LOCAL_TIME_PLACE_EVENT);
  }
  return local;
}

EntryMaker::EntryMaker(const v1::OrderRow& order, v1::Audience audience)
    : order_(order), customer_(IsCustomer(audience)), destination_(ZoneByName(order.view().destination_zone())) {}

std::optional<v1::TraceEntry> EntryMaker::Make(v1::TraceRow row) const {
  if (customer_ && row.customer_text().empty()) return std::nullopt;
  v1::TraceEntry entry = std::move(*row.mutable_entry());
  if (auto local = LocalTimeOf(entry, destination_)) *entry.mutable_local_time() = *std::move(local);
  entry.set_time_certainty(CertaintyOf(entry));
  if (customer_) {
    // That it is ready is told by the order, once the store has it and may be trusted.
    if (EndsAtOurStore(entry) && entry.state() == v1::TRACKING_STATE_READY_FOR_PICKUP) return std::nullopt;
    v1::TraceEntry shown = ForCustomer(row, entry);
    if (shown.text().empty()) return std::nullopt;
    return shown;
  }
  v1::CommitLink& link = *entry.mutable_commit();
  link.set_topic(log::TopicName(static_cast<log::Topic>(row.place().topic())));
  link.set_partition(row.place().partition());
  link.set_offset(row.place().offset());
  link.set_event_index(row.place().index());
  return entry;
}

bool EntryMaker::EndsAtOurStore(const v1::TraceEntry& entry) const {
  return entry.has_shipment() && absl::c_any_of(order_.view().shipments(), [&](const v1::OrderShipmentView& shipment) {
           return shipment.shipment() == entry.shipment() && !shipment.collect_at().empty();
         });
}

v1::TraceEntry EntryMaker::ForCustomer(const v1::TraceRow& row, const v1::TraceEntry& entry) const {
  v1::TraceEntry shown;
  shown.set_entry_id(entry.entry_id());
  *shown.mutable_time() = entry.time();
  *shown.mutable_recorded_at() = entry.recorded_at();
  shown.set_kind(entry.kind());
  shown.set_text(row.customer_text());
  if (entry.has_eta()) *shown.mutable_eta() = entry.eta();
  shown.set_state(entry.state());
  shown.set_reason(entry.reason());
  if (entry.has_local_time()) *shown.mutable_local_time() = entry.local_time();
  shown.set_time_certainty(entry.time_certainty());
  *shown.mutable_line_ids() = entry.line_ids();
  if (entry.has_case_id()) shown.set_case_id(entry.case_id());
  if (entry.has_place()) *shown.mutable_place() = TownOf(entry.place());
  if (entry.has_shipment()) {
    shown.set_shipment(entry.shipment());
    const auto leg = absl::c_find_if(order_.view().shipments(), [&](const v1::OrderShipmentView& shipment) {
      return shipment.shipment() == entry.shipment();
    });
    const bool arrives = leg == order_.view().shipments().end() || leg->last_leg() || leg->return_leg();
    if (entry.state() == v1::TRACKING_STATE_DELIVERED && !arrives) shown.set_text(ArrivedForNextLeg(entry.place()));
    if (entry.state() == v1::TRACKING_STATE_DELIVERED && EndsAtOurStore(entry)) {
      shown.set_text(SaidToBeInStore(order_.view(), *leg, "it"));
      shown.clear_state();
    }
  }
  if (entry.has_effect()) {
    v1::TraceEffect& effect = *shown.mutable_effect();
    const v1::TraceEffect& all = entry.effect();
    if (all.has_shipment_state() && !EndsAtOurStore(entry)) *effect.mutable_shipment_state() = all.shipment_state();
    if (all.has_shipment_eta()) *effect.mutable_shipment_eta() = all.shipment_eta();
    // When a carrier called it delivered to our store is not when it is expected.
    const bool said = entry.state() == v1::TRACKING_STATE_DELIVERED && EndsAtOurStore(entry);
    if (all.has_eta() && !said) *effect.mutable_eta() = all.eta();
    if (all.has_risk()) *effect.mutable_risk() = all.risk();
    if (all.has_promise()) *effect.mutable_promise() = all.promise();
    *effect.mutable_lines() = all.lines();
    if (all.has_complete()) effect.set_complete(all.complete());
  }
  return shown;
}

void EntryMaker::Finish(v1::TraceEntry& entry) const {
  if (!customer_) return;
  entry.clear_owner();
  if (!entry.has_effect()) return;
  entry.mutable_effect()->clear_owner();
  if (entry.effect().ByteSizeLong() == 0) entry.clear_effect();
}

}  // namespace throughline::supplier
