#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/outage-notice/domain/notice.h"

namespace throughline::outage {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

// Noon is 1772366400.
constexpr char kFault[] = R"(published {
  notice_id: "n1" kind: NOTICE_KIND_OUTAGE component_ids: "web-checkout" title: "Checkout is down"
  description: "You cannot pay." since { seconds: 1772366000 } next_update_due { seconds: 1772370000 } owner: "ana"
  published_by: "ana" stage: NOTICE_STAGE_INVESTIGATING })";
constexpr char kOver[] = R"(resolved { text: "It works." resolved_at { seconds: 1772366400 } by: "ana"
  stage: NOTICE_STAGE_RESOLVED cause: "A disk was full." changed: "Old logs go daily." })";
constexpr char kPostmortem[] = R"(postmortem { text: "Nobody looked at the disk." by: "ana" })";
constexpr char kFollowUp[] = R"(follow_up_made { by: "ana" commitment {
  commitment_id: "f1" kind: COMMITMENT_KIND_FOLLOW_UP owed_by: "sue" text: "An alert" team: "platform"
  due { seconds: 1772380000 } } })";
constexpr char kDone[] = R"(follow_up_settled { commitment_id: "f1" kind: COMMITMENT_KIND_FOLLOW_UP
  outcome: COMMITMENT_OUTCOME_KEPT by: "sue" evidence: "Alert 17" due { seconds: 1772380000 } owed_by: "sue" })";

PublishPostmortem Learning(const std::string& more, std::vector<std::string> owe) {
  return {FromText<v1::PublishPostmortemRequest>(R"(notice_id: "n1" text: "Nobody looked at the disk." )" + more),
          std::move(owe)};
}

TEST(Postmortem, IsPublishedOnceOfWhatIsOver) {
  Given<Notice>({kFault, kOver}).When(Learning("", {}), By("ana", ROLE_REP)).Then({kPostmortem});
  Given<Notice>({kFault})
      .When(Learning("", {}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "not over");
  Given<Notice>({kFault, kOver, kPostmortem})
      .When(Learning("", {}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "published already");
  Given<Notice>({kFault, R"(resolved { text: "No." stage: NOTICE_STAGE_WITHDRAWN })"})
      .When(Learning("", {}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "withdrawn");
}

TEST(Postmortem, ItsFollowUpsAreOwedByTeams) {
  const std::string follow_up = R"(follow_ups { text: "An alert" team: "platform" due { seconds: 1772380000 } })";
  const runtime::Caller ana = By("ana", ROLE_REP);
  const Given<Notice> given({kFault, kOver});
  given.When(Learning(follow_up, {"sue"}), ana)
      .Then({kPostmortem, R"(follow_up_made { by: "ana" commitment { commitment_id: ")" +
                              runtime::DerivedId(ana, "follow-up/0") + R"(" kind: COMMITMENT_KIND_FOLLOW_UP
        owed_by: "sue" text: "An alert" team: "platform" due { seconds: 1772380000 } } })"});
  given.When(Learning(follow_up, {""}), ana).ThenRefused(absl::StatusCode::kFailedPrecondition, "platform");
  given.When(Learning(R"(follow_ups { text: "x" team: "t" due { seconds: 1772366400 } })", {"sue"}), ana)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "due");
}

TEST(FollowUp, IsCompletedByWhoOwesItOrTheNoticesOwner) {
  const std::string done = R"(notice_id: "n1" follow_up_id: "f1" evidence: "Alert 17")";
  const Given<Notice> given({kFault, kOver, kPostmortem, kFollowUp});
  given.When<v1::CompleteFollowUpRequest>(done, By("sue", ROLE_REP)).Then({kDone});
  given.When<v1::CompleteFollowUpRequest>(done, By("bo", ROLE_REP)).ThenRefused(absl::StatusCode::kPermissionDenied);
  given.When<v1::CompleteFollowUpRequest>(R"(follow_up_id: "f2" evidence: "x")", By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kNotFound);
  given.When<v1::CompleteFollowUpRequest>(R"(follow_up_id: "f1")", By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "evidence");
  Given<Notice>({kFault, kOver, kPostmortem, kFollowUp, kDone})
      .When<v1::CompleteFollowUpRequest>(done, By("sue", ROLE_REP))
      .Then({});
}

TEST(FollowUp, IsBrokenWhenItsDueTimePassesAndStaysSo) {
  BreakFollowUp late;
  late.request.set_commitment_id("f1");
  late.request.set_above("sam");
  const auto timer = [](int64_t now) { return By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(now)); };
  const std::string broken = R"(follow_up_settled { commitment_id: "f1" kind: COMMITMENT_KIND_FOLLOW_UP
    outcome: COMMITMENT_OUTCOME_BROKEN by: "timer" due { seconds: 1772380000 } owed_by: "sue" above: "sam" })";
  const Given<Notice> given({kFault, kOver, kPostmortem, kFollowUp});
  given.When(late, timer(1772379999)).Then({});
  given.When(late, timer(1772380000)).Then({broken});
  Given<Notice>({kFault, kOver, kPostmortem, kFollowUp, broken})
      .When<v1::CompleteFollowUpRequest>(R"(follow_up_id: "f1" evidence: "x")", By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "broken");
  Given<Notice>({kFault, kOver, kPostmortem, kFollowUp, kDone}).When(late, timer(1772380001)).Then({});
}

}  // namespace
}  // namespace throughline::outage
