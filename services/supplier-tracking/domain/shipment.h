#pragma once

// The rules of a shipment, the stream `shipment/<carrier>/<tracking number>/<epoch>`. Its state depends only on the set
// of its events: any order and any duplicates give the same bytes.
//
// - A scan is identified by its fingerprint (fingerprint.h). A repeated scan adds nothing, except a new text or place.
// Of
//   several tellings the best time holds: where the place tells the offset, the surest; else a doubt counts, and it is
//   a return if any of them says so.
// - The state of the shipment is computed from all scans (summary.h).
// - The latest statement of an ETA holds, whenever it arrives. An ETA never changes the state. One that was over before
//   the scan that carries it is kept and not used.
// - A contradictory or quarantined report is kept and does not count.
// - The stream starts with the first report or with an order's announcement.
// - The shipment belongs to the first order that announces it.
//
// Pure functions; any thread.

#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/shipment.pb.h"
#include "throughline/supplier/v1/shipment_check.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// How much one shipment keeps; more is refused. Longer bodies are kept in parts.
struct ShipmentLimits {
  int scans = 500;
  int conflicts = 100;
  int quarantined = 100;
  int texts_per_scan = 40;                // and places
  int parts = 1000;                       // of bodies that are not there whole yet
  size_t part_bytes = size_t{512} << 10;  // a record must have room for it
};

// The commands. `request` is the event to add, without `received_at`.
struct AnnounceShipment {
  v1::ShipmentAnnounced request;
};
struct RecordStatus {
  v1::StatusRecorded request;
  v1::Eta eta;  // without `latest`: none
  google::protobuf::Timestamp eta_stated_at;
  ShipmentLimits limits;
};
struct RecordEta {
  v1::EtaRecorded request;
};
struct RecordConflict {
  v1::ConflictRecorded request;
  ShipmentLimits limits;
};
struct QuarantineStatus {
  v1::StatusQuarantined request;
  ShipmentLimits limits;
};
// A part of a body that is too long for one record; QuarantineStatus follows once all are there.
struct RecordQuarantinePart {
  v1::QuarantinePartRecorded request;
  ShipmentLimits limits;
};
// It stood still and was looked at.
struct CheckShipment {
  v1::ShipmentChecked request;
};
struct DiscardQuarantined {
  v1::DiscardQuarantinedRequest request;
};

struct Shipment {
  static constexpr char kKind[] = "shipment";
  using State = v1::ShipmentState;
  using Event = v1::ShipmentEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // FAILED_PRECONDITION NUMBER_IN_USE if another order has announced it.
  static Decision Decide(const State& state, const AnnounceShipment& command, const runtime::Caller& caller);
  // INVALID_ARGUMENT for a time before 2000 or more than 48 hours ahead (not of QuarantineStatus). FAILED_PRECONDITION
  // TOO_MANY_SCANS (not of RecordEta).
  static Decision Decide(const State& state, const RecordStatus& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordEta& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordConflict& command, const runtime::Caller& caller);
  // FAILED_PRECONDITION QUARANTINE_INCOMPLETE unless all parts of a long body are there.
  static Decision Decide(const State& state, const QuarantineStatus& command, const runtime::Caller& caller);
  // Nothing if the message is in quarantine, or known otherwise. FAILED_PRECONDITION TOO_MANY_SCANS.
  static Decision Decide(const State& state, const RecordQuarantinePart& command, const runtime::Caller& caller);
  // INVALID_ARGUMENT without a reason; NOT_FOUND NOT_IN_QUARANTINE.
  static Decision Decide(const State& state, const DiscardQuarantined& command, const runtime::Caller& caller);

  // shipment_check.cc. No events if it was raised for the same before, or is to be looked at then already.
  static Decision Decide(const State& state, const CheckShipment& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::supplier
