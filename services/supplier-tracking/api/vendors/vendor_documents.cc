#include "services/supplier-tracking/api/vendors/vendor_documents.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/utf8.h"
#include "services/supplier-tracking/api/reports.h"
#include "services/supplier-tracking/api/vendors/vendor_updates.h"
#include "services/supplier-tracking/documents/read_document.h"
#include "services/supplier-tracking/domain/documents/vendor_document.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/documents/vendor_documents.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr size_t kDocumentsAtOnce = 50;
constexpr size_t kKeptReasonBytes = 512;
constexpr char kDocumentReader[] = "throughline.supplier-tracking";

std::string DigestOf(const std::string& text) { return absl::BytesToHexString(crypto::Sha256(text).substr(0, 16)); }

// Whether the same may succeed a little later.
bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status) || absl::IsDataLoss(status) || absl::IsInternal(status);
}

// One document on its way. Its steps run one after the other, where commands are answered.
class Taking : public std::enable_shared_from_this<Taking> {
 public:
  Taking(runtime::Streams& streams, std::shared_ptr<const Carriers> carriers, v1::VendorDocumentQuarantined document,
         runtime::Caller caller, absl::Time deadline, bool again, VendorDocuments::Done done)
      : streams_(streams),
        carriers_(std::move(carriers)),
        document_(std::move(document)),
        caller_(std::move(caller)),
        deadline_(deadline),
        again_(again),
        done_(std::move(done)) {
    response_.set_command_id(caller_.command_id);
  }

  void Run() {
    absl::StatusOr<v1::RecordVendorUpdateRequest> update = ReadDocument(document_.vendor_id(), document_.body());
    if (!update.ok()) {
      document_.clear_order_id();
      return Keep(update.status());
    }
    document_.set_order_id(update->order_id());
    response_.set_order_id(update->order_id());
    PrepareUpdate(streams_, *carriers_, *std::move(update), caller_.time, deadline_,
                  [self = shared_from_this()](absl::StatusOr<UpdateFromVendor> command) {
                    if (command.ok()) return self->Give(*std::move(command));
                    // An order id or a date that cannot be.
                    IsTransient(command.status()) ? self->Refuse(command.status()) : self->Keep(command.status());
                  });
  }

 private:
  void Give(UpdateFromVendor command) {
    const runtime::StreamId stream{Order::kKind, document_.order_id()};
    streams_.Execute<Order>(
        stream, std::move(command), caller_, deadline_,
        [self = shared_from_this()](const absl::StatusOr<runtime::Outcome<Order>>& outcome) { self->Given(outcome); });
  }
  void Given(const absl::StatusOr<runtime::Outcome<Order>>& outcome) {
    if (!outcome.ok()) {
      const absl::Status& status = outcome.status();
      if (IsTransient(status)) return Refuse(status);
      const std::string reason = runtime::ReasonOf(status).value_or("");
      if (reason == "COMMAND_ID_REUSED") {
        return Refuse(runtime::Refuse(absl::StatusCode::kInvalidArgument, "DOCUMENT_ID_REUSED",
                                      absl::StrCat("document `", document_.document_id(),
                                                   "` was taken with other contents: give this one its own id")));
      }
      return reason == "ORDER_UNKNOWN" || again_ ? Keep(status) : Refuse(status);
    }
    response_.set_version(outcome->version);
    response_.set_consistency_token(outcome->token);
    response_.set_result(outcome->repeated || outcome->events.empty() ? v1::PUSH_RESULT_DUPLICATE
                                                                      : v1::PUSH_RESULT_ACCEPTED);
    if (!kVendorDocuments.Has(*streams_.View(), document_.vendor_id(), document_.document_id())) return Finish();
    TakeDocument taken;
    taken.request.set_vendor_id(document_.vendor_id());
    taken.request.set_document_id(document_.document_id());
    taken.request.set_order_id(document_.order_id());
    runtime::Caller caller = caller_;
    caller.command_id = absl::StrCat("taken-", DigestOf(absl::StrCat(Key(), "/", document_.body())));
    // If that fails, it is done the next time that the quarantine is read.
    streams_.Execute<VendorDocument>({VendorDocument::kKind, Key()}, std::move(taken), std::move(caller), deadline_,
                                     [self = shared_from_this()](const auto&) { self->Finish(); });
  }

  void Keep(const absl::Status& why) {
    const v1::PushError error = ErrorOf(why);
    document_.set_reason(server::CleanUtf8(error.message(), kKeptReasonBytes));
    QuarantineDocument command{document_, document_.received_at()};
    command.request.clear_received_at();
    runtime::Caller caller = caller_;
    caller.command_id =
        absl::StrCat("keep-", DigestOf(absl::StrCat(Key(), "/", document_.reason(), "/", document_.body())));
    streams_.Execute<VendorDocument>(
        {VendorDocument::kKind, Key()}, std::move(command), std::move(caller), deadline_,
        [self = shared_from_this(), error](const absl::StatusOr<runtime::Outcome<VendorDocument>>& outcome) {
          if (!outcome.ok()) return self->Refuse(outcome.status());
          self->response_.set_version(outcome->version);
          self->response_.set_consistency_token(outcome->token);
          // What was taken or discarded does not come back.
          const bool kept = outcome->state->quarantined();
          self->response_.set_result(kept ? v1::PUSH_RESULT_QUARANTINED : v1::PUSH_RESULT_DUPLICATE);
          if (kept) *self->response_.mutable_error() = error;
          self->Finish();
        });
  }

  void Refuse(const absl::Status& why) {
    response_.set_result(v1::PUSH_RESULT_REFUSED);
    *response_.mutable_error() = ErrorOf(why);
    Finish();
  }
  void Finish() { done_(std::move(response_)); }

  std::string Key() const { return VendorDocument::KeyOf(document_.vendor_id(), document_.document_id()); }

  runtime::Streams& streams_;
  const std::shared_ptr<const Carriers> carriers_;
  v1::VendorDocumentQuarantined document_;
  const runtime::Caller caller_;
  const absl::Time deadline_;
  const bool again_;
  const VendorDocuments::Done done_;
  v1::PushVendorDocumentsResponse response_;
};

// Reads what is kept in batches, so that others have their turn, and continues when all of a batch is done.
class Rereading : public std::enable_shared_from_this<Rereading> {
 public:
  Rereading(runtime::Streams& streams, std::shared_ptr<VendorDocuments> documents, absl::Duration within)
      : streams_(streams), documents_(std::move(documents)), within_(within) {}

  void Continue() {
    streams_.WhenCaughtUp([self = shared_from_this()] { self->Run(); });
  }

 private:
  void Run() {
    std::vector<v1::VendorDocumentQuarantined> some;
    const std::string after = after_;
    kVendorDocuments.Scan(*streams_.View(), after,
                          [&](std::string_view raw, const auto&, v1::VendorDocumentQuarantined document) {
                            after_ = std::string(raw);
                            some.push_back(std::move(document));
                            return some.size() < kDocumentsAtOnce;
                          });
    if (some.empty()) return;
    left_ = some.size();
    for (v1::VendorDocumentQuarantined& document : some) {
      runtime::Caller caller;
      caller.id = kDocumentReader;
      caller.roles = {common::v1::ROLE_SERVICE};
      caller.command_id = CommandIdOf(document.vendor_id(), document.document_id());
      caller.time = streams_.clock().Trusted();
      caller.causation_id = "replay of the quarantine";
      documents_->Take(std::move(document), std::move(caller), streams_.clock().Now() + within_, true,
                       [self = shared_from_this()](const v1::PushVendorDocumentsResponse&) {
                         // A failure is tried again the next time.
                         if (--self->left_ == 0) self->Continue();
                       });
    }
  }

  runtime::Streams& streams_;
  const std::shared_ptr<VendorDocuments> documents_;
  const absl::Duration within_;
  std::string after_;  // raw key
  std::atomic<size_t> left_ = 0;
};

}  // namespace

std::string CommandIdOf(const std::string& vendor_id, const std::string& document_id) {
  return absl::StrCat("vendor-document-", DigestOf(VendorDocument::KeyOf(vendor_id, document_id)));
}

void VendorDocuments::Take(v1::VendorDocumentQuarantined document, runtime::Caller caller, absl::Time deadline,
                           bool again, Done done) {
  std::make_shared<Taking>(streams_, carriers_->Get(), std::move(document), std::move(caller), deadline, again,
                           std::move(done))
      ->Run();
}

void VendorDocuments::ReadAgain() { std::make_shared<Rereading>(streams_, shared_from_this(), within_)->Continue(); }

void VendorDocuments::Follow() {
  runtime::Watches::Handle watch = streams_.watches().Add(kVendorDocumentsWait, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->ReadAgain();
  });
  absl::MutexLock lock(&mutex_);
  watch_ = std::move(watch);
}

}  // namespace throughline::supplier
