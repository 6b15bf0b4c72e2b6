#include "services/ownership/projections/view/view_commitments.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {
namespace {

using runtime::ToProto;

// Of what has ended, a view keeps so much of each text: the history has all.
constexpr size_t kMostOfEnded = 1000;

// Cut before a character, not within it.
std::string Shortened(const std::string& text, size_t most) {
  if (text.size() <= most) return text;
  size_t size = most;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size) + "...";
}

v1::CommitmentView* Find(v1::OwnershipView& view, const std::string& commitment_id) {
  for (auto& one : *view.mutable_commitments()) {
    if (one.commitment().commitment_id() == commitment_id) return &one;
  }
  return nullptr;
}

bool IsOpen(const v1::CommitmentView& one) { return one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED; }
bool IsRaised(const v1::CommitmentView& one) {
  return one.outcome() == v1::COMMITMENT_OUTCOME_BROKEN && !one.acknowledged();
}

// Keeps kSettledCommitments of those that have ended: the last ones, and before them those that are still raised.
void Forget(v1::OwnershipView& view) {
  auto& all = *view.mutable_commitments();
  if (absl::c_count_if(all, [](const auto& one) { return !IsOpen(one); }) <= kSettledCommitments) return;
  const auto rank = [](const v1::CommitmentView& one) {
    return std::make_tuple(IsOpen(one), IsRaised(one), runtime::FromProto(one.settled_at()));
  };
  all.erase(std::min_element(all.begin(), all.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); }));
}

// Whether the person was asked for help about the case before, and did not help.
bool LetHelpGoBack(const v1::OwnershipView& view, const std::string& person) {
  return absl::c_linear_search(view.help_returned_by(), person);
}

void NoteReturned(v1::OwnershipView& view, const v1::CommitmentView& settled) {
  const bool returned =
      settled.outcome() == v1::COMMITMENT_OUTCOME_RETURNED || settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN;
  const std::string& person = settled.commitment().owed_by();
  if (settled.commitment().kind() != v1::COMMITMENT_KIND_HELP || !returned || LetHelpGoBack(view, person)) return;
  constexpr int kMost = 1000;
  *view.add_help_returned_by() = person;
  if (view.help_returned_by_size() > kMost) view.mutable_help_returned_by()->DeleteSubrange(0, 1);
}

v1::PromiseStatus PromiseStatusOf(v1::CommitmentOutcome outcome) {
  switch (outcome) {
    case v1::COMMITMENT_OUTCOME_KEPT:
      return v1::PROMISE_STATUS_KEPT;
    case v1::COMMITMENT_OUTCOME_BROKEN:
      return v1::PROMISE_STATUS_BROKEN;
    case v1::COMMITMENT_OUTCOME_WITHDRAWN:
    case v1::COMMITMENT_OUTCOME_RETURNED:  // only of help
      return v1::PROMISE_STATUS_WITHDRAWN;
    default:
      return v1::PROMISE_STATUS_OPEN;
  }
}

}  // namespace

void Make(v1::OwnershipView& view, const v1::CommitmentMade& made, absl::Time time) {
  const bool help = made.commitment().kind() == v1::COMMITMENT_KIND_HELP;
  // What moves here with a merged case is not asked again.
  if (help && !IsService(made.by()) && LetHelpGoBack(view, made.commitment().owed_by())) {
    view.set_help_ping_pong_count(view.help_ping_pong_count() + 1);
  }
  auto& one = *view.add_commitments();
  *one.mutable_commitment() = made.commitment();
  one.set_made_by(made.by());
  *one.mutable_made_at() = ToProto(time);
  const bool reply = made.commitment().kind() == v1::COMMITMENT_KIND_REPLY;
  if (reply && view.has_unanswered() && !view.unanswered().has_due()) {
    *view.mutable_unanswered()->mutable_due() = made.commitment().due();
  }
}

void Renegotiate(v1::OwnershipView& view, const v1::CommitmentRenegotiated& renegotiated) {
  v1::CommitmentView* one = Find(view, renegotiated.commitment_id());
  if (one == nullptr) return;
  *one->mutable_commitment()->mutable_due() = renegotiated.new_due();
  one->set_renegotiation_count(one->renegotiation_count() + 1);
  if (one->commitment().kind() == v1::COMMITMENT_KIND_REPLY && view.has_unanswered()) {
    *view.mutable_unanswered()->mutable_due() = renegotiated.new_due();
  }
}

void Settle(v1::OwnershipView& view, const v1::CommitmentSettled& settled, absl::Time time) {
  v1::CommitmentView* one = Find(view, settled.commitment_id());
  if (one == nullptr || !IsOpen(*one)) return;
  if (settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN &&
      one->commitment().kind() == v1::COMMITMENT_KIND_NEXT_UPDATE) {
    // The customer has heard nothing for longer: that is one thing.
    Acknowledge(view, [](const auto& old) { return old.commitment().kind() == v1::COMMITMENT_KIND_NEXT_UPDATE; });
  }
  one->set_outcome(settled.outcome());
  *one->mutable_settled_at() =
      settled.outcome() == v1::COMMITMENT_OUTCOME_BROKEN ? one->commitment().due() : ToProto(time);
  one->set_evidence(Shortened(settled.evidence(), kMostOfEnded));
  one->mutable_commitment()->set_text(Shortened(one->commitment().text(), kMostOfEnded));
  NoteReturned(view, *one);
  Forget(view);
}

void Acknowledge(v1::OwnershipView& view, const std::function<bool(const v1::CommitmentView&)>& which) {
  for (auto& one : *view.mutable_commitments()) {
    if (IsRaised(one) && which(one)) one.set_acknowledged(true);
  }
}

void Note(v1::OwnershipView& view, const v1::InteractionNoted& noted) {
  if (!noted.passed_on_to_case_id().empty()) return;
  if (noted.repeated_contact()) view.set_repeated_contact(true);
  if (!noted.inbound()) {
    if (!noted.customer_waits()) view.clear_unanswered();
    // Late, but the customer has heard from us.
    if (noted.latest()) {
      Acknowledge(view, [](const auto& one) {
        const v1::CommitmentKind kind = one.commitment().kind();
        return kind == v1::COMMITMENT_KIND_NEXT_UPDATE || kind == v1::COMMITMENT_KIND_REPLY;
      });
    }
    return;
  }
  if (!noted.latest()) return;
  view.set_last_inbound_interaction_id(noted.interaction_id());
  if (!noted.customer_waits()) return;
  auto& waits = *view.mutable_unanswered();
  waits.set_interaction_id(noted.interaction_id());
  if (!waits.has_since()) *waits.mutable_since() = noted.at();
  waits.set_count(waits.count() + 1);
}

void EndWithCase(v1::OwnershipView& view, absl::Time time) {
  Acknowledge(view, [](const auto&) { return true; });
  for (auto& one : *view.mutable_commitments()) {
    if (!IsOpen(one) || !RulesOf(one.commitment().kind()).ends_with_case) continue;
    one.set_outcome(v1::COMMITMENT_OUTCOME_WITHDRAWN);
    *one.mutable_settled_at() = ToProto(time);
  }
  view.clear_unanswered();
  view.clear_confirmations_requested();
  view.clear_confirmations_requested_at();
}

void DropOpen(v1::OwnershipView& view) {
  auto& all = *view.mutable_commitments();
  all.erase(std::remove_if(all.begin(), all.end(), IsOpen), all.end());
}

void FillPromises(v1::OwnershipView& view) {
  view.clear_promises();
  for (const auto& one : view.commitments()) {
    if (one.commitment().kind() != v1::COMMITMENT_KIND_PROMISE) continue;
    auto& promise = *view.add_promises();
    promise.set_promise_id(one.commitment().commitment_id());
    promise.set_made_by(one.made_by());
    promise.set_to(one.commitment().owed_to());
    promise.set_text(one.commitment().text());
    *promise.mutable_due() = one.commitment().due();
    promise.set_status(PromiseStatusOf(one.outcome()));
    *promise.mutable_made_at() = one.made_at();
    if (one.has_settled_at()) *promise.mutable_settled_at() = one.settled_at();
    promise.set_renegotiation_count(one.renegotiation_count());
  }
}

}  // namespace throughline::ownership
