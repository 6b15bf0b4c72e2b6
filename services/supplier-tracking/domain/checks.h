#pragma once

// The forms of ids, tracking numbers and ETAs in this service. Pure functions; any thread.

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/runtime/domain/refusal.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

// 1 to `max` of `A-Z a-z 0-9 . _ -`.
bool IsId(std::string_view text, size_t max);
// A carrier's or a vendor's id: 1 to 64 of `a-z 0-9 . _ -`.
bool IsPartyId(std::string_view text);

// A normalised tracking number (the server normalises requests): 1 to 64 of `A-Z 0-9 -`.
bool IsTrackingNumber(std::string_view text);

// Each adds a violation, which says what to do, if the value is bad.
void CheckPartyId(runtime::FieldViolations& bad, std::string_view field, std::string_view id);
void CheckNumber(runtime::FieldViolations& bad, std::string_view field, std::string_view number);
void RequireText(runtime::FieldViolations& bad, std::string_view field, std::string_view text);
// For a complete ETA: `latest` must be set.
void CheckEta(runtime::FieldViolations& bad, std::string_view field, const v1::Eta& eta);

// `<carrier>/<number>/<epoch>`, and with `shipment/` before it.
// INVALID_ARGUMENT for a time of a carrier before 2000 or more than 48 hours ahead.
absl::Status CheckCarrierTime(const google::protobuf::Timestamp& time, absl::Time now);

std::string ShipmentKey(std::string_view carrier, std::string_view number, uint32_t epoch);
std::string ShipmentStream(std::string_view carrier, std::string_view number, uint32_t epoch);
struct ShipmentName {
  std::string carrier;
  std::string number;
  uint32_t epoch = 0;
};
// Parses what ShipmentStream makes; false if `stream` is anything else.
bool ParseShipmentStream(std::string_view stream, ShipmentName& name);

}  // namespace throughline::supplier
