#pragma once

// The rules of a vendor's document that was not taken, the stream `vendor-document/<vendor>/<document>`: it is kept
// with its bytes until its order has it, or it is discarded. A document that its order takes at once has no such
// stream.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::supplier {

struct QuarantineDocument {
  v1::VendorDocumentQuarantined request;    // without `received_at`: the same document may come again
  google::protobuf::Timestamp received_at;  // of this time
};
// Its order has it.
struct TakeDocument {
  v1::VendorDocumentTaken request;
};

struct VendorDocument {
  static constexpr char kKind[] = "vendor-document";
  using State = v1::VendorDocumentState;
  using Event = v1::VendorDocumentEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  static std::string KeyOf(const std::string& vendor_id, const std::string& document_id) {
    return vendor_id + "/" + document_id;
  }

  // No events if just this is in quarantine for just this reason, or was taken or discarded.
  static Decision Decide(const State& state, const QuarantineDocument& command, const runtime::Caller& caller);
  // No events if it is not in quarantine.
  static Decision Decide(const State& state, const TakeDocument& command, const runtime::Caller& caller);
  // INVALID_ARGUMENT; NOT_FOUND NOT_IN_QUARANTINE.
  static Decision Decide(const State& state, const v1::DiscardVendorDocumentRequest& request,
                         const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::supplier
