#pragma once

// The rules of a vendor's document, the stream `vendor-document/<vendor>/<document>`. It says what became of the id:
// kept in quarantine with its bytes, in its order, or discarded. Whoever brings a document asks it first (AskDocument),
// gives the document to its order, and then tells it (TakeDocument). What the order refuses at once leaves nothing
// here.
//
// Pure functions; any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/state.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::supplier {

// Whether this document may be given to its order, or kept.
struct AskDocument {
  v1::VendorDocumentTaken request;  // without an order: it could not be read
};
struct QuarantineDocument {
  v1::VendorDocumentQuarantined request;    // without `received_at`: the same document may come again
  google::protobuf::Timestamp received_at;  // of this time
  bool again = false;                       // it was read from the quarantine: nothing new is kept
};
// Its order has it.
struct TakeDocument {
  v1::VendorDocumentTaken request;
  uint64_t instead_of = 0;  // the hash of what was in quarantine when it was asked; 0: nothing
};

struct VendorDocument {
  static constexpr char kKind[] = "vendor-document";
  using State = v1::VendorDocumentState;
  using Event = v1::VendorDocumentEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  static std::string KeyOf(const std::string& vendor_id, const std::string& document_id) {
    return vendor_id + "/" + document_id;
  }

  // Whether just this was taken or discarded.
  static bool IsSettled(const State& state, uint64_t body_hash);

  // No events. INVALID_ARGUMENT DOCUMENT_ID_REUSED: another was taken, or one about another order is kept.
  static Decision Decide(const State& state, const AskDocument& command, const runtime::Caller& caller);
  // No events if just this is in quarantine for just this reason, or is settled. Refusals: as AskDocument.
  static Decision Decide(const State& state, const QuarantineDocument& command, const runtime::Caller& caller);
  // No events if that is known, or if something else has come into quarantine meanwhile: that stays. INVALID_ARGUMENT
  // DOCUMENT_ID_REUSED: another was taken.
  static Decision Decide(const State& state, const TakeDocument& command, const runtime::Caller& caller);
  // INVALID_ARGUMENT; NOT_FOUND NOT_IN_QUARANTINE.
  static Decision Decide(const State& state, const v1::DiscardVendorDocumentRequest& request,
                         const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

// INVALID_ARGUMENT DOCUMENT_ID_REUSED: the id was taken with other contents.
absl::Status DocumentIdReused(const std::string& document_id);

}  // namespace throughline::supplier
