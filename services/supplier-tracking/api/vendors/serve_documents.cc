#include "services/supplier-tracking/api/vendors/serve_documents.h"

#include <utility>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "services/supplier-tracking/api/push_stream.h"
#include "services/supplier-tracking/api/reports.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/documents/vendor_document.h"
#include "services/supplier-tracking/projections/documents/vendor_documents.h"

namespace throughline::supplier {
namespace {

using DocumentRequest = v1::PushVendorDocumentsRequest;
using DocumentResponse = v1::PushVendorDocumentsResponse;

constexpr size_t kDocumentIdBytes = 64;

absl::Status CheckDocument(const DocumentRequest& request, const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  CheckPartyId(bad, "vendor_id", request.vendor_id());
  if (!IsId(request.document_id(), kDocumentIdBytes)) {
    bad.Add("document_id", "is not a document's id: use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
  }
  if (request.body().empty()) bad.Add("body", "is empty: send the document as it is");
  if (!bad.empty()) return bad.ToStatus();
  return runtime::RequireParty(caller, request.vendor_id());
}

class DocumentSession : public server::Session<DocumentRequest> {
 public:
  DocumentSession(runtime::Streams& streams, std::shared_ptr<VendorDocuments> documents, absl::Duration within,
                  std::shared_ptr<server::ResponseStream<DocumentResponse>> writer)
      : streams_(streams),
        documents_(std::move(documents)),
        within_(within),
        stream_(std::make_shared<PushStream<DocumentResponse>>(std::move(writer))) {}

  void OnMessage(DocumentRequest message) override {
    if (!stream_->Take(1)) return;
    runtime::Caller caller = stream_->context().CallerOf(message.command_id());
    if (message.command_id().empty()) caller.command_id = CommandIdOf(message.vendor_id(), message.document_id());
    if (absl::Status status = CheckDocument(message, caller); !status.ok()) {
      return stream_->Answer(Refused(message.item_id(), caller.command_id, status));
    }
    v1::VendorDocumentQuarantined document;
    document.set_vendor_id(message.vendor_id());
    document.set_document_id(message.document_id());
    document.set_body(std::move(*message.mutable_body()));
    *document.mutable_received_at() = runtime::ToProto(caller.time);
    documents_->Take(std::move(document), std::move(caller), streams_.clock().Now() + within_, false,
                     [stream = stream_, item_id = message.item_id()](DocumentResponse response) {
                       response.set_item_id(item_id);
                       stream->Answer(response);
                     });
  }
  bool OnBadMessage(DocumentRequest message, const absl::Status& status) override {
    stream_->Begin();
    stream_->Answer(Refused(Echoed(message.item_id()), Echoed(message.command_id()), status));
    return true;
  }
  void OnHalfClose() override { stream_->HalfClose(); }

 private:
  static DocumentResponse Refused(const std::string& item_id, const std::string& command_id,
                                  const absl::Status& status) {
    DocumentResponse response;
    response.set_item_id(item_id);
    response.set_command_id(command_id);
    response.set_result(v1::PUSH_RESULT_REFUSED);
    *response.mutable_error() = ErrorOf(status);
    return response;
  }

  runtime::Streams& streams_;
  const std::shared_ptr<VendorDocuments> documents_;
  const absl::Duration within_;
  const std::shared_ptr<PushStream<DocumentResponse>> stream_;
};

}  // namespace

void ServeVendorDocuments(server::Api& api, runtime::Streams& streams, std::shared_ptr<VendorDocuments> documents,
                          const Config& config) {
  api.AllowLargerField("throughline.supplier.v1.PushVendorDocumentsRequest.body", config.max_document_bytes);
  api.BidiStream<DocumentRequest, DocumentResponse>(
      "PushVendorDocuments", config.document_window,
      [&streams, documents = std::move(documents), within = config.push_deadline](const server::Context&, auto writer) {
        return std::make_shared<DocumentSession>(streams, documents, within, std::move(writer));
      });
  api.Unary<v1::ListVendorDocumentsRequest, v1::ListVendorDocumentsResponse>(
      "ListVendorDocuments",
      [&streams](const server::Context& context, v1::ListVendorDocumentsRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListVendorDocumentsResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListVendorDocuments(rows, request); });
      });
  api.Unary<v1::DiscardVendorDocumentRequest, v1::DiscardVendorDocumentResponse>(
      "DiscardVendorDocument",
      [&streams](const server::Context& context, v1::DiscardVendorDocumentRequest request, auto reply) {
        // A stream has a key, even if its vendor is refused.
        const std::string vendor = IsPartyId(request.vendor_id()) ? request.vendor_id() : "-";
        const std::string document = IsId(request.document_id(), kDocumentIdBytes) ? request.document_id() : "-";
        service::Change<VendorDocument, v1::DiscardVendorDocumentResponse>(
            streams, context, {VendorDocument::kKind, VendorDocument::KeyOf(vendor, document)}, std::move(request),
            reply);
      });
}

}  // namespace throughline::supplier
