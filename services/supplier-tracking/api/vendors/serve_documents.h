#pragma once

// PushVendorDocuments, ListVendorDocuments and DiscardVendorDocument.

#include <memory>

#include "libs/server/api.h"
#include "services/supplier-tracking/api/vendors/vendor_documents.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline::supplier {

// `streams` must outlive the api.
void ServeVendorDocuments(server::Api& api, runtime::Streams& streams, std::shared_ptr<VendorDocuments> documents,
                          const Config& config);

}  // namespace throughline::supplier
