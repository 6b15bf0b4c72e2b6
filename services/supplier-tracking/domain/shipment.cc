#include "services/supplier-tracking/domain/shipment.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/shipment_check.h"
#include "services/supplier-tracking/domain/summary.h"

namespace throughline::supplier {
namespace {

using Scan = v1::ShipmentState::Scan;
using Event = Shipment::Event;
using Decision = Shipment::Decision;
using State = Shipment::State;

absl::Status CheckTime(const v1::CarrierTime& time, const runtime::Caller& caller) {
  return CheckCarrierTime(time.instant(), caller.time);
}

const Scan* Find(const State& state, std::string_view fingerprint) {
  Scan wanted;
  SetId(wanted, fingerprint);
  for (const Scan& scan : state.scans()) {
    if (scan.id_high() == wanted.id_high() && scan.id_low() == wanted.id_low()) return &scan;
  }
  return nullptr;
}

using Ids = google::protobuf::RepeatedPtrField<std::string>;

bool Has(const Ids& ids, const std::string& id) { return std::binary_search(ids.begin(), ids.end(), id); }

void Insert(Ids& ids, std::string id) {
  auto place = std::lower_bound(ids.begin(), ids.end(), id);
  if (place != ids.end() && *place == id) return;
  const int index = static_cast<int>(place - ids.begin());
  *ids.Add() = std::move(id);
  std::rotate(ids.pointer_begin() + index, ids.pointer_end() - 1, ids.pointer_end());
}

void Remove(Ids& ids, const std::string& id) {
  auto place = std::lower_bound(ids.begin(), ids.end(), id);
  if (place != ids.end() && *place == id) ids.erase(place);
}

std::string PartId(const std::string& id, uint64_t offset) {
  std::string part = id;
  for (int shift = 56; shift >= 0; shift -= 8) part += static_cast<char>(offset >> shift & 0xFF);
  return part;
}

// Whether nothing more is to be kept of the message.
bool IsSettled(const State& state, const std::string& fingerprint) {
  const std::string id = ShortId(fingerprint);
  return Has(state.discarded(), id) || Has(state.quarantined(), id) || Find(state, fingerprint) != nullptr;
}

// Whether every part but the first, which the message has itself, is there. All but the last are as long as the first.
bool HasParts(const State& state, const v1::StatusQuarantined& message) {
  const uint64_t step = message.raw().size();
  if (step == 0) return message.raw_size() == 0;
  for (uint64_t offset = step; offset < message.raw_size(); offset += step) {
    if (!Has(state.quarantine_parts(), PartId(ShortId(message.fingerprint()), offset))) return false;
  }
  return true;
}

// A text or a place by which the scan is known.
void InsertTold(Scan& scan, uint64_t hash) {
  auto& texts = *scan.mutable_texts();
  auto place = std::lower_bound(texts.begin(), texts.end(), hash);
  if (hash == 0 || (place != texts.end() && *place == hash)) return;
  const auto index = place - texts.begin();
  texts.Add(hash);
  std::rotate(texts.begin() + index, texts.end() - 1, texts.end());
}

constexpr uint32_t kUncertain = uint32_t{1} << v1::TRACKING_FLAG_TIME_UNCERTAIN;

// Of several tellings of one scan, the time with the greatest rank holds. Where the offset follows from the place, that
// is the surest one. Else all have the same instant, and a place that refutes it makes it uncertain.
std::tuple<bool, bool, int64_t> RankOfTime(v1::OffsetSource source, bool uncertain, int64_t instant) {
  const bool by_place = source == v1::OFFSET_SOURCE_PLACE;
  if (!by_place && source != v1::OFFSET_SOURCE_ASSUMED) return {uncertain, false, 0};
  return {!uncertain, by_place, instant};
}

int64_t MicrosOf(const v1::CarrierTime& time) { return absl::ToUnixMicros(runtime::FromProto(time.instant())); }

void SetTime(Scan& scan, const v1::CarrierTime& time) {
  scan.set_instant(MicrosOf(time));
  scan.set_offset_source(time.offset_source());
  scan.set_flags(time.uncertain() ? scan.flags() | kUncertain : scan.flags() & ~kUncertain);
}

// Puts the scan at `index` where its instant and id belong.
void Settle(google::protobuf::RepeatedPtrField<Scan>& scans, int index) {
  const auto key = [&](int i) {
    return std::make_tuple(scans.Get(i).instant(), scans.Get(i).id_high(), scans.Get(i).id_low());
  };
  for (; index > 0 && key(index) < key(index - 1); --index) scans.SwapElements(index, index - 1);
  for (; index + 1 < scans.size() && key(index + 1) < key(index); ++index) scans.SwapElements(index, index + 1);
}

// Of several hand-overs or proofs that are told of one scan the same one holds, in whatever order they are told.
template <typename Told>
bool TellsMore(const Told& told, const Told& known) {
  return told.SerializeAsString() > known.SerializeAsString();
}

void InsertScan(State& state, const v1::StatusRecorded& recorded) {
  if (Find(state, recorded.fingerprint()) != nullptr) return;
  Scan& scan = *state.add_scans();
  SetId(scan, recorded.fingerprint());
  scan.set_state(recorded.state());
  scan.set_reason(recorded.reason());
  scan.set_flags(FlagBits(recorded.flags()));
  scan.set_instant(MicrosOf(recorded.time()));
  scan.set_offset_source(recorded.time().offset_source());
  if (recorded.has_correction_of()) scan.set_corrects(ShortId(recorded.correction_of()));
  scan.set_store(TextHash(recorded.store()));
  scan.set_store_receipt(recorded.store_receipt());
  if (recorded.store_receipt()) scan.set_receipt_store(recorded.store());
  if (recorded.has_handed_to()) *scan.mutable_handed_to() = recorded.handed_to();
  if (recorded.has_proof()) *scan.mutable_proof() = recorded.proof();
  InsertTold(scan, TextHash(recorded.text()));
  InsertTold(scan, PlaceHash(recorded.place()));
  Settle(*state.mutable_scans(), state.scans_size() - 1);
}

void AmendScan(State& state, const v1::StatusAmended& amended) {
  const Scan* known = Find(state, amended.fingerprint());
  if (known == nullptr) return;
  auto& scans = *state.mutable_scans();
  int index = 0;
  while (&scans.Get(index) != known) ++index;
  Scan& scan = *scans.Mutable(index);
  InsertTold(scan, TextHash(amended.text()));
  InsertTold(scan, PlaceHash(amended.place()));
  // Of several the same one, in whatever order they are told.
  scan.set_store(std::max(scan.store(), TextHash(amended.store())));
  if (TellsMore(amended.handed_to(), scan.handed_to())) *scan.mutable_handed_to() = amended.handed_to();
  if (TellsMore(amended.proof(), scan.proof())) *scan.mutable_proof() = amended.proof();
  if (amended.returned()) scan.set_state(v1::TRACKING_STATE_RETURNED);
  if (!amended.has_time()) return;
  SetTime(scan, amended.time());
  Settle(scans, index);
}

// The latest statement wins; of those made at the same time the latest ETA, then a fixed order.
bool Supersedes(const v1::Eta& eta, const google::protobuf::Timestamp& stated_at, const State& state) {
  if (!state.has_eta()) return true;
  const absl::Time now = runtime::FromProto(stated_at), before = runtime::FromProto(state.eta_stated_at());
  if (now != before) return now > before;
  const absl::Time latest = runtime::FromProto(eta.latest()), known = runtime::FromProto(state.eta().latest());
  if (latest != known) return latest > known;
  return eta.SerializeAsString() > state.eta().SerializeAsString();
}

// Whether it was over before `at`. A day without a zone may last until its end in the westernmost zone.
bool IsOver(const v1::Eta& eta, absl::Time at) {
  const bool somewhere = eta.has_date() && eta.zone().empty();
  return runtime::FromProto(eta.latest()) + (somewhere ? absl::Hours(12) : absl::ZeroDuration()) < at;
}

// `told_at` is the time of the scan or statement that carries it.
void AddEta(const State& state, const v1::Eta& eta, const google::protobuf::Timestamp& stated_at, absl::Time told_at,
            const std::string& source, const runtime::Caller& caller, std::vector<Event>& events) {
  if (!eta.has_latest()) return;
  const bool stale = IsOver(eta, told_at);
  const bool known = state.has_stale_eta_stated_at() &&
                     runtime::FromProto(stated_at) <= runtime::FromProto(state.stale_eta_stated_at());
  if (stale ? known : !Supersedes(eta, stated_at, state)) return;
  auto& recorded = *events.emplace_back().mutable_eta_recorded();
  recorded.set_stale(stale);
  *recorded.mutable_eta() = eta;
  *recorded.mutable_stated_at() = stated_at;
  *recorded.mutable_received_at() = runtime::ToProto(caller.time);
  recorded.set_source(source);
}

absl::Status TooMany(absl::string_view what, int limit) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "TOO_MANY_SCANS",
                         absl::StrCat("this shipment has ", limit, " ", what,
                                      " already, which is the limit: if this is another use of the number, set its "
                                      "epoch"));
}

}  // namespace

Decision Shipment::Decide(const State& state, const AnnounceShipment& command, const runtime::Caller&) {
  const v1::ShipmentAnnounced& announced = command.request;
  if (state.announced() && state.order_id() != announced.order_id()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NUMBER_IN_USE",
                           absl::StrCat("order ", state.order_id(), " has this shipment already: add it to order ",
                                        announced.order_id(), " again under another number or epoch"));
  }
  if (state.announced() && state.order_version() >= announced.order_version()) return std::vector<Event>();
  Event event;
  *event.mutable_announced() = announced;
  return std::vector{std::move(event)};
}

Decision Shipment::Decide(const State& state, const RecordStatus& command, const runtime::Caller& caller) {
  const v1::StatusRecorded& reported = command.request;
  if (absl::Status status = CheckTime(reported.time(), caller); !status.ok()) return status;
  std::vector<Event> events;
  const Scan* known = Find(state, reported.fingerprint());
  if (known == nullptr) {
    if (state.scans_size() >= command.limits.scans) return TooMany("scans", command.limits.scans);
    auto& recorded = *events.emplace_back().mutable_status_recorded();
    recorded = reported;
    *recorded.mutable_received_at() = runtime::ToProto(caller.time);
    recorded.set_from_quarantine(Has(state.quarantined(), ShortId(reported.fingerprint())));
  } else {
    const auto told = [&](uint64_t hash) {
      return hash == 0 || std::binary_search(known->texts().begin(), known->texts().end(), hash);
    };
    const bool known_text = told(TextHash(reported.text())), known_place = told(PlaceHash(reported.place()));
    if (!(known_text && known_place) && known->texts_size() >= command.limits.texts_per_scan) {
      return TooMany("texts and places for this scan", command.limits.texts_per_scan);
    }
    const int64_t instant = MicrosOf(reported.time());
    const bool better_time = RankOfTime(reported.time().offset_source(), reported.time().uncertain(), instant) >
                             RankOfTime(known->offset_source(), (known->flags() & kUncertain) != 0, known->instant());
    const bool returned =
        known->state() == v1::TRACKING_STATE_DELIVERED && reported.state() == v1::TRACKING_STATE_RETURNED;
    const bool handed_to = TellsMore(reported.handed_to(), known->handed_to());
    const bool proof = TellsMore(reported.proof(), known->proof());
    if (!(known_text && known_place) || better_time || returned || handed_to || proof) {
      auto& amended = *events.emplace_back().mutable_status_amended();
      amended.set_fingerprint(reported.fingerprint());
      if (!known_text) amended.set_text(reported.text());
      if (handed_to) *amended.mutable_handed_to() = reported.handed_to();
      if (proof) *amended.mutable_proof() = reported.proof();
      if (!known_place) {
        *amended.mutable_place() = reported.place();
        amended.set_store(reported.store());
      }
      if (better_time) {
        *amended.mutable_time() = reported.time();
        *amended.mutable_previous_instant() = runtime::ToProto(absl::FromUnixMicros(known->instant()));
      }
      amended.set_returned(returned);
      *amended.mutable_received_at() = runtime::ToProto(caller.time);
    }
  }
  AddEta(state, command.eta, command.eta_stated_at, runtime::FromProto(reported.time().instant()), reported.source(),
         caller, events);
  return events;
}

Decision Shipment::Decide(const State& state, const RecordEta& command, const runtime::Caller& caller) {
  std::vector<Event> events;
  const v1::EtaRecorded& stated = command.request;
  v1::CarrierTime time;
  *time.mutable_instant() = stated.stated_at();
  if (absl::Status status = CheckTime(time, caller); !status.ok()) return status;
  AddEta(state, stated.eta(), stated.stated_at(), runtime::FromProto(stated.stated_at()), stated.source(), caller,
         events);
  return events;
}

Decision Shipment::Decide(const State& state, const RecordConflict& command, const runtime::Caller& caller) {
  if (absl::Status status = CheckTime(command.request.time(), caller); !status.ok()) return status;
  if (Has(state.conflicts(), ShortId(command.request.fingerprint()))) return std::vector<Event>();
  if (state.conflicts_size() >= command.limits.conflicts) return TooMany("contradictions", command.limits.conflicts);
  Event event;
  auto& conflict = *event.mutable_conflict_recorded();
  conflict = command.request;
  *conflict.mutable_received_at() = runtime::ToProto(caller.time);
  return std::vector{std::move(event)};
}

Decision Shipment::Decide(const State& state, const QuarantineStatus& command, const runtime::Caller& caller) {
  if (IsSettled(state, command.request.fingerprint())) return std::vector<Event>();
  if (!HasParts(state, command.request)) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "QUARANTINE_INCOMPLETE",
                           "the body of this message is not there whole: push it again");
  }
  if (state.quarantined_size() >= command.limits.quarantined) {
    return TooMany("messages in quarantine", command.limits.quarantined);
  }
  Event event;
  auto& quarantined = *event.mutable_status_quarantined();
  quarantined = command.request;
  *quarantined.mutable_received_at() = runtime::ToProto(caller.time);
  return std::vector{std::move(event)};
}

Decision Shipment::Decide(const State& state, const RecordQuarantinePart& command, const runtime::Caller&) {
  const v1::QuarantinePartRecorded& part = command.request;
  const std::string id = ShortId(part.fingerprint());
  if (IsSettled(state, part.fingerprint()) || Has(state.quarantine_parts(), PartId(id, part.raw_offset()))) {
    return std::vector<Event>();
  }
  if (state.quarantine_parts_size() >= command.limits.parts) return TooMany("parts of bodies", command.limits.parts);
  Event event;
  *event.mutable_quarantine_part_recorded() = part;
  return std::vector{std::move(event)};
}

Decision Shipment::Decide(const State& state, const DiscardQuarantined& command, const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why it means nothing");
  if (!bad.empty()) return bad.ToStatus();
  const std::string id = ShortId(command.request.fingerprint());
  if (Has(state.discarded(), id)) return std::vector<Event>();
  if (!Has(state.quarantined(), id)) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "NOT_IN_QUARANTINE",
                           "no message with this fingerprint is in quarantine: see ListQuarantinedMessages");
  }
  Event event;
  auto& discarded = *event.mutable_quarantine_discarded();
  discarded.set_fingerprint(command.request.fingerprint());
  discarded.set_reason(command.request.reason());
  discarded.set_discarded_by(caller.id);
  *discarded.mutable_discarded_at() = runtime::ToProto(caller.time);
  return std::vector{std::move(event)};
}

void Shipment::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kAnnounced: {
      const v1::ShipmentAnnounced& announced = event.announced();
      state.set_announced(true);
      state.set_order_id(announced.order_id());
      state.set_leg(announced.leg());
      state.set_last_leg(announced.last_leg());
      state.set_return_leg(announced.return_leg());
      state.set_destination_zone(announced.destination_zone());
      state.set_order_version(announced.order_version());
      state.set_collect_at(announced.collect_at());
      break;
    }
    case Event::kStatusRecorded:
      Remove(*state.mutable_quarantined(), ShortId(event.status_recorded().fingerprint()));
      InsertScan(state, event.status_recorded());
      break;
    case Event::kStatusAmended:
      AmendScan(state, event.status_amended());
      break;
    case Event::kEtaRecorded:
      if (event.eta_recorded().stale()) {
        *state.mutable_stale_eta_stated_at() = event.eta_recorded().stated_at();
        return;
      }
      *state.mutable_eta() = event.eta_recorded().eta();
      *state.mutable_eta_stated_at() = event.eta_recorded().stated_at();
      return;
    case Event::kStatusQuarantined: {
      const std::string id = ShortId(event.status_quarantined().fingerprint());
      Insert(*state.mutable_quarantined(), id);
      Ids& parts = *state.mutable_quarantine_parts();
      parts.erase(std::remove_if(parts.begin(), parts.end(),
                                 [&](const std::string& part) { return part.compare(0, id.size(), id) == 0; }),
                  parts.end());
      return;
    }
    case Event::kQuarantinePartRecorded:
      Insert(*state.mutable_quarantine_parts(), PartId(ShortId(event.quarantine_part_recorded().fingerprint()),
                                                       event.quarantine_part_recorded().raw_offset()));
      return;
    case Event::kQuarantineDiscarded: {
      const std::string id = ShortId(event.quarantine_discarded().fingerprint());
      Remove(*state.mutable_quarantined(), id);
      Insert(*state.mutable_discarded(), id);
      return;
    }
    case Event::kConflictRecorded:
      Insert(*state.mutable_conflicts(), ShortId(event.conflict_recorded().fingerprint()));
      state.set_latest_conflict(std::max(state.latest_conflict(), MicrosOf(event.conflict_recorded().time())));
      break;
    case Event::kChecked:
      return NoteCheck(state, event.checked());
    case Event::EVENT_NOT_SET:
      return;
  }
  Summarize(state);
}

}  // namespace throughline::supplier
