#include "services/supplier-tracking/domain/documents/vendor_document.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/fingerprint.h"

namespace throughline::supplier {

namespace {

absl::Status CheckId(const v1::VendorDocumentState& state, const std::string& document_id, const std::string& order_id,
                     uint64_t body_hash) {
  if (VendorDocument::IsSettled(state, body_hash)) return absl::OkStatus();
  if (state.taken()) return DocumentIdReused(document_id);
  // What is kept and could be read gives way only to a document about the same order.
  if (state.quarantined() && state.body() != body_hash && !state.order_id().empty() && state.order_id() != order_id) {
    return runtime::Refuse(
        absl::StatusCode::kInvalidArgument, "DOCUMENT_ID_REUSED",
        absl::StrCat("document `", document_id, "` is in quarantine with other contents, about order ",
                     state.order_id(), ": give this one its own id"));
  }
  return absl::OkStatus();
}

void LeaveQuarantine(v1::VendorDocumentState& state) {
  state.set_quarantined(false);
  state.clear_reason();
  state.clear_awaits_order();
}

}  // namespace

absl::Status DocumentIdReused(const std::string& document_id) {
  return runtime::Refuse(
      absl::StatusCode::kInvalidArgument, "DOCUMENT_ID_REUSED",
      absl::StrCat("document `", document_id, "` was taken with other contents: give this one its own id"));
}

bool VendorDocument::IsSettled(const State& state, uint64_t body_hash) {
  return (state.taken() && state.body() == body_hash) || absl::c_linear_search(state.discarded(), body_hash);
}

VendorDocument::Decision VendorDocument::Decide(const State& state, const AskDocument& command,
                                                const runtime::Caller&) {
  const v1::VendorDocumentTaken& asked = command.request;
  absl::Status status = CheckId(state, asked.document_id(), asked.order_id(), asked.body_hash());
  if (!status.ok()) return status;
  return std::vector<Event>();
}

VendorDocument::Decision VendorDocument::Decide(const State& state, const QuarantineDocument& command,
                                                const runtime::Caller&) {
  const v1::VendorDocumentQuarantined& document = command.request;
  const uint64_t hash = TextHash(document.body());
  const bool kept = state.quarantined() && state.body() == hash;
  if (IsSettled(state, hash) || (command.again && !kept)) return std::vector<Event>();
  absl::Status status = CheckId(state, document.document_id(), document.order_id(), hash);
  if (!status.ok()) return status;
  if (kept && state.reason() == document.reason() && state.awaits_order() == document.awaits_order()) {
    return std::vector<Event>();
  }
  std::vector<Event> events(1);
  *events.front().mutable_quarantined() = document;
  *events.front().mutable_quarantined()->mutable_received_at() = command.received_at;
  return events;
}

VendorDocument::Decision VendorDocument::Decide(const State& state, const TakeDocument& command,
                                                const runtime::Caller&) {
  const v1::VendorDocumentTaken& taken = command.request;
  if (state.taken()) {
    if (state.body() != taken.body_hash()) return DocumentIdReused(taken.document_id());
    return std::vector<Event>();
  }
  if (state.quarantined() && state.body() != taken.body_hash() && state.body() != command.instead_of) {
    return std::vector<Event>();
  }
  std::vector<Event> events(1);
  *events.front().mutable_taken() = taken;
  return events;
}

VendorDocument::Decision VendorDocument::Decide(const State& state, const v1::DiscardVendorDocumentRequest& request,
                                                const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  CheckPartyId(bad, "vendor_id", request.vendor_id());
  RequireText(bad, "document_id", request.document_id());
  runtime::RequireField(bad, "reason", request.reason(), "say why it is discarded");
  if (!bad.empty()) return bad.ToStatus();
  if (!state.quarantined()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "NOT_IN_QUARANTINE",
                           absl::StrCat("no document `", request.document_id(), "` of ", request.vendor_id(),
                                        " is in quarantine: see ListVendorDocuments"));
  }
  std::vector<Event> events(1);
  v1::VendorDocumentDiscarded& discarded = *events.front().mutable_discarded();
  discarded.set_vendor_id(request.vendor_id());
  discarded.set_document_id(request.document_id());
  discarded.set_reason(request.reason());
  discarded.set_by(caller.id);
  return events;
}

void VendorDocument::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kQuarantined:
      state.set_quarantined(true);
      state.set_body(TextHash(event.quarantined().body()));
      state.set_reason(event.quarantined().reason());
      state.set_order_id(event.quarantined().order_id());
      state.set_awaits_order(event.quarantined().awaits_order());
      // Earlier versions kept what came under the id of a document that was taken.
      state.set_taken(false);
      return;
    case Event::kTaken:
      LeaveQuarantine(state);
      state.set_taken(true);
      state.set_order_id(event.taken().order_id());
      if (event.taken().body_hash() != 0) state.set_body(event.taken().body_hash());
      return;
    case Event::kDiscarded:
      LeaveQuarantine(state);
      if (!absl::c_linear_search(state.discarded(), state.body())) state.add_discarded(state.body());
      state.clear_body();
      state.clear_order_id();
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::supplier
