#pragma once

// The supplier-tracking service: where an order is, whose hands it is in, and whether it will keep its promise. See
// README.md.
//
//   auto host = runtime::Host::Start(supplier::Define(config), log, ...);
//   auto api = supplier::MakeApi((*host)->streams(), config);

#include <algorithm>
#include <memory>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/ownership/people/read_scope.h"
#include "services/supplier-tracking/detectors/look.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

struct Config {
  // Owns orders that systems place without naming an owner, and stands above those whom no supervisor stands above.
  // Empty: such orders are refused.
  std::string fallback_owner = "sam";
  // Which orders a rep may read.
  ownership::RepsRead reps_read = ownership::RepsRead::kAll;
  // How customers reach us about an order, as they read it: a telephone number, an address. Empty: not said.
  std::string customer_contact = {};
  // Folder of the carriers' maps (*.textproto); empty: those compiled into the binary.
  std::string carrier_maps = {};
  // Events and payloads in flight at a time, per stream.
  int push_window = 256;
  int raw_window = 16;
  // After this an item is answered with UNAVAILABLE or DEADLINE_EXCEEDED: its result is unknown.
  absl::Duration push_deadline = absl::Seconds(30);
  // How long after the end of a leg the next carrier is to have scanned it.
  absl::Duration leg_awaited_for = absl::Hours(24);
  // The carriers that give proof of every delivery, with commas between them, and for how long after one it is awaited.
  std::string proof_carriers = {};
  absl::Duration proof_awaited_for = absl::Hours(24);
  // How long after a carrier has brought something to a store of ours the store's receipt scan is awaited.
  absl::Duration receipt_awaited_for = absl::Hours(24);
  // From this probability of being late on, by our history, a promise is at risk. Above 100: never.
  int risk_percent = 70;
  // How long a shipment may stand still before its order has a concern.
  Patience patience = {};
  size_t max_raw_bytes = size_t{5} << 20;
  // Vendors' documents: how many are in flight at a time, per stream, and how long one may be.
  int document_window = 16;
  size_t max_document_bytes = size_t{256} << 10;
  ShipmentLimits limits = {};

  // Bodies are kept in parts that fit into records of this size; documents fit into one.
  void FitRecords(size_t record_bytes) {
    limits.part_bytes = std::min(limits.part_bytes, record_bytes / 2);
    max_document_bytes = std::min(max_document_bytes, record_bytes / 2);
  }
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` belongs to an engine with that definition and must outlive the api. Stops the process if the carriers' maps
// cannot be read. Replays the quarantine (api/replay.h).
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::supplier
