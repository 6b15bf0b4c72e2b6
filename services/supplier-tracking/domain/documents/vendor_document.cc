#include "services/supplier-tracking/domain/documents/vendor_document.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/fingerprint.h"

namespace throughline::supplier {

VendorDocument::Decision VendorDocument::Decide(const State& state, const QuarantineDocument& command,
                                                const runtime::Caller&) {
  const bool same = state.body() == TextHash(command.request.body());
  if (same && (!state.quarantined() || state.reason() == command.request.reason())) return std::vector<Event>();
  std::vector<Event> events(1);
  *events.front().mutable_quarantined() = command.request;
  *events.front().mutable_quarantined()->mutable_received_at() = command.received_at;
  return events;
}

VendorDocument::Decision VendorDocument::Decide(const State& state, const TakeDocument& command,
                                                const runtime::Caller&) {
  if (!state.quarantined()) return std::vector<Event>();
  std::vector<Event> events(1);
  *events.front().mutable_taken() = command.request;
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
      return;
    case Event::kTaken:
    case Event::kDiscarded:
      state.set_quarantined(false);
      state.clear_reason();
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::supplier
