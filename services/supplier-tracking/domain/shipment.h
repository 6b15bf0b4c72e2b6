#pragma once

// The rules of a shipment, the stream `shipment/<carrier>/<tracking number>/<epoch>`. Its state is a function of the
// set of events: any order and any duplicates give the same bytes.
//
// - A scan is known by its fingerprint (fingerprint.h): the same again is nothing, with another text an amendment.
// - Where the shipment is, is worked out from all scans each time (summary.h).
// - Of several statements of an ETA the latest holds, whenever it reaches us; an ETA never changes the state.
// - What contradicts itself, or has no meaning in the map, is kept and does not count.
// - It begins with whatever comes first: a scan, or an order's announcement. It belongs to the first order that
// announces
//   it.
//
// Pure functions of their arguments; safe from any thread.

#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/shipment.pb.h"

namespace throughline::supplier {

// How much one shipment remembers; what is beyond is refused.
struct ShipmentLimits {
  int scans = 500;
  int conflicts = 100;
  int quarantined = 100;
  int texts_per_scan = 20;
};

// The commands. `request` is the event to be, without `received_at`.
struct AnnounceShipment {
  v1::ShipmentAnnounced request;
};
struct RecordStatus {
  v1::StatusRecorded request;
  v1::Eta eta;  // without `latest`: none was stated
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

struct Shipment {
  static constexpr char kKind[] = "shipment";
  using State = v1::ShipmentState;
  using Event = v1::ShipmentEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // FAILED_PRECONDITION NUMBER_IN_USE: another order needs it already.
  static Decision Decide(const State& state, const AnnounceShipment& command, const runtime::Caller& caller);
  // INVALID_ARGUMENT: it lies in the future. FAILED_PRECONDITION TOO_MANY_SCANS.
  static Decision Decide(const State& state, const RecordStatus& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordEta& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RecordConflict& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const QuarantineStatus& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::supplier
