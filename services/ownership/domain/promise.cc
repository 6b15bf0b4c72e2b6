// The rules of a promise: it is kept by its due time, renegotiated before it, or broken.

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

const v1::OwnershipState::Promise* FindPromise(const v1::OwnershipState& state, const std::string& promise_id) {
  for (const auto& promise : state.promises()) {
    if (promise.promise_id() == promise_id) return &promise;
  }
  return nullptr;
}

absl::Status PromiseUnknown() {
  return runtime::Refuse(absl::StatusCode::kNotFound, "PROMISE_UNKNOWN",
                         "the case has no such promise: check the id; GetOwnership lists them");
}

absl::Status PromiseBrokenAlready(const v1::OwnershipState::Promise& promise) {
  return Precondition("PROMISE_BROKEN",
                      "its due time " + absl::FormatTime(runtime::FromProto(promise.due()), absl::UTCTimeZone()) +
                          " has passed, so the promise is broken and stays broken: record further work with "
                          "AddWorkNote, or make a new promise");
}

bool Broken(const v1::OwnershipState::Promise& promise, absl::Time now) {
  return promise.status() == v1::PROMISE_STATUS_BROKEN ||
         (promise.status() == v1::PROMISE_STATUS_OPEN && now > runtime::FromProto(promise.due()));
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::MakePromiseRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what is promised, in the words that the customer heard");
  RequireFuture(bad, "due", request.has_due(), request.due(), caller.time);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().promises_size() >= kMaxPromises) {
    return Precondition("TOO_MANY_PROMISES", "the case has 100 promises: keep or renegotiate one instead of a new one");
  }
  auto& made = *draft.Add().mutable_promise_made();
  made.set_promise_id(runtime::DerivedId(caller, "promise"));
  made.set_made_by(caller.id);
  made.set_to(request.to().empty() ? draft.opening().customer_id() : request.to());
  made.set_text(request.text());
  *made.mutable_due() = AsStored(request.due());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::KeepPromiseRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "evidence", request.evidence(), "say how the promise was kept");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  const State::Promise* promise = FindPromise(draft.state(), request.promise_id());
  if (promise == nullptr) return PromiseUnknown();
  if (Broken(*promise, caller.time)) return PromiseBrokenAlready(*promise);
  if (promise->status() == v1::PROMISE_STATUS_KEPT) return Draft::Nothing();
  auto& kept = *draft.Add().mutable_promise_kept();
  kept.set_promise_id(request.promise_id());
  kept.set_by(caller.id);
  kept.set_evidence(request.evidence());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::RenegotiatePromiseRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why, as the customer was told");
  RequireFuture(bad, "new_due", request.has_new_due(), request.new_due(), caller.time);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  const State::Promise* promise = FindPromise(draft.state(), request.promise_id());
  if (promise == nullptr) return PromiseUnknown();
  if (Broken(*promise, caller.time)) return PromiseBrokenAlready(*promise);
  // Exactly at its due time a promise can be kept, but not renegotiated.
  if (promise->status() == v1::PROMISE_STATUS_OPEN && caller.time >= runtime::FromProto(promise->due())) {
    return PromiseBrokenAlready(*promise);
  }
  if (promise->status() == v1::PROMISE_STATUS_KEPT) {
    return Precondition("PROMISE_KEPT", "the promise was kept: make a new one if there is more to promise");
  }
  auto& renegotiated = *draft.Add().mutable_promise_renegotiated();
  renegotiated.set_promise_id(request.promise_id());
  renegotiated.set_by(caller.id);
  *renegotiated.mutable_old_due() = promise->due();
  *renegotiated.mutable_new_due() = AsStored(request.new_due());
  renegotiated.set_reason(request.reason());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const BreakPromise& command, const runtime::Caller& caller) {
  const State::Promise* promise = FindPromise(state, command.request.promise_id());
  if (promise == nullptr || promise->status() != v1::PROMISE_STATUS_OPEN ||
      caller.time < runtime::FromProto(promise->due())) {
    return Draft::Nothing();
  }
  Event event;
  auto& broken = *event.mutable_promise_broken();
  broken.set_promise_id(promise->promise_id());
  *broken.mutable_due() = promise->due();
  broken.set_owner(state.owner());
  if (command.request.has_supervisor()) broken.set_supervisor(command.request.supervisor());
  return std::vector{std::move(event)};
}

}  // namespace throughline::ownership
