#pragma once

// The rules of a commitment, whatever its kind and the stream that it belongs to: it is kept by its due time,
// renegotiated before it, withdrawn before it with a reason, or broken. There is one outcome, and it is final.
//
//   auto kept = KeepCommitment(state.ledger(), id, {"PROMISE"}, {caller.id, evidence, caller.time, owner});
//   if (!kept.ok()) return kept.status();
//   if (*kept) *draft.Add().mutable_commitment_settled() = **std::move(kept);   // none: kept already
//
// Pure functions; any thread.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "throughline/ownership/v1/commitment.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

// A stream has at most so many open commitments that people made.
inline constexpr int kMaxOpenCommitments = 100;
// So many that have ended are remembered.
inline constexpr int kSettledCommitments = 100;
// What a next update says.
inline constexpr char kNextUpdateText[] = "Tell the customer how it stands.";
// Until when a customer hears from us, if nothing else was said at the opening.
inline constexpr absl::Duration kFirstUpdateWithin = absl::Hours(24);

// How the kinds differ.
struct CommitmentRules {
  const char* name;             // "promise"
  bool made_by_people = false;  // and so counts against kMaxOpenCommitments
  bool ends_with_case = false;  // withdrawn when the case is closed
  bool moved_by_owner = false;  // who owes it for the owner may keep it, but neither withdraw nor renegotiate it
  const char* not_withdrawn = nullptr;  // why it cannot be withdrawn, and what to do instead; null: it can
  const char* not_kept = nullptr;       // the same of keeping and renegotiating it by the general calls
};
const CommitmentRules& RulesOf(v1::CommitmentKind kind);
// The acknowledgement of an escalation, or the decision about it.
bool IsEscalation(v1::CommitmentKind kind);

// Who settles what, and how.
struct Settling {
  std::string by;
  std::string evidence;
  absl::Time now;
  std::string owner;  // owes what names nobody else
};

// Which commitments a request is about, and the beginning of the reasons of its refusals: `<prefix>_UNKNOWN`,
// `_BROKEN`, `_KEPT`, `_WITHDRAWN`, `_RETURNED`.
struct Asked {
  const char* prefix = "COMMITMENT";
  v1::CommitmentKind kind = v1::COMMITMENT_KIND_UNSPECIFIED;  // unspecified: any
};

// The next update that is owed from a case's opening on. Named by the case.
v1::Commitment OpeningUpdate(const v1::OwnershipStarted& opening);

// Null if there is none. The first of its kind, or the one with that id.
const v1::Commitment* FindOpen(const v1::CommitmentLedger& ledger, v1::CommitmentKind kind);
const v1::Commitment* FindOpen(const v1::CommitmentLedger& ledger, const std::string& commitment_id);
const v1::CommitmentLedger::Settled* FindSettled(const v1::CommitmentLedger& ledger, const std::string& commitment_id);

// FAILED_PRECONDITION TOO_MANY_<name>S.
absl::Status RequireRoom(const v1::CommitmentLedger& ledger, v1::CommitmentKind kind);

// At or before its due time. None: it was kept already.
absl::StatusOr<std::optional<v1::CommitmentSettled>> KeepCommitment(const v1::CommitmentLedger& ledger,
                                                                    const std::string& commitment_id,
                                                                    const Asked& asked, const Settling& how);
// Before its due time. None: it was withdrawn already.
absl::StatusOr<std::optional<v1::CommitmentSettled>> WithdrawCommitment(const v1::CommitmentLedger& ledger,
                                                                        const std::string& commitment_id,
                                                                        const Asked& asked, const Settling& how);
// Back to whoever asked for it, before its due time. None: it was handed back already.
absl::StatusOr<std::optional<v1::CommitmentSettled>> HandBackCommitment(const v1::CommitmentLedger& ledger,
                                                                        const std::string& commitment_id,
                                                                        const Asked& asked, const Settling& how);
// Before its due time.
absl::StatusOr<v1::CommitmentRenegotiated> RenegotiateCommitment(const v1::CommitmentLedger& ledger,
                                                                 const std::string& commitment_id, const Asked& asked,
                                                                 absl::Time new_due, const std::string& reason,
                                                                 const std::string& by, absl::Time now);
// None: it is not open, or not due yet.
std::optional<v1::CommitmentSettled> BreakCommitment(const v1::CommitmentLedger& ledger,
                                                     const std::string& commitment_id, const Settling& how,
                                                     const std::string& above);

// Its end as `outcome`; broken instead, if its due time has passed.
v1::CommitmentSettled SettleInTime(const v1::Commitment& commitment, v1::CommitmentOutcome outcome,
                                   const Settling& how);

// Evolve.
void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentMade& made);
void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentRenegotiated& renegotiated);
void Apply(v1::CommitmentLedger& ledger, const v1::CommitmentSettled& settled);

// The events from before there were commitments, as those that are written now.
v1::CommitmentMade AsMade(const v1::PromiseMade& made);
v1::CommitmentSettled AsSettled(const v1::PromiseKept& kept);
v1::CommitmentSettled AsSettled(const v1::PromiseBroken& broken);
v1::CommitmentRenegotiated AsRenegotiated(const v1::PromiseRenegotiated& renegotiated);

}  // namespace throughline::ownership
