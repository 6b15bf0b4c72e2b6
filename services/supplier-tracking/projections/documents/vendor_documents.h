#pragma once

// The vendors' documents in quarantine, from the streams `vendor-document/*`: by vendor and id, and by the order that
// they are about. Who reads them again watches kVendorDocumentsWait.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/fold/projection.h"
#include "libs/store/key_value.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::supplier {

// Watch topic: an order was placed that a document waits for.
inline constexpr char kVendorDocumentsWait[] = "vendor-documents";

class VendorDocumentsProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

absl::StatusOr<v1::ListVendorDocumentsResponse> ListVendorDocuments(const store::KeyValue& reader,
                                                                    const v1::ListVendorDocumentsRequest& request);
// How many are in quarantine.
inline constexpr char kVendorDocumentsNow[] = "vendor_documents";

}  // namespace throughline::supplier
