#pragma once

// The quarantine by carrier and code. The earliest and latest message are of all that were ever quarantined under the
// code, so that they do not depend on the interleaving of shipments. The fold's thread.

#include "libs/store/batch.h"
#include "throughline/supplier/v1/shipment.pb.h"

namespace throughline::supplier {

void EnterQuarantine(store::Batch& batch, const std::string& shipment, const v1::StatusQuarantined& quarantined);
void LeaveQuarantine(store::Batch& batch, const std::string& carrier, const v1::CarrierCode& code);

}  // namespace throughline::supplier
