#include "services/ownership/history/commitment_text.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/history/case_text.h"
#include "services/ownership/history/text_parts.h"

namespace throughline::ownership {
namespace {

using absl::StrCat;

std::string Quoted(const std::string& text) { return text.empty() ? "" : StrCat("\"", text, "\""); }

const char* KindWord(v1::CommitmentKind kind) {
  switch (kind) {
    case v1::COMMITMENT_KIND_NEXT_ACTION:
      return "next action";
    case v1::COMMITMENT_KIND_NEXT_UPDATE:
      return "next update";
    case v1::COMMITMENT_KIND_HELP:
      return "request for help";
    case v1::COMMITMENT_KIND_APPROVAL:
      return "approval";
    case v1::COMMITMENT_KIND_SUGGESTION_ANSWER:
      return "answer to a suggestion";
    case v1::COMMITMENT_KIND_REPLY:
      return "reply";
    case v1::COMMITMENT_KIND_FOLLOW_UP:
      return "follow-up";
    case v1::COMMITMENT_KIND_ESCALATION:
      return "acknowledgement of the escalation";
    case v1::COMMITMENT_KIND_ESCALATION_DECISION:
      return "decision about the escalation";
    case v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER:
      return "answer to a counter-offer";
    default:
      return "promise";
  }
}

std::string Made(const v1::CommitmentMade& made) {
  const v1::Commitment& owed = made.commitment();
  const std::string by = TimeText(owed.due());
  switch (owed.kind()) {
    case v1::COMMITMENT_KIND_NEXT_UPDATE:
      return StrCat("the customer hears from us by ", by);
    case v1::COMMITMENT_KIND_REPLY:
      return StrCat("the customer is owed an answer by ", by);
    case v1::COMMITMENT_KIND_PROMISE:
      return StrCat(made.by(), " promises ", owed.owed_to(), ": ", Quoted(owed.text()), " by ", by);
    case v1::COMMITMENT_KIND_HELP:
      return StrCat(made.by(), " asks ", owed.owed_by(), After(" of team ", owed.team()),
                    " for help: ", Quoted(owed.text()), " by ", by);
    case v1::COMMITMENT_KIND_ESCALATION:
    case v1::COMMITMENT_KIND_ESCALATION_DECISION:
      return "";  // the escalation's own events say it
    default:
      return StrCat(KindWord(owed.kind()), ": ", Quoted(owed.text()), " by ", by, After(", owed by ", owed.owed_by()));
  }
}

// `promise kept: "call back"`; without the words if they are not known.
std::string Outcome(v1::CommitmentKind kind, const char* outcome, const std::string& words) {
  return StrCat(KindWord(kind), " ", outcome, After(": ", Quoted(words)));
}

std::string Moved(v1::CommitmentKind kind, const std::string& words, const google::protobuf::Timestamp& due,
                  const std::string& reason) {
  return StrCat(Outcome(kind, "renegotiated", words), ", now by ", TimeText(due), ": ", reason);
}

std::string Broken(v1::CommitmentKind kind, const std::string& words, const google::protobuf::Timestamp& due) {
  return StrCat(Outcome(kind, "broken", words), words.empty() ? ": it was due " : " was due ", TimeText(due));
}

std::string Settled(const v1::CommitmentSettled& settled, const std::string& words) {
  if (IsEscalation(settled.kind())) {
    if (settled.outcome() != v1::COMMITMENT_OUTCOME_BROKEN) return "";  // the escalation's own events say it
    return StrCat(settled.owed_by(),
                  settled.kind() == v1::COMMITMENT_KIND_ESCALATION ? " did not acknowledge the escalation by "
                                                                   : " did not decide about the escalation by ",
                  TimeText(settled.due()));
  }
  switch (settled.outcome()) {
    case v1::COMMITMENT_OUTCOME_BROKEN:
      return Broken(settled.kind(), words, settled.due()) +
             (settled.kind() == v1::COMMITMENT_KIND_HELP
                  ? StrCat("; it goes back to the owner, ", settled.owed_by(), " did not answer it")
                  : "");
    case v1::COMMITMENT_OUTCOME_RETURNED:
      return StrCat(Outcome(settled.kind(), StrCat("handed back by ", settled.by()).c_str(), words),
                    After(": ", settled.evidence()));
    case v1::COMMITMENT_OUTCOME_WITHDRAWN:
      return StrCat(Outcome(settled.kind(), "withdrawn", words), After(": ", settled.evidence()));
    default:
      return StrCat(Outcome(settled.kind(), "kept", words), After(": ", settled.evidence()));
  }
}

v1::Commitment Promise(const std::string& promise_id) {
  v1::Commitment promise;
  promise.set_commitment_id(promise_id);
  promise.set_kind(v1::COMMITMENT_KIND_PROMISE);
  return promise;
}

}  // namespace

std::string CommitmentText(const v1::OwnershipEvent& event, const v1::Commitment& about) {
  using Event = v1::OwnershipEvent;
  const v1::CommitmentKind promise = v1::COMMITMENT_KIND_PROMISE;
  switch (event.event_case()) {
    case Event::kPromiseMade:
      return StrCat(event.promise_made().made_by(), " promises ", event.promise_made().to(), ": ",
                    Quoted(event.promise_made().text()), " by ", TimeText(event.promise_made().due()));
    case Event::kPromiseKept:
      return StrCat(Outcome(promise, "kept", about.text()), After(": ", event.promise_kept().evidence()));
    case Event::kPromiseRenegotiated:
      return Moved(promise, about.text(), event.promise_renegotiated().new_due(),
                   event.promise_renegotiated().reason());
    case Event::kPromiseBroken:
      return Broken(promise, about.text(), event.promise_broken().due());
    case Event::kCommitmentMade:
      return Made(event.commitment_made());
    case Event::kCommitmentRenegotiated:
      return Moved(about.kind(), about.text(), event.commitment_renegotiated().new_due(),
                   event.commitment_renegotiated().reason());
    case Event::kCommitmentSettled:
      return Settled(event.commitment_settled(), about.text());
    default:
      return "";
  }
}

std::vector<CommitmentChange> CommitmentsIn(const v1::OwnershipEvent& event) {
  using Event = v1::OwnershipEvent;
  switch (event.event_case()) {
    case Event::kPromiseMade: {
      v1::Commitment promise = Promise(event.promise_made().promise_id());
      promise.set_owed_to(event.promise_made().to());
      promise.set_text(event.promise_made().text());
      *promise.mutable_due() = event.promise_made().due();
      return {{CommitmentChange::kMade, std::move(promise)}};
    }
    case Event::kPromiseRenegotiated: {
      v1::Commitment promise = Promise(event.promise_renegotiated().promise_id());
      *promise.mutable_due() = event.promise_renegotiated().new_due();
      return {{CommitmentChange::kMoved, std::move(promise)}};
    }
    case Event::kPromiseKept:
      return {{CommitmentChange::kEnded, Promise(event.promise_kept().promise_id())}};
    case Event::kPromiseBroken:
      return {{CommitmentChange::kEnded, Promise(event.promise_broken().promise_id())}};
    case Event::kCommitmentMade:
      return {{CommitmentChange::kMade, event.commitment_made().commitment()}};
    case Event::kCommitmentRenegotiated: {
      v1::Commitment commitment;
      commitment.set_commitment_id(event.commitment_renegotiated().commitment_id());
      *commitment.mutable_due() = event.commitment_renegotiated().new_due();
      return {{CommitmentChange::kMoved, std::move(commitment)}};
    }
    case Event::kCommitmentSettled: {
      v1::Commitment commitment;
      commitment.set_commitment_id(event.commitment_settled().commitment_id());
      commitment.set_kind(event.commitment_settled().kind());
      return {{CommitmentChange::kEnded, std::move(commitment)}};
    }
    case Event::kMerged: {
      std::vector<CommitmentChange> gone;
      for (const v1::Commitment& moved : event.merged().moved()) gone.push_back({CommitmentChange::kEnded, moved});
      return gone;
    }
    default:
      return {};
  }
}

}  // namespace throughline::ownership
