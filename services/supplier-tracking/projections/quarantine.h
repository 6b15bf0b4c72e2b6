#pragma once

// What waits for a meaning, by carrier and name. Earliest and latest are of all that ever waited under the name, so
// that they do not depend on the interleaving of shipments. The fold's thread.

#include "libs/store/batch.h"
#include "throughline/supplier/v1/shipment.pb.h"

namespace throughline::supplier {

void EnterQuarantine(store::Batch& batch, const std::string& shipment, const v1::StatusQuarantined& quarantined);
void LeaveQuarantine(store::Batch& batch, const std::string& carrier, const v1::CarrierCode& code);

}  // namespace throughline::supplier
