// The rules of a resolution: it is proposed to the customer, who confirms or rejects it. What they say afterwards takes
// a confirmation back (words.cc). If they stay silent the case is closed unconfirmed, which is announced before.

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using runtime::FromProto;
using runtime::ToProto;

constexpr size_t kDigestSize = 32;

absl::Status NothingProposed() {
  return Precondition("NOTHING_PROPOSED", "no resolution waits for the customer's answer: propose one first");
}

// Takes the same time wherever they differ.
bool Same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char differs = 0;
  for (size_t i = 0; i < a.size(); ++i) differs |= static_cast<unsigned char>(a[i] ^ b[i]);
  return differs == 0;
}

// What the customer says through the code waits for an answer, as anything that they say.
void HearRejection(Draft& draft, const Periods& periods, const Caller& caller) {
  auto& noted = *draft.Add().mutable_interaction_noted();
  noted.set_interaction_id(runtime::DerivedId(caller, "answer"));
  noted.set_inbound(true);
  *noted.mutable_at() = ToProto(caller.time);
  noted.set_by(caller.id);
  noted.set_latest(true);
  noted.set_customer_waits(true);
  draft.Advance();
  draft.MakeReply(caller.time + periods.reply_within, caller);
}

void CloseUnanswered(Draft& draft, const std::string& proposed, const Caller& caller) {
  if (draft.state().has_handoff()) WithdrawOffer(draft, caller.id, "the case was closed");
  draft.EndWithCase("the case was closed", caller);
  auto& closed = *draft.Add().mutable_closed();
  closed.set_by(caller.id);
  closed.set_resolution_code(v1::RESOLUTION_CODE_UNCONFIRMED);
  closed.set_reason("the customer did not answer the proposed resolution");
  closed.add_options_offered(proposed);
  closed.set_last_interaction_seen(draft.state().last_inbound_interaction_id());
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const ProposeResolution& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", command.request.text(), "say what is proposed, as the customer is told");
  const std::string& code = command.request.code_sha256();
  if (!code.empty() && code.size() != kDigestSize)
    bad.Add("code_sha256", "has not 32 bytes: give the SHA-256 of the code");
  if (!command.silence.ok()) bad.Add("calendar", command.silence.status().message());
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) {
    return Precondition("ALREADY_CONFIRMED",
                        "the customer confirmed the resolution: close the case, or, if they took that back, use "
                        "RejectResolution");
  }
  auto& proposed = *draft.Add().mutable_resolution_proposed();
  proposed.set_by(caller.id);
  proposed.set_text(command.request.text());
  proposed.set_code_sha256(code);
  if (command.silence->closes_at != absl::InfiniteFuture()) {
    *proposed.mutable_announce_at() = ToProto(command.silence->announce_at);
    *proposed.mutable_closes_at() = ToProto(command.silence->closes_at);
    proposed.set_calendar(command.silence->calendar);
  }
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::ConfirmResolutionRequest>& command,
                                      const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "evidence", command.request.evidence(),
                        "say who confirmed and how: quote the customer, or say where their words are kept");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_RESOLVED_CONFIRMED) return Draft::Nothing();
  if (draft.state().status() != v1::CASE_STATUS_RESOLUTION_PROPOSED) return NothingProposed();
  if (absl::Status refused = draft.RequireHeard(command.request.last_interaction_seen()); !refused.ok()) return refused;
  auto& confirmed = *draft.Add().mutable_resolution_confirmed();
  confirmed.set_by(caller.id);
  confirmed.set_evidence(command.request.evidence());
  confirmed.set_method(v1::ANSWER_METHOD_RECORDED);
  confirmed.set_last_interaction_seen(draft.state().last_inbound_interaction_id());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::RejectResolutionRequest>& command,
                                      const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why, in the customer's words");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_OPEN) return NothingProposed();
  auto& rejected = *draft.Add().mutable_resolution_rejected();
  rejected.set_by(caller.id);
  rejected.set_reason(command.request.reason());
  rejected.set_method(v1::ANSWER_METHOD_RECORDED);
  return draft.Take();
}

namespace {

// Who answers is the customer: they have the code, or a system of ours knows them.
absl::Status RequireCustomer(const v1::OwnershipState::Proposal& proposal, const v1::AnswerResolutionRequest& request,
                             const Caller& caller) {
  if (request.known_by().empty()) {
    const std::string& digest = proposal.code_sha256();
    if (!digest.empty() && Same(absl::BytesToHexString(digest), request.code())) return absl::OkStatus();
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "CODE_WRONG",
                           "this is not the code of the present proposal: check it, or ask for a new one");
  }
  if (!caller.Is(common::v1::ROLE_SERVICE)) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "SYSTEMS_ONLY",
                           "`known_by` is for systems: give the code, or record the answer with ConfirmResolution or "
                           "RejectResolution");
  }
  if (proposal.text_sha256() == request.proposal_sha256()) return absl::OkStatus();
  return Precondition("PROPOSAL_CHANGED", "another resolution is proposed now: show it to the customer, and ask again");
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::AnswerResolutionRequest>& command,
                                      const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  if (request.code().empty() == request.known_by().empty()) {
    bad.Add("code", "is one of two, with `known_by`: give the code that the customer got, or how a system knows them");
  }
  if (!request.known_by().empty() && request.proposal_sha256().size() != kDigestSize) {
    bad.Add("proposal_sha256", "has not 32 bytes: give the SHA-256 of the proposal that the customer read");
  }
  if (!request.confirmed()) runtime::RequireField(bad, "words", request.words(), "say why, in the customer's words");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (draft.state().status() != v1::CASE_STATUS_RESOLUTION_PROPOSED) return NothingProposed();
  if (absl::Status refused = RequireCustomer(draft.state().proposal(), request, caller); !refused.ok()) return refused;
  const bool by_code = request.known_by().empty();
  const v1::AnswerMethod method = by_code ? v1::ANSWER_METHOD_CODE : v1::ANSWER_METHOD_PAGE;
  if (request.confirmed()) {
    auto& confirmed = *draft.Add().mutable_resolution_confirmed();
    confirmed.set_by(caller.id);
    const std::string how = by_code ? "confirmed with the one-time code" : "confirmed on " + request.known_by();
    confirmed.set_evidence(request.words().empty() ? how : request.words());
    confirmed.set_method(method);
    confirmed.set_last_interaction_seen(draft.state().last_inbound_interaction_id());
  } else {
    auto& rejected = *draft.Add().mutable_resolution_rejected();
    rejected.set_by(caller.id);
    rejected.set_reason(request.words());
    rejected.set_method(method);
    draft.Advance();
    HearRejection(draft, command.periods, caller);
  }
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const ResolutionUnanswered& command, const Caller& caller) {
  Draft draft(state, {});
  const auto& proposal = state.proposal();
  if (state.status() != v1::CASE_STATUS_RESOLUTION_PROPOSED || !proposal.has_closes_at()) return Draft::Nothing();
  const absl::Time closes_at = FromProto(proposal.closes_at());
  const absl::Time due = proposal.announced() ? closes_at : FromProto(proposal.announce_at());
  if (caller.time < due) return Draft::Nothing();
  // A customer who waits for an answer is not silent.
  if (proposal.announced() && !state.has_unanswered()) {
    CloseUnanswered(draft, command.request.text(), caller);
    return draft.Take();
  }
  const absl::Time announced_long_enough = caller.time + (closes_at - FromProto(proposal.announce_at()));
  *draft.Add().mutable_closing_announced()->mutable_closes_at() = ToProto(std::max(closes_at, announced_long_enough));
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const RequestConfirmation& command, const Caller&) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (IsClosed(draft.state().status())) return Draft::Nothing();
  if (absl::c_linear_search(draft.state().confirmation_notice_ids(), command.request.notice_id())) {
    return Draft::Nothing();
  }
  *draft.Add().mutable_confirmation_requested() = command.request;
  return draft.Take();
}

}  // namespace throughline::ownership
