#include "libs/runtime/domain/time.h"
#include "services/intake/projections/cases.h"
#include "services/intake/projections/tables.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

using ownership::v1::COMMITMENT_KIND_PROMISE;
using ownership::v1::COMMITMENT_OUTCOME_BROKEN;
using ownership::v1::COMMITMENT_OUTCOME_KEPT;

void Place(const supplier::v1::OrderPlaced& placed, const runtime::AcceptedCommit& commit, v1::CustomerOrder& order,
           store::Batch& batch) {
  order.set_order_id(placed.order_id());
  *order.mutable_placed_at() = placed.has_placed_at() ? placed.placed_at() : runtime::ToProto(commit.time);
  *order.mutable_promised_time() = placed.promised_time();
  order.set_owner(placed.owner());
  const store::Descending at{runtime::FromProto(order.placed_at())};
  kOfCustomer.Put(batch, placed.customer_id(), at, kOrderItem + placed.order_id(), "");
}

void ApplyToOrder(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = supplier::v1::OrderEvent;
  std::optional<v1::CustomerOrder> row;  // read when an event changes it: most do not
  const auto order = [&]() -> v1::CustomerOrder& {
    if (!row) row = kOrders.Get(batch, commit.stream.key).value_or(v1::CustomerOrder());
    return *row;
  };
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kPlaced:
        Place(event.placed(), commit, order(), batch);
        break;
      case Event::kPromiseAtRisk:
        order().set_at_risk(true);
        break;
      case Event::kPromiseRecovered:
        order().set_at_risk(false);
        break;
      case Event::kCompleted:
        order().set_at_risk(false);
        order().set_completed(true);
        break;
      case Event::kShipmentDeliveryCorrected:
        if (event.shipment_delivery_corrected().completion_withdrawn()) order().set_completed(false);
        break;
      case Event::kReassigned:
        order().set_owner(event.reassigned().to());
        break;
      case Event::kAmended:
        if (event.amended().has_promised_time()) *order().mutable_promised_time() = event.amended().promised_time();
        break;
      case Event::kCancelled:
        order().set_at_risk(false);
        order().set_completed(true);  // nothing more is to come
        break;
      case Event::kLinesCancelled:
      case Event::kShipmentReturned:
      case Event::kVendorAcknowledged:
      case Event::kVendorBackordered:
      case Event::kVendorDelayed:
      case Event::kVendorRefused:
      case Event::kVendorShortShipped:
      case Event::kVendorSplit:
      case Event::kVendorSubstituted:
      case Event::kVendorDispatched:
      case Event::kShipmentAdded:
      case Event::kEtaChanged:
      case Event::kShipmentDelivered:
      case Event::kShipmentReady:
      case Event::kShipmentReadinessWithdrawn:
      case Event::kReceiptAwaited:
      case Event::kLinesCollected:
      case Event::kShipmentObserved:
      case Event::kOverdue:
      case Event::kConcernRaised:
      case Event::kConcernCleared:
      case Event::kLegAwaited:
      case Event::kLegTaken:
      case Event::kSerialRecorded:
      case Event::kDeliveryDisputed:
      case Event::kDeliveryVerified:
      case Event::kProofAwaited:
      case Event::kForecast:
      case Event::kLinkCreated:
      case Event::kLinkRevoked:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  if (row) kOrders.Put(batch, commit.stream.key, *row);
}

// The promises of one case, as a commit changes them.
class Promises {
 public:
  Promises(const runtime::AcceptedCommit& commit, store::Batch& batch) : commit_(commit), batch_(batch) {}

  void Make(const std::string& id, const std::string& text, const google::protobuf::Timestamp& due,
            const std::string& by) {
    v1::CustomerPromise promise;
    promise.set_case_id(case_id());
    promise.set_commitment_id(id);
    promise.set_text(text);
    *promise.mutable_due() = due;
    *promise.mutable_made_at() = runtime::ToProto(commit_.time);
    promise.set_made_by(by);
    kPromises.Put(batch_, case_id(), id, promise);
    kOfCustomer.Put(batch_, customer(), {commit_.time}, ItemOf(id), "");
  }
  template <typename Change>
  void Alter(const std::string& id, const Change& change) {
    auto promise = kPromises.Get(batch_, case_id(), id);
    if (!promise) return;  // another kind of commitment
    change(*promise);
    kPromises.Put(batch_, case_id(), id, *promise);
  }
  void Settle(const std::string& id, ownership::v1::CommitmentOutcome outcome) {
    Alter(id, [outcome](v1::CustomerPromise& promise) { promise.set_outcome(outcome); });
  }
  void MoveDue(const std::string& id, const google::protobuf::Timestamp& due) {
    Alter(id, [&due](v1::CustomerPromise& promise) { *promise.mutable_due() = due; });
  }
  // It moves to another case, which has it from then on.
  void Remove(const std::string& id) {
    const auto promise = kPromises.Get(batch_, case_id(), id);
    if (!promise) return;
    kPromises.Delete(batch_, case_id(), id);
    kOfCustomer.Delete(batch_, customer(), {runtime::FromProto(promise->made_at())}, ItemOf(id));
  }

 private:
  const std::string& case_id() const { return commit_.stream.key; }
  std::string ItemOf(const std::string& id) const { return kPromiseItem + case_id() + "/" + id; }
  std::string customer() const {
    const auto standing = kStandings.Get(batch_, case_id());
    return standing ? standing->customer_id() : "";
  }

  const runtime::AcceptedCommit& commit_;
  store::Batch& batch_;
};

void ApplyToPromises(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = ownership::v1::OwnershipEvent;
  Promises promises(commit, batch);
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kPromiseMade: {
        const auto& made = event.promise_made();
        promises.Make(made.promise_id(), made.text(), made.due(), made.made_by());
        break;
      }
      case Event::kPromiseKept:
        promises.Settle(event.promise_kept().promise_id(), COMMITMENT_OUTCOME_KEPT);
        break;
      case Event::kPromiseRenegotiated:
        promises.MoveDue(event.promise_renegotiated().promise_id(), event.promise_renegotiated().new_due());
        break;
      case Event::kPromiseBroken:
        promises.Settle(event.promise_broken().promise_id(), COMMITMENT_OUTCOME_BROKEN);
        break;
      case Event::kCommitmentMade: {
        const auto& made = event.commitment_made().commitment();
        if (made.kind() != COMMITMENT_KIND_PROMISE) break;
        promises.Make(made.commitment_id(), made.text(), made.due(), event.commitment_made().by());
        break;
      }
      case Event::kCommitmentRenegotiated:
        promises.MoveDue(event.commitment_renegotiated().commitment_id(), event.commitment_renegotiated().new_due());
        break;
      case Event::kCommitmentSettled:
        if (event.commitment_settled().kind() != COMMITMENT_KIND_PROMISE) break;
        promises.Settle(event.commitment_settled().commitment_id(), event.commitment_settled().outcome());
        break;
      case Event::kMerged:
        for (const auto& moved : event.merged().moved()) promises.Remove(moved.commitment_id());
        break;
      case Event::kStarted:
      case Event::kHandoffOffered:
      case Event::kHandoffAccepted:
      case Event::kHandoffDeclined:
      case Event::kHandoffExpired:
      case Event::kHandoffWithdrawn:
      case Event::kReassigned:
      case Event::kWorkNoteAdded:
      case Event::kResolutionProposed:
      case Event::kResolutionConfirmed:
      case Event::kResolutionRejected:
      case Event::kClosed:
      case Event::kReopened:
      case Event::kConfirmationRequested:
      case Event::kInteractionNoted:
      case Event::kInteractionAcknowledged:
      case Event::kConfirmationTakenBack:
      case Event::kClosingAnnounced:
      case Event::kAbsorbed:
      case Event::kEscalated:
      case Event::kEscalationAcknowledged:
      case Event::kEscalationSettled:
      case Event::kEscalationExhausted:
      case Event::kRemedyGranted:
      case Event::kRemedyRefused:
      case Event::kRemedyRequested:
      case Event::kRemedyDeclined:
      case Event::kRemedyCountered:
      case Event::kRemedyWithdrawn:
      case Event::kRemedyPassedUp:
      case Event::kRemedyHandedOff:
      case Event::kRemedyOutcomeRecorded:
      case Event::kRemedyRetried:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
}

}  // namespace

void CustomersProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "order") ApplyToOrder(commit, batch);
  if (commit.stream.kind == "ownership") ApplyToPromises(commit, batch);
}

}  // namespace throughline::intake
