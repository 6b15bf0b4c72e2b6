#pragma once

// The quarantine: ListQuarantine, ListQuarantinedMessages, MapCarrierCode, ListMappedCodes, ReplayQuarantine,
// DiscardQuarantined.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/supplier-tracking/api/live_carriers.h"
#include "services/supplier-tracking/api/vendors/vendor_documents.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeQuarantine(server::Api& api, runtime::Streams& streams, std::shared_ptr<LiveCarriers> carriers,
                     std::shared_ptr<VendorDocuments> documents);

}  // namespace throughline::supplier
