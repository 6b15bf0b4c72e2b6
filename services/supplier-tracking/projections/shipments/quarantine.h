#pragma once

// The quarantine by carrier and code. The earliest and latest message are of all that were ever quarantined under the
// code, so that they do not depend on the interleaving of shipments. The fold's thread.

#include <string>
#include <vector>

#include "libs/store/batch.h"
#include "libs/store/key_value.h"
#include "throughline/supplier/v1/shipment.pb.h"

namespace throughline::supplier {

void EnterQuarantine(store::Batch& batch, const std::string& shipment, const v1::StatusQuarantined& quarantined);
void LeaveQuarantine(store::Batch& batch, const std::string& carrier, const v1::CarrierCode& code);

// Where the parts of the message's body begin that it has not itself, ascending. Any thread, as the next.
std::vector<int64_t> PartOffsets(const v1::StatusQuarantined& message);

// Up to `bytes` of the body of a message of this shipment, from byte `begin` on.
std::string QuarantinedBody(const store::KeyValue& reader, const std::string& shipment,
                            const v1::StatusQuarantined& message, size_t begin, size_t bytes);

}  // namespace throughline::supplier
