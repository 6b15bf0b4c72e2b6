// The rules of paying remedies: a paying system takes each once, and says what became of it. A failed payment goes back
// to the owner, who has it paid again, under another payment id, or gives it up.

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/remedies/remedy.h"

namespace throughline::ownership {
namespace {

using State = Ownership::State;
using Decision = Ownership::Decision;
using runtime::Caller;

absl::StatusOr<const v1::Remedy*> FindOn(const Draft& draft, const std::string& remedy_id) {
  if (absl::Status refused = draft.RequireNotMerged(); !refused.ok()) return refused;
  if (const v1::Remedy* remedy = FindRemedy(draft.state().remedies(), remedy_id)) return remedy;
  return runtime::Refuse(absl::StatusCode::kNotFound, "REMEDY_UNKNOWN",
                         "the case has no such remedy: check the id; ListRemediesToPay lists those to be paid");
}

absl::Status Ended(const v1::Remedy& remedy) {
  return Precondition("PAYMENT_ENDED",
                      remedy.status() == v1::REMEDY_STATUS_PAID
                          ? absl::StrCat("the remedy is paid, as `", remedy.payment_reference(), "`: pay nothing more")
                          : std::string("this payment has an outcome: pay nothing under its id; if the remedy is to be "
                                        "paid again, ListRemediesToPay names the new payment"));
}

absl::Status CheckOutcome(const v1::RecordRemedyOutcomeRequest& request) {
  runtime::FieldViolations bad;
  if (request.outcome() == v1::PAYMENT_OUTCOME_PAID) {
    runtime::RequireField(bad, "reference", request.reference(), "say what your system calls the payment");
  } else if (request.outcome() == v1::PAYMENT_OUTCOME_FAILED) {
    runtime::RequireField(bad, "reason", request.reason(), "say why it failed");
  } else {
    bad.Add("outcome", "is not set: say whether it was paid or failed");
  }
  return bad.empty() ? absl::OkStatus() : bad.ToStatus();
}

}  // namespace

Decision Ownership::Decide(const State& state, const OnCase<v1::HandOffRemedyRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto found = FindOn(draft, request.remedy_id());
  if (!found.ok()) return found.status();
  const v1::Remedy& remedy = **found;
  if (!IsGranted(remedy.status())) {
    return Precondition("NOT_GRANTED", "the remedy is not granted: pay nothing");
  }
  if (!IsToBePaid(remedy.status()) || remedy.payment_id() != request.payment_id()) return Ended(remedy);
  if (remedy.status() == v1::REMEDY_STATUS_HANDED_OFF) {
    if (remedy.handed_off_to() == caller.id) return Draft::Nothing();
    return Precondition("HANDED_OFF", "`" + remedy.handed_off_to() + "` pays it: pay nothing");
  }
  auto& handed = *draft.Add().mutable_remedy_handed_off();
  handed.set_remedy_id(remedy.remedy_id());
  handed.set_to(caller.id);
  handed.set_payment_id(remedy.payment_id());
  *handed.mutable_at() = runtime::ToProto(caller.time);
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::RecordRemedyOutcomeRequest>& command,
                           const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (absl::Status refused = CheckOutcome(request); !refused.ok()) return refused;
  const auto found = FindOn(draft, request.remedy_id());
  if (!found.ok()) return found.status();
  const v1::Remedy& remedy = **found;
  const bool paid = request.outcome() == v1::PAYMENT_OUTCOME_PAID;
  const bool ended = remedy.status() == v1::REMEDY_STATUS_PAID || remedy.status() == v1::REMEDY_STATUS_FAILED;
  if (ended && remedy.payment_id() == request.payment_id()) {
    const bool same = paid == (remedy.status() == v1::REMEDY_STATUS_PAID) &&
                      (!paid || remedy.payment_reference() == request.reference());
    return same ? Decision(Draft::Nothing()) : Decision(Ended(remedy));
  }
  if (ended || (IsGranted(remedy.status()) && remedy.payment_id() != request.payment_id())) return Ended(remedy);
  if (remedy.status() != v1::REMEDY_STATUS_HANDED_OFF) {
    return Precondition("NOT_HANDED_OFF", "nobody took it to pay it: take it with HandOffRemedy first");
  }
  if (remedy.handed_off_to() != caller.id) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_HANDED_OFF_TO_YOU",
                           "`" + remedy.handed_off_to() + "` took it and alone says what became of it");
  }
  auto& recorded = *draft.Add().mutable_remedy_outcome_recorded();
  recorded.set_remedy_id(remedy.remedy_id());
  recorded.set_payment_id(remedy.payment_id());
  recorded.set_outcome(request.outcome());
  recorded.set_reference(request.reference());
  if (!paid) recorded.set_reason(request.reason());
  recorded.set_by(caller.id);
  *recorded.mutable_at() = runtime::ToProto(caller.time);
  recorded.set_kind(remedy.kind());
  *recorded.mutable_amount() = remedy.amount();
  return draft.Take();
}

Decision Ownership::Decide(const State& state, const OnCase<v1::RetryRemedyRequest>& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say what was done about the failure");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  const auto found = FindOn(draft, request.remedy_id());
  if (!found.ok()) return found.status();
  if ((*found)->status() != v1::REMEDY_STATUS_FAILED) {
    return Precondition("PAYMENT_NOT_FAILED", "no payment of it failed: there is nothing to try again");
  }
  auto& retried = *draft.Add().mutable_remedy_retried();
  retried.set_remedy_id(request.remedy_id());
  retried.set_by(caller.id);
  retried.set_reason(request.reason());
  retried.set_payment_id(runtime::DerivedId(caller, "payment"));
  *retried.mutable_at() = runtime::ToProto(caller.time);
  return draft.Take();
}

}  // namespace throughline::ownership
