// The rules of help: the owner asks somebody for one thing by a time and stays the owner. Whoever was asked does it and
// says what changed, or hands it back with a reason. At its due time it goes back by itself: it is broken.

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;

constexpr Asked kHelp{"HELP", v1::COMMITMENT_KIND_HELP};

// Returns when it is due.
google::protobuf::Timestamp CheckAsked(const RequestHelp& command, const Caller& caller,
                                       runtime::FieldViolations& bad) {
  const auto& request = command.request;
  if (request.to().empty() && request.team().empty()) bad.Add("to", "is not set, nor is `team`: name who is asked");
  if (!request.to().empty() && !request.team().empty()) bad.Add("team", "is given besides `to`: name one of them");
  runtime::RequireField(bad, "text", request.text(), "say what they are asked for");
  return runtime::RequireDue(bad, {"due", request.has_due(), request.due(), request.due_in()}, command.meant,
                             caller.time);
}

// Whoever was asked, and supervisors. Who owed what has ended is remembered, too.
absl::Status RequireAsked(const v1::CommitmentLedger& ledger, const std::string& commitment_id, const Caller& caller) {
  if (caller.Is(common::v1::ROLE_SUPERVISOR)) return absl::OkStatus();
  const v1::Commitment* open = FindOpen(ledger, commitment_id);
  const auto* settled = FindSettled(ledger, commitment_id);
  if (open == nullptr && settled == nullptr) return absl::OkStatus();  // unknown
  const std::string& helper = open != nullptr ? open->owed_by() : settled->owed_by();
  if (caller.Is(common::v1::ROLE_REP) && helper == caller.id) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_ASKED",
                         "you were not asked for it, and only whoever was can hand it back: the owner withdraws it "
                         "with WithdrawCommitment");
}

}  // namespace

const v1::Commitment* FindHelp(const v1::CommitmentLedger& ledger, const std::string& person) {
  const auto found = absl::c_find_if(ledger.open(), [&](const auto& one) {
    return one.kind() == v1::COMMITMENT_KIND_HELP && one.owed_by() == person;
  });
  return found == ledger.open().end() ? nullptr : &*found;
}

void HandBackHelpOf(Draft& draft, const std::string& person, const std::string& reason, const Caller& caller) {
  while (const v1::Commitment* help = FindHelp(draft.state().ledger(), person)) {
    draft.Settle(
        SettleInTime(*help, v1::COMMITMENT_OUTCOME_RETURNED, {caller.id, reason, caller.time, draft.state().owner()}));
  }
}

Ownership::Decision Ownership::Decide(const State& state, const RequestHelp& command, const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  const auto due = CheckAsked(command, caller, bad);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (command.helper.empty()) {
    return Precondition("NOBODY_IN_TEAM", "nobody of team `" + request.team() +
                                              "` is here, apart from the owner: ask a person, or another team");
  }
  if (absl::Status refused = RequireOther(draft, command.helper); !refused.ok()) return refused;
  if (absl::Status refused = RequireHere(command.helper, command.person, command.absent); !refused.ok()) return refused;
  if (absl::Status refused = RequireRoom(draft.state().ledger(), v1::COMMITMENT_KIND_HELP); !refused.ok()) {
    return refused;
  }
  v1::Commitment help;
  help.set_commitment_id(runtime::DerivedId(caller, "help"));
  help.set_kind(v1::COMMITMENT_KIND_HELP);
  help.set_owed_by(command.helper);
  help.set_owed_to(draft.state().owner());
  help.set_text(request.text());
  *help.mutable_due() = due;
  help.set_team(request.team());
  draft.Make(std::move(help), caller.id);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::HandBackHelpRequest>& command,
                                      const Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why you hand it back");
  if (!bad.empty()) return bad.ToStatus();
  const auto& ledger = draft.state().ledger();
  if (absl::Status refused = RequireAsked(ledger, request.commitment_id(), caller); !refused.ok()) return refused;
  auto returned = HandBackCommitment(ledger, request.commitment_id(), kHelp,
                                     {caller.id, request.reason(), caller.time, draft.state().owner()});
  if (!returned.ok()) return returned.status();
  if (!*returned) return Draft::Nothing();
  draft.Settle(**std::move(returned));
  return draft.Take();
}

}  // namespace throughline::ownership
