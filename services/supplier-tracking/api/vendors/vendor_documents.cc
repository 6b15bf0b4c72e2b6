#include "services/supplier-tracking/api/vendors/vendor_documents.h"

#include <atomic>
#include <functional>
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
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/projections/documents/vendor_documents.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr size_t kDocumentsAtOnce = 50;
constexpr size_t kKeptReasonBytes = 512;
constexpr int64_t kMostKept = 1000;  // of one vendor; about, as documents may come at the same time
// Gives the documents to their orders.
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
        done_(std::move(done)),
        hash_(TextHash(document_.body())) {
    response_.set_command_id(caller_.command_id);
  }

  void Run() {
    absl::StatusOr<v1::RecordVendorUpdateRequest> update = ReadDocument(document_.vendor_id(), document_.body());
    document_.clear_order_id();
    document_.clear_awaits_order();
    if (update.ok()) document_.set_order_id(update->order_id());
    response_.set_order_id(document_.order_id());
    Execute(AskDocument{Named()}, absl::StrCat("ask-", DigestOf(absl::StrCat(Key(), "/", document_.body()))),
            [self = shared_from_this(), update = std::move(update)](const Told& told) { self->Asked(told, update); });
  }

 private:
  using Told = runtime::Outcome<VendorDocument>;

  template <typename Command>
  void Execute(Command command, std::string command_id, std::function<void(const Told&)> next) {
    runtime::Caller caller = caller_;
    caller.command_id = std::move(command_id);
    streams_.Execute<VendorDocument>({VendorDocument::kKind, Key()}, std::move(command), std::move(caller), deadline_,
                                     [self = shared_from_this(), next = std::move(next)](absl::StatusOr<Told> told) {
                                       told.ok() ? next(*told) : self->Refuse(told.status());
                                     });
  }
  void Answer(const Told& told, v1::PushResult result) {
    response_.set_version(told.version);
    response_.set_consistency_token(told.token);
    response_.set_result(result);
    Finish();
  }

  // What became of its id so far.
  void Asked(const Told& told, const absl::StatusOr<v1::RecordVendorUpdateRequest>& update) {
    const bool kept = told.state->quarantined() && told.state->body() == hash_;
    if (VendorDocument::IsSettled(*told.state, hash_) || (again_ && !kept)) {
      return Answer(told, v1::PUSH_RESULT_DUPLICATE);
    }
    version_ = told.version;
    if (told.state->quarantined()) instead_of_ = told.state->body();
    if (!update.ok()) return Keep(update.status());
    PrepareUpdate(streams_, *carriers_, *update, caller_.time, deadline_,
                  [self = shared_from_this()](absl::StatusOr<UpdateFromVendor> command) {
                    if (command.ok()) return self->Give(*std::move(command));
                    // An order id or a date that cannot be.
                    IsTransient(command.status()) ? self->Refuse(command.status()) : self->Keep(command.status());
                  });
  }

  // Whoever brings it, and whatever is known elsewhere: it is the same command if it is the same bytes.
  void Give(UpdateFromVendor command) {
    command.complete = command.update();
    command.request.Clear();
    command.request.set_order_id(document_.order_id());
    command.request.set_vendor_id(document_.vendor_id());
    command.request.set_command_id(DigestOf(document_.body()));
    runtime::Caller caller = caller_;
    caller.id = kDocumentReader;
    caller.command_id = CommandIdOf(document_.vendor_id(), document_.document_id());
    if (caller_.id != kDocumentReader) {
      caller.causation_id = absl::StrCat(VendorDocument::kKind, "/", Key(), " of ", caller_.id);
    }
    const runtime::StreamId stream{Order::kKind, document_.order_id()};
    streams_.Execute<Order>(
        stream, std::move(command), std::move(caller), deadline_,
        [self = shared_from_this()](const absl::StatusOr<runtime::Outcome<Order>>& outcome) { self->Given(outcome); });
  }
  void Given(const absl::StatusOr<runtime::Outcome<Order>>& outcome) {
    if (!outcome.ok()) {
      absl::Status status = outcome.status();
      if (IsTransient(status)) return Refuse(status);
      const std::string reason = runtime::ReasonOf(status).value_or("");
      if (reason == "COMMAND_ID_REUSED") status = DocumentIdReused(document_.document_id());
      return again_ || reason == "ORDER_UNKNOWN" || reason == "NO_SUCH_VENDOR" ? Keep(status) : Refuse(status);
    }
    response_.set_version(outcome->version);
    response_.set_consistency_token(outcome->token);
    response_.set_result(outcome->repeated || outcome->events.empty() ? v1::PUSH_RESULT_DUPLICATE
                                                                      : v1::PUSH_RESULT_ACCEPTED);
    runtime::Caller caller = caller_;
    caller.command_id = absl::StrCat("taken-", DigestOf(absl::StrCat(Key(), "/", document_.body())));
    streams_.Execute<VendorDocument>({VendorDocument::kKind, Key()}, TakeDocument{Named(), instead_of_},
                                     std::move(caller), deadline_,
                                     [self = shared_from_this()](const absl::StatusOr<Told>& told) {
                                       // Brought again, it is a duplicate for its order, and is told here.
                                       if (IsTransient(told.status())) return self->Refuse(told.status());
                                       self->Finish();
                                     });
  }

  void Keep(const absl::Status& why) {
    const std::string reason = runtime::ReasonOf(why).value_or("");
    document_.set_reason(server::CleanUtf8(std::string(why.message()), kKeptReasonBytes));
    document_.set_awaits_order(reason == "ORDER_UNKNOWN");
    // Whether there is an order of others is not told.
    const v1::PushError error = ErrorOf(reason == "NO_SUCH_VENDOR" ? OrderUnknown(document_.order_id()) : why);
    if (instead_of_ == 0 && VendorDocumentsOf(*streams_.View(), document_.vendor_id()) >= kMostKept) {
      return Refuse(runtime::Refuse(absl::StatusCode::kResourceExhausted, "QUARANTINE_FULL",
                                    absl::StrCat(kMostKept, " documents of ", document_.vendor_id(),
                                                 " are in quarantine: mend those first, or have them discarded")));
    }
    QuarantineDocument command{document_, document_.received_at(), again_};
    command.request.clear_received_at();
    // With the version: what was kept, and then replaced, may come once more.
    const std::string command_id = absl::StrCat(
        "keep-", DigestOf(absl::StrCat(Key(), "/", version_, "/", document_.reason(), "/", document_.body())));
    Execute(std::move(command), command_id, [self = shared_from_this(), error](const Told& told) {
      // What was taken or discarded does not come back.
      if (VendorDocument::IsSettled(*told.state, self->hash_)) return self->Answer(told, v1::PUSH_RESULT_DUPLICATE);
      *self->response_.mutable_error() = error;
      self->Answer(told, v1::PUSH_RESULT_QUARANTINED);
    });
  }

  void Refuse(const absl::Status& why) {
    response_.set_result(v1::PUSH_RESULT_REFUSED);
    *response_.mutable_error() = ErrorOf(why);
    Finish();
  }
  void Finish() { done_(std::move(response_)); }

  std::string Key() const { return VendorDocument::KeyOf(document_.vendor_id(), document_.document_id()); }
  v1::VendorDocumentTaken Named() const {
    v1::VendorDocumentTaken named;
    named.set_vendor_id(document_.vendor_id());
    named.set_document_id(document_.document_id());
    named.set_order_id(document_.order_id());
    named.set_body_hash(hash_);
    return named;
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Carriers> carriers_;
  v1::VendorDocumentQuarantined document_;
  const runtime::Caller caller_;
  const absl::Time deadline_;
  const bool again_;
  const VendorDocuments::Done done_;
  const uint64_t hash_;
  uint64_t version_ = 0;     // of its stream, when that was asked
  uint64_t instead_of_ = 0;  // the hash of what was in quarantine then
  v1::PushVendorDocumentsResponse response_;
};

}  // namespace

// Reads what is kept in batches, so that others have their turn, and continues when all of a batch is done.
class VendorDocuments::Reading : public std::enable_shared_from_this<Reading> {
 public:
  Reading(std::shared_ptr<VendorDocuments> documents, Which which)
      : documents_(std::move(documents)), streams_(documents_->streams_), which_(which) {}
  ~Reading() {
    if (!finished_) documents_->Ended(which_, false);  // a row could not be read, or the service ends
  }

  void Continue() {
    streams_.WhenCaughtUp([self = shared_from_this()] { self->Run(); });
  }

 private:
  // The next ones; none: these were all.
  std::vector<v1::VendorDocumentQuarantined> Some() {
    std::vector<v1::VendorDocumentQuarantined> some;
    const std::unique_ptr<const store::KeyValue> rows = streams_.View();
    if (which_ == Which::kOfPlacedOrders) {
      if (!begun_) names_ = DocumentsOfPlacedOrders(*rows);
      begun_ = true;
      while (!names_.empty() && some.size() < kDocumentsAtOnce) {
        auto document = kVendorDocuments.Get(*rows, names_.back().vendor_id, names_.back().document_id);
        names_.pop_back();
        if (document) some.push_back(*std::move(document));
      }
      return some;
    }
    const std::string after = after_;
    kVendorDocuments.Scan(*rows, after, [&](std::string_view raw, const auto&, v1::VendorDocumentQuarantined document) {
      after_ = std::string(raw);
      some.push_back(std::move(document));
      return some.size() < kDocumentsAtOnce;
    });
    return some;
  }

  void Run() {
    std::vector<v1::VendorDocumentQuarantined> some = Some();
    finished_ = some.empty();
    if (finished_) return documents_->Ended(which_, true);
    left_ = some.size();
    for (v1::VendorDocumentQuarantined& document : some) {
      runtime::Caller caller;
      caller.id = kDocumentReader;
      caller.roles = {common::v1::ROLE_SERVICE};
      caller.command_id = CommandIdOf(document.vendor_id(), document.document_id());
      caller.time = streams_.clock().Trusted();
      caller.causation_id = "replay of the quarantine";
      documents_->Take(std::move(document), std::move(caller), streams_.clock().Now() + documents_->within_, true,
                       [self = shared_from_this()](const v1::PushVendorDocumentsResponse&) {
                         // A failure is tried again the next time.
                         if (--self->left_ == 0) self->Continue();
                       });
    }
  }

  const std::shared_ptr<VendorDocuments> documents_;
  runtime::Streams& streams_;
  const Which which_;
  bool begun_ = false;
  std::vector<DocumentName> names_;  // what is left, of placed orders
  std::string after_;                // raw key, of all
  std::atomic<size_t> left_ = 0;
  std::atomic<bool> finished_ = false;
};

std::string CommandIdOf(const std::string& vendor_id, const std::string& document_id) {
  return absl::StrCat("vendor-document-", DigestOf(VendorDocument::KeyOf(vendor_id, document_id)));
}

void VendorDocuments::Take(v1::VendorDocumentQuarantined document, runtime::Caller caller, absl::Time deadline,
                           bool again, Done done) {
  std::make_shared<Taking>(streams_, carriers_->Get(), std::move(document), std::move(caller), deadline, again,
                           std::move(done))
      ->Run();
}

void VendorDocuments::ReadAgain() { Read(Which::kAll); }

void VendorDocuments::Read(Which which) {
  {
    absl::MutexLock lock(&mutex_);
    Turn& turn = turns_[static_cast<size_t>(which)];
    if (turn.under_way) {
      turn.wanted = true;
      return;
    }
    turn = {.under_way = true, .wanted = false};
  }
  std::make_shared<Reading>(shared_from_this(), which)->Continue();
}

void VendorDocuments::Ended(Which which, bool finished) {
  bool wanted = false;
  {
    absl::MutexLock lock(&mutex_);
    Turn& turn = turns_[static_cast<size_t>(which)];
    turn.under_way = false;
    wanted = finished && turn.wanted;
  }
  if (wanted) Read(which);
}

void VendorDocuments::Follow() {
  runtime::Watches::Handle watch = streams_.watches().Add(kVendorDocumentsWait, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Read(Which::kOfPlacedOrders);
  });
  absl::MutexLock lock(&mutex_);
  watch_ = std::move(watch);
}

}  // namespace throughline::supplier
