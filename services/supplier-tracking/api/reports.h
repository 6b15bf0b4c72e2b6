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
  // Of a quarantined item whose body has more than one part, all but the first: to be recorded before the command.
  std::vector<RecordQuarantinePart> parts;
  std::variant<RecordStatus, RecordEta, RecordConflict, QuarantineStatus, DiscardQuarantined> command;

  // Derived from the command, so that the same report pushed twice is one command.
  std::string CommandId() const;
};

// An event as a client pushed it.
absl::StatusOr<Report> ReadEvent(v1::StatusEvent event, const Carriers& carriers, const store::KeyValue& reader,
                                 const ShipmentLimits& limits);

// The items of a payload; see CarrierAdapter::Parse. Bytes that are not UTF-8 spoil only the items that hold them. A
// payload that cannot be read at all is one malformed item.
std::vector<ParsedItem> ReadBody(const CarrierAdapter& adapter, const std::string& body);

// One item of a payload of this format. An item that cannot be read, whose time cannot be, or that breaks the field
// rules of the contract, is quarantined with its bytes.
absl::StatusOr<Report> ReadItem(ParsedItem item, std::string_view format, absl::Time now, const store::KeyValue& reader,
                                const ShipmentLimits& limits);

// The answer to a refused item.
v1::PushError ErrorOf(const absl::Status& status);

// The result of an item whose command added `events`.
v1::PushResult ResultOf(const std::vector<std::shared_ptr<const google::protobuf::Message>>& events);

}  // namespace throughline::supplier
