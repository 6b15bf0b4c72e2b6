#pragma once

// From what a carrier reports to a command on a shipment. Reads maps and the store's table of numbers; any thread.

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {

// What is to be told to which shipment.
struct Report {
  std::string carrier;
  std::string number;
  uint32_t epoch = 1;
  std::string fingerprint;  // empty for an expectation alone
  std::variant<RecordStatus, RecordEta, RecordConflict, QuarantineStatus> command;

  // Follows from the command: the same report pushed twice is one command.
  std::string CommandId() const;
};

// An event as a client pushed it.
absl::StatusOr<Report> ReadEvent(v1::StatusEvent event, const Carriers& carriers, const store::KeyValue& reader,
                                 const ShipmentLimits& limits);

// What a payload tells; see CarrierAdapter::Parse. Bytes that are not UTF-8 are marked, so that they sink only the
// items that hold them.
absl::StatusOr<std::vector<ParsedItem>> ReadBody(const CarrierAdapter& adapter, const std::string& body);

// One thing that a payload of this format tells. What cannot be read, or breaks the rules of the contract's fields, is
// to be quarantined with its bytes if it is known which shipment it is about; else PAYLOAD_MALFORMED.
absl::StatusOr<Report> ReadItem(ParsedItem item, std::string_view format, const store::KeyValue& reader,
                                const ShipmentLimits& limits);

// The answer to a refused item.
v1::PushError ErrorOf(const absl::Status& status);

// What became of an item whose command added `events`.
v1::PushResult ResultOf(const std::vector<std::shared_ptr<const google::protobuf::Message>>& events);

}  // namespace throughline::supplier
