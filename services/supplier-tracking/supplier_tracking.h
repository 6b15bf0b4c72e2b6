#pragma once

// The supplier-tracking service, to be run by a runtime::Host and served by a server:
//
//   auto host = runtime::Host::Start(supplier::Define(config), log, duty, clock, registry, options);
//   server.Add(supplier::MakeApi((*host)->streams(), config));

#include <memory>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

struct Config {
  // Answers for orders that systems place without naming anybody. Empty: such orders are refused.
  std::string fallback_owner = "sam";
  // Folder of the carriers' maps (*.textproto); empty: those compiled into the binary.
  std::string carrier_maps = {};
  // Events and payloads worked on at a time, per stream.
  int push_window = 256;
  int raw_window = 16;
  // After this an item is answered as UNAVAILABLE or DEADLINE_EXCEEDED: its outcome is unknown.
  absl::Duration push_deadline = absl::Seconds(30);
  size_t max_raw_bytes = size_t{5} << 20;
  ShipmentLimits limits = {};
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` must outlive it. Stops the process if the carriers' maps cannot be read. What waits in quarantine and has a
// meaning in these maps is recorded (api/replay.h).
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::supplier
