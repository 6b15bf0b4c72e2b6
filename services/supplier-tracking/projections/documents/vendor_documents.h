#pragma once

// The vendors' documents in quarantine, from the streams `vendor-document/*`: by vendor and id, and by the order that
// they await. Who reads them again watches kVendorDocumentsWait.

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
// How many are in quarantine; with `/` and the vendor, of a vendor.
inline constexpr char kVendorDocumentsNow[] = "vendor_documents";
int64_t VendorDocumentsOf(const store::KeyValue& reader, const std::string& vendor_id);

struct DocumentName {
  std::string vendor_id;
  std::string document_id;
};
// Those that await an order which is placed by now.
std::vector<DocumentName> DocumentsOfPlacedOrders(const store::KeyValue& reader);

}  // namespace throughline::supplier
