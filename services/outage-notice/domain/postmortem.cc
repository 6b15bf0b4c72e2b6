// The rules of what is learned from a notice that is over: a postmortem for customers, and follow-ups that teams owe.

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "services/outage-notice/domain/checks.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/stages.h"
#include "services/ownership/domain/commitments/commitment.h"

namespace throughline::outage {
namespace {

using ownership::v1::Commitment;

constexpr ownership::Asked kFollowUp{"FOLLOW_UP", ownership::v1::COMMITMENT_KIND_FOLLOW_UP};

v1::NoticeEvent MadeBy(const v1::FollowUp& follow_up, const std::string& owed_by, const std::string& id,
                       const runtime::Caller& caller) {
  v1::NoticeEvent event;
  auto& made = *event.mutable_follow_up_made();
  made.set_by(caller.id);
  Commitment& commitment = *made.mutable_commitment();
  commitment.set_commitment_id(id);
  commitment.set_kind(ownership::v1::COMMITMENT_KIND_FOLLOW_UP);
  commitment.set_owed_by(owed_by);
  commitment.set_text(follow_up.text());
  *commitment.mutable_due() = follow_up.due();
  commitment.set_team(follow_up.team());
  return event;
}

std::vector<v1::NoticeEvent> Settled(ownership::v1::CommitmentSettled settled) {
  std::vector<v1::NoticeEvent> events(1);
  *events.front().mutable_follow_up_settled() = std::move(settled);
  return events;
}

}  // namespace

Notice::Decision Notice::Decide(const State& state, const PublishPostmortem& command, const runtime::Caller& caller) {
  const v1::PublishPostmortemRequest& request = command.request;
  if (absl::Status status = CheckMayChange(state, request.notice_id(), caller); !status.ok()) return status;
  if (absl::Status status = Check(command, caller); !status.ok()) return status;
  if (state.status() != v1::NOTICE_STATUS_RESOLVED) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_ACTIVE",
                           "the notice is not over: resolve it first, and then publish what was learned");
  }
  if (state.stage() == v1::NOTICE_STAGE_POSTMORTEM || state.stage() == v1::NOTICE_STAGE_WITHDRAWN) {
    const bool withdrawn = state.stage() == v1::NOTICE_STAGE_WITHDRAWN;
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition,
                           withdrawn ? "NOTICE_WITHDRAWN" : "POSTMORTEM_PUBLISHED",
                           withdrawn ? "the notice was withdrawn: there is nothing to learn from"
                                     : "a postmortem is published already: correct the notice if it is wrong");
  }
  std::vector<Event> events;
  auto& postmortem = *events.emplace_back().mutable_postmortem();
  postmortem.set_text(request.text());
  postmortem.set_by(caller.id);
  for (int i = 0; i < request.follow_ups_size(); ++i) {
    const v1::FollowUp& follow_up = request.follow_ups(i);
    const std::string& owed_by = command.owe.at(static_cast<size_t>(i));
    if (owed_by.empty()) {
      return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOBODY_IN_TEAM",
                             absl::StrCat("nobody active is in team `", follow_up.team(), "`: name another team"));
    }
    events.push_back(MadeBy(follow_up, owed_by, runtime::DerivedId(caller, absl::StrCat("follow-up/", i)), caller));
  }
  return events;
}

Notice::Decision Notice::Decide(const State& state, const v1::CompleteFollowUpRequest& command,
                                const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  Require(bad, "follow_up_id", command.follow_up_id(), "name the follow-up");
  Require(bad, "evidence", command.evidence(), "say what was changed");
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  const Commitment* open = ownership::FindOpen(state.follow_ups(), command.follow_up_id());
  const auto* settled = ownership::FindSettled(state.follow_ups(), command.follow_up_id());
  const bool owes =
      (open != nullptr && open->owed_by() == caller.id) || (settled != nullptr && settled->owed_by() == caller.id);
  if (!owes) {
    if (absl::Status status = CheckMayChange(state, command.notice_id(), caller); !status.ok()) return status;
  }
  auto kept = ownership::KeepCommitment(state.follow_ups(), command.follow_up_id(), kFollowUp,
                                        {caller.id, command.evidence(), caller.time, state.owner()});
  if (!kept.ok()) return kept.status();
  return *kept ? Settled(**std::move(kept)) : std::vector<Event>();
}

Notice::Decision Notice::Decide(const State& state, const BreakFollowUp& command, const runtime::Caller& caller) {
  auto broken = ownership::BreakCommitment(state.follow_ups(), command.request.commitment_id(),
                                           {caller.id, "", caller.time, state.owner()}, command.request.above());
  return broken ? Settled(*std::move(broken)) : std::vector<Event>();
}

}  // namespace throughline::outage
