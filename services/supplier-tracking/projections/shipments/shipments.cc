#include "services/supplier-tracking/projections/shipments/shipments.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/shipment.h"
#include "services/supplier-tracking/domain/standing.h"
#include "services/supplier-tracking/domain/summary.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/order/order_rows.h"
#include "services/supplier-tracking/projections/shipments/quarantine.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/scan_text.h"
#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

using Event = v1::ShipmentEvent;
using Scan = v1::ShipmentState::Scan;
using runtime::AcceptedCommit;
using runtime::FromProto;

// The commit, and its stream's name and state.
struct Applied {
  const AcceptedCommit& commit;
  const v1::ShipmentState& state;
  ShipmentName name;
  store::Batch& batch;
  v1::TraceEffect effect = {};  // of the commit

  std::optional<v1::ScanRow> GetScan(const Scan& scan) const {
    return kScans.Get(batch, name.carrier, name.number, name.epoch, absl::FromUnixMicros(scan.instant()),
                      ShortId(scan));
  }
  void PutScan(const Scan& scan, const v1::ScanRow& row) const {
    kScans.Put(batch, name.carrier, name.number, name.epoch, absl::FromUnixMicros(scan.instant()), ShortId(scan), row);
  }
  // Changes a scan that was put before, in the trace as well.
  void ChangeScan(const Scan& scan, v1::ScanRow& row) const;
  const Scan* Find(const std::string& id) const {
    for (const Scan& scan : state.scans()) {
      if (ShortId(scan) == id) return &scan;
    }
    return nullptr;
  }
};

void Applied::ChangeScan(const Scan& scan, v1::ScanRow& row) const {
  row.mutable_trace()->mutable_entry()->set_text(ScanText(name.carrier, row.scan()));
  row.mutable_trace()->set_customer_text(CustomerText(row.scan()));
  PutScan(scan, row);
  if (state.announced()) ChangeInTrace(batch, state.order_id(), row.trace());
}

// A trace row whose time is the carrier's.
v1::TraceRow CarrierRow(const Applied& applied, size_t i, std::string text, const v1::CarrierTime& time) {
  v1::TraceRow row = MakeTraceRow(applied.commit, i, std::move(text));
  if (time.has_instant()) *row.mutable_entry()->mutable_time() = time.instant();
  *row.mutable_entry()->mutable_carrier_time() = time;
  row.mutable_entry()->set_shipment(applied.commit.stream.ToString());
  return row;
}

void MarkCorrected(const Applied& applied, const std::string& id) {
  const Scan* scan = applied.Find(id);
  if (scan == nullptr) return;
  std::optional<v1::ScanRow> row = applied.GetScan(*scan);
  if (!row || row->scan().corrected()) return;
  row->mutable_scan()->set_corrected(true);
  applied.ChangeScan(*scan, *row);
}

void Record(const Applied& applied, size_t i, const v1::StatusRecorded& recorded) {
  const Scan* scan = applied.Find(ShortId(recorded.fingerprint()));
  if (scan == nullptr) return;
  v1::ScanRow row;
  v1::ScanView& view = *row.mutable_scan();
  view.set_fingerprint(recorded.fingerprint());
  view.set_state(recorded.state());
  view.set_reason(recorded.reason());
  *view.mutable_flags() = recorded.flags();
  if (recorded.has_code()) *view.mutable_code() = recorded.code();
  view.set_text(recorded.text());
  if (recorded.has_place()) *view.mutable_place() = recorded.place();
  *view.mutable_time() = recorded.time();
  *view.mutable_received_at() = recorded.received_at();
  if (recorded.has_correction_of()) view.set_correction_of(recorded.correction_of());
  view.set_source(recorded.source());
  view.set_sent_number(recorded.sent_number());
  view.set_store(recorded.store());
  view.set_store_receipt(recorded.store_receipt());
  if (recorded.has_handed_to()) *view.mutable_handed_to() = recorded.handed_to();
  if (recorded.has_proof()) *view.mutable_proof() = recorded.proof();
  for (const Scan& other : applied.state.scans()) {
    if (!other.corrects().empty() && other.corrects() == ShortId(*scan) && &other != scan) view.set_corrected(true);
  }
  *row.mutable_trace() = CarrierRow(applied, i, ScanText(applied.name.carrier, view), recorded.time());
  v1::TraceEntry& entry = *row.mutable_trace()->mutable_entry();
  entry.set_state(recorded.state());
  entry.set_reason(recorded.reason());
  *entry.mutable_flags() = recorded.flags();
  if (recorded.has_place()) *entry.mutable_place() = recorded.place();
  row.mutable_trace()->set_customer_text(CustomerText(view));
  if (applied.effect.ByteSizeLong() > 0) *entry.mutable_effect() = applied.effect;
  if (applied.state.announced()) {
    row.set_known_at(applied.commit.position.offset);
    AddToTrace(applied.batch, applied.state.order_id(), row.trace(), row.known_at());
  }
  applied.PutScan(*scan, row);
  if (!scan->corrects().empty()) MarkCorrected(applied, scan->corrects());
}

// The time is part of the scan's place among the others, and of its entry's in the trace: both move.
void MoveScan(const Applied& applied, size_t i, const Scan& scan, const v1::StatusAmended& amended, v1::ScanRow& row) {
  v1::ScanView& view = *row.mutable_scan();
  uint32_t flags = FlagBits(view.flags()) & ~(uint32_t{1} << v1::TRACKING_FLAG_TIME_UNCERTAIN);
  if (amended.time().uncertain()) flags |= uint32_t{1} << v1::TRACKING_FLAG_TIME_UNCERTAIN;
  SetFlags(flags, *view.mutable_flags());
  *view.mutable_time() = amended.time();
  kScans.Delete(applied.batch, applied.name.carrier, applied.name.number, applied.name.epoch,
                FromProto(amended.previous_instant()), ShortId(scan));
  const bool listed = row.has_known_at();
  if (listed) {
    RemoveFromTrace(applied.batch, applied.state.order_id(), row.trace(), row.known_at(),
                    applied.commit.position.offset);
  }
  v1::TraceEntry was = row.trace().entry();
  *row.mutable_trace() = CarrierRow(applied, i, ScanText(applied.name.carrier, view), view.time());
  v1::TraceEntry& entry = *row.mutable_trace()->mutable_entry();
  entry.set_kind(was.kind());
  entry.set_state(view.state());
  entry.set_reason(view.reason());
  *entry.mutable_flags() = view.flags();
  if (view.has_place()) *entry.mutable_place() = view.place();
  if (listed) {
    row.set_known_at(applied.commit.position.offset);
    AddToTrace(applied.batch, applied.state.order_id(), row.trace(), row.known_at());
  }
  applied.PutScan(scan, row);
}

void Amend(const Applied& applied, size_t i, const v1::StatusAmended& amended) {
  const Scan* scan = applied.Find(ShortId(amended.fingerprint()));
  if (scan == nullptr) return;
  std::optional<v1::ScanRow> row =
      kScans.Get(applied.batch, applied.name.carrier, applied.name.number, applied.name.epoch,
                 amended.has_time() ? FromProto(amended.previous_instant()) : absl::FromUnixMicros(scan->instant()),
                 ShortId(*scan));
  if (!row) return;
  v1::ScanView& view = *row->mutable_scan();
  if (!amended.text().empty()) view.set_text(amended.text());
  // What is told again may have less detail in other fields.
  if (amended.has_place()) view.mutable_place()->MergeFrom(amended.place());
  if (!amended.store().empty()) view.set_store(amended.store());
  if (amended.has_handed_to()) *view.mutable_handed_to() = amended.handed_to();
  if (amended.has_proof()) *view.mutable_proof() = amended.proof();
  if (amended.returned()) {
    view.set_state(v1::TRACKING_STATE_RETURNED);
    row->mutable_trace()->mutable_entry()->set_state(v1::TRACKING_STATE_RETURNED);
  }
  if (amended.has_time()) return MoveScan(applied, i, *scan, amended, *row);
  applied.ChangeScan(*scan, *row);
}

// Adds the row to the order's trace.
void BringUnclear(const Applied& applied, Event::EventCase kind, const std::string& id, v1::UnclearRow& row) {
  row.set_known_at(applied.commit.position.offset);
  kUnclear.Put(applied.batch, applied.commit.stream.ToString(), kind, id, row);
  AddToTrace(applied.batch, applied.state.order_id(), row.trace(), row.known_at());
}

void PutUnclear(const Applied& applied, Event::EventCase kind, const std::string& fingerprint, v1::TraceRow trace,
                const v1::StatusQuarantined* quarantined = nullptr) {
  v1::UnclearRow row;
  if (quarantined != nullptr) *row.mutable_quarantined() = *quarantined;
  *row.mutable_trace() = std::move(trace);
  if (applied.state.announced()) return BringUnclear(applied, kind, ShortId(fingerprint), row);
  kUnclear.Put(applied.batch, applied.commit.stream.ToString(), kind, ShortId(fingerprint), row);
}

// Removes a quarantined message that has got a meaning: its scan replaces it.
void Forget(const Applied& applied, const std::string& fingerprint) {
  const std::string stream = applied.commit.stream.ToString();
  const auto row = kUnclear.Get(applied.batch, stream, Event::kStatusQuarantined, ShortId(fingerprint));
  if (!row) return;
  kUnclear.Delete(applied.batch, stream, Event::kStatusQuarantined, ShortId(fingerprint));
  for (const int64_t offset : PartOffsets(row->quarantined())) {
    kQuarantineParts.Delete(applied.batch, stream, ShortId(fingerprint), offset);
  }
  if (row->has_known_at()) {
    RemoveFromTrace(applied.batch, applied.state.order_id(), row->trace(), row->known_at(),
                    applied.commit.position.offset);
  }
}

// Adds everything that was folded before the order announced the shipment to the order's trace.
void BringToOrder(const Applied& applied) {
  const std::string& order_id = applied.state.order_id();
  for (const Scan& scan : applied.state.scans()) {
    if (auto row = applied.GetScan(scan)) {
      row->set_known_at(applied.commit.position.offset);
      applied.PutScan(scan, *row);
      AddToTrace(applied.batch, order_id, row->trace(), row->known_at());
    }
  }
  const std::string stream = applied.commit.stream.ToString();
  const auto bring = [&](Event::EventCase kind, const auto& ids) {
    for (const std::string& id : ids) {
      if (auto row = kUnclear.Get(applied.batch, stream, kind, id)) BringUnclear(applied, kind, id, *row);
    }
  };
  bring(Event::kConflictRecorded, applied.state.conflicts());
  bring(Event::kStatusQuarantined, applied.state.quarantined());
}

std::string CodeText(const v1::CarrierCode& code) {
  return absl::StrCat(code.type(), code.type().empty() ? "" : "/", code.code());
}

void ApplyEvent(const Applied& applied, size_t i, const Event& event, bool announced_before) {
  switch (event.event_case()) {
    case Event::kAnnounced:
      if (!announced_before) BringToOrder(applied);
      return;
    case Event::kStatusRecorded:
      if (event.status_recorded().from_quarantine()) {
        // The code may be read differently by now: it leaves the place where it was put.
        const auto row = kUnclear.Get(applied.batch, applied.commit.stream.ToString(), Event::kStatusQuarantined,
                                      ShortId(event.status_recorded().fingerprint()));
        LeaveQuarantine(applied.batch, applied.name.carrier,
                        row ? row->quarantined().code() : event.status_recorded().code());
        Forget(applied, event.status_recorded().fingerprint());
      }
      return Record(applied, i, event.status_recorded());
    case Event::kStatusAmended:
      return Amend(applied, i, event.status_amended());
    case Event::kEtaRecorded:
    case Event::kChecked:
      return;  // the order's EtaChanged or OrderConcernRaised is the entry
    case Event::kStatusQuarantined: {
      const v1::StatusQuarantined& quarantined = event.status_quarantined();
      EnterQuarantine(applied.batch, applied.commit.stream.ToString(), quarantined);
      v1::CarrierTime time = quarantined.time();
      if (!time.has_instant()) {  // the carrier's was unreadable
        *time.mutable_instant() = quarantined.received_at();
        time.set_uncertain(true);
      }
      return PutUnclear(applied, Event::kStatusQuarantined, quarantined.fingerprint(),
                        CarrierRow(applied, i,
                                   absl::StrCat(applied.name.carrier, ": `", CodeText(quarantined.code()),
                                                "` has no meaning yet: ", quarantined.reason()),
                                   time),
                        &quarantined);
    }
    case Event::kQuarantinePartRecorded: {
      const v1::QuarantinePartRecorded& part = event.quarantine_part_recorded();
      v1::QuarantinePartRow row;
      row.set_raw(part.raw());
      return kQuarantineParts.Put(applied.batch, applied.commit.stream.ToString(), ShortId(part.fingerprint()),
                                  static_cast<int64_t>(part.raw_offset()), row);
    }
    case Event::kQuarantineDiscarded: {
      const std::string& fingerprint = event.quarantine_discarded().fingerprint();
      if (const auto row = kUnclear.Get(applied.batch, applied.commit.stream.ToString(), Event::kStatusQuarantined,
                                        ShortId(fingerprint))) {
        LeaveQuarantine(applied.batch, applied.name.carrier, row->quarantined().code());
      }
      return Forget(applied, fingerprint);
    }
    case Event::kConflictRecorded: {
      const v1::ConflictRecorded& conflict = event.conflict_recorded();
      v1::TraceRow row = CarrierRow(
          applied, i, absl::StrCat(applied.name.carrier, " contradicts itself: ", conflict.reason()), conflict.time());
      row.mutable_entry()->add_flags(v1::TRACKING_FLAG_CONFLICTING);
      if (conflict.has_place()) *row.mutable_entry()->mutable_place() = conflict.place();
      return PutUnclear(applied, Event::kConflictRecorded, conflict.fingerprint(), std::move(row));
    }
    case Event::EVENT_NOT_SET:
      return;
  }
}

// A date without a zone is in the destination's zone, which may become known later.
v1::Eta InZone(v1::Eta eta, const std::string& zone) {
  if (!eta.has_date() || eta.has_zone()) return eta;
  v1::Eta there = eta;
  there.clear_latest();
  there.set_zone(zone.empty() ? "UTC" : zone);
  absl::StatusOr<v1::Eta> complete = Carriers::CompleteEta(there);
  return complete.ok() ? *std::move(complete) : eta;
}

v1::ShipmentView ViewOf(const Applied& applied) {
  const v1::ShipmentState& state = applied.state;
  v1::ShipmentView view;
  view.set_shipment(applied.commit.stream.ToString());
  view.set_version(applied.commit.version);
  view.set_carrier(applied.name.carrier);
  view.set_tracking_number(applied.name.number);
  view.set_epoch(applied.name.epoch);
  if (state.announced()) view.set_order_id(state.order_id());
  view.set_leg(state.leg());
  view.set_last_leg(state.last_leg());
  view.set_return_leg(state.return_leg());
  view.set_destination_zone(state.destination_zone());
  view.set_state(state.state());
  view.set_reason(state.reason());
  *view.mutable_flags() = state.flags();
  if (state.has_state_since()) *view.mutable_state_since() = state.state_since();
  if (state.has_eta()) *view.mutable_eta() = InZone(state.eta(), state.destination_zone());
  view.set_scan_count(static_cast<uint32_t>(state.scans_size()));
  view.set_conflict_count(static_cast<uint32_t>(state.conflicts_size()));
  if (state.has_handed_to()) *view.mutable_handed_to() = state.handed_to();
  view.set_ready_without_receipt(state.ready_without_receipt());
  if (state.has_contradicted_at()) *view.mutable_contradicted_at() = state.contradicted_at();
  if (state.has_proof()) *view.mutable_proof() = state.proof();
  view.set_collect_at(state.collect_at());
  *view.mutable_store_receipts() = state.store_receipts();
  view.set_quarantined_count(static_cast<uint32_t>(state.quarantined_size()));
  return view;
}

v1::TraceEffect EffectOf(const v1::ShipmentView& before, const v1::ShipmentView& after) {
  v1::TraceEffect effect;
  if (before.state() != after.state()) {
    effect.mutable_shipment_state()->set_before(before.state());
    effect.mutable_shipment_state()->set_after(after.state());
  }
  SetEtaChange(before.has_eta() ? &before.eta() : nullptr, after.has_eta() ? &after.eta() : nullptr,
               [&] { return effect.mutable_shipment_eta(); });
  return effect;
}

// Each epoch of the number is written from its own stream alone.
void PutNumber(const Applied& applied, const v1::ShipmentView& before, const v1::ShipmentView& after) {
  const bool first = before.version() == 0;
  const bool announced = after.has_order_id() && !before.has_order_id();
  const bool over = IsOver(after.state());
  const bool end_moved =
      over != IsOver(before.state()) || (over && FromProto(after.state_since()) != FromProto(before.state_since()));
  const bool turned = after.return_leg() != before.return_leg();
  if (!first && !announced && !end_moved && !turned) return;
  v1::NumberRow row = kNumbers.Get(applied.batch, applied.name.carrier, applied.name.number).value_or(v1::NumberRow());
  int at = 0;
  while (at < row.epochs_size() && row.epochs(at).epoch() < applied.name.epoch) ++at;
  if (at == row.epochs_size() || row.epochs(at).epoch() != applied.name.epoch) {
    row.add_epochs()->set_epoch(applied.name.epoch);
    for (int i = row.epochs_size() - 1; i > at; --i) row.mutable_epochs()->SwapElements(i, i - 1);
  }
  v1::NumberRow::Epoch& epoch = *row.mutable_epochs(at);
  if (announced) {
    epoch.set_order_id(after.order_id());
    *epoch.mutable_announced_at() = runtime::ToProto(applied.commit.time);
  }
  epoch.set_return_leg(after.return_leg());
  epoch.clear_ended_at();
  if (over) *epoch.mutable_ended_at() = after.state_since();
  kNumbers.Put(applied.batch, applied.name.carrier, applied.name.number, row);
}

void UpdateOrder(const Applied& applied, const v1::ShipmentView& before, const v1::ShipmentView& after) {
  v1::OrderShipmentView was, is;
  CopyShipment(before, was);
  CopyShipment(after, is);
  if (before.has_order_id() && Same(was, is)) return;
  v1::OrderRow row = OrderRowOf(applied.batch, after.order_id());
  for (auto& shipment : *row.mutable_view()->mutable_shipments()) {
    if (shipment.shipment() == after.shipment()) CopyShipment(after, shipment);
  }
  PutOrderRow(applied.batch, after.order_id(), applied.commit.position, row);
}

}  // namespace

void ShipmentProjection::Apply(const AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Shipment::kKind) return;
  Applied applied{commit, commit.StateOf<Shipment>(), {}, batch};
  if (!ParseShipmentStream(commit.stream.ToString(), applied.name)) return;
  const v1::ShipmentView before =
      kShipments.Get(batch, applied.name.carrier, applied.name.number, applied.name.epoch).value_or(v1::ShipmentView());
  const v1::ShipmentView after = ViewOf(applied);
  applied.effect = EffectOf(before, after);
  for (size_t i = 0; i < commit.events.size(); ++i) {
    ApplyEvent(applied, i, commit.EventAt<Event>(i), before.has_order_id());
  }
  kShipments.Put(batch, applied.name.carrier, applied.name.number, applied.name.epoch, after);
  PutNumber(applied, before, after);
  if (after.has_order_id()) UpdateOrder(applied, before, after);
}

}  // namespace throughline::supplier
