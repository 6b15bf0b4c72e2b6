#pragma once

// Makes a command on a shipment from what a carrier reports. Reads the maps and the table of numbers; any thread.

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

// A command and its shipment.
struct Report {
  std::string carrier;
  std::string number;
  uint32_t epoch = 1;
  std::string fingerprint;  // empty for an ETA alone
  std::variant<RecordStatus, RecordEta, RecordConflict, QuarantineStatus> command;

  // Derived from the command, so that the same report pushed twice is one command.
  std::string CommandId() const;
};

// An event as a client pushed it.
absl::StatusOr<Report> ReadEvent(v1::StatusEvent event, const Carriers& carriers, const store::KeyValue& reader,
                                 const ShipmentLimits& limits);

// The items of a payload; see CarrierAdapter::Parse. Bytes that are not UTF-8 spoil only the items that hold them.
absl::StatusOr<std::vector<ParsedItem>> ReadBody(const CarrierAdapter& adapter, const std::string& body);

// One item of a payload of this format. An item that cannot be read, or that breaks the field rules of the contract, is
// quarantined with its bytes; PAYLOAD_MALFORMED if it is unknown which shipment it is about.
absl::StatusOr<Report> ReadItem(ParsedItem item, std::string_view format, const store::KeyValue& reader,
                                const ShipmentLimits& limits);

// The answer to a refused item.
v1::PushError ErrorOf(const absl::Status& status);

// The result of an item whose command added `events`.
v1::PushResult ResultOf(const std::vector<std::shared_ptr<const google::protobuf::Message>>& events);

}  // namespace throughline::supplier
