#include "services/outage-notice/domain/notice.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"

namespace throughline::outage {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;
using runtime::testing::Noon;

// Noon is 1772366400.
constexpr char kPublished[] = R"(published {
  notice_id: "n1" kind: NOTICE_KIND_OUTAGE component_ids: "web-checkout" title: "Checkout is down"
  description: "You cannot pay." since { seconds: 1772366000 } next_update_due { seconds: 1772370000 } owner: "ana"
  published_by: "ana" stage: NOTICE_STAGE_INVESTIGATING })";
constexpr char kMissed[] = R"(update_missed { due { seconds: 1772370000 } owner: "ana" })";
constexpr char kResolved[] = R"(resolved { text: "It works." resolved_at { seconds: 1772366400 } by: "ana"
  stage: NOTICE_STAGE_RESOLVED cause: "A disk was full." changed: "Old logs go daily." })";
constexpr char kRequest[] = R"(
  kind: NOTICE_KIND_OUTAGE component_ids: "web-checkout" title: "Checkout is down" description: "You cannot pay."
  next_update_due { seconds: 1772370000 } expected_end_unknown: true)";
constexpr char kMaintenance[] = R"(published {
  notice_id: "n1" kind: NOTICE_KIND_MAINTENANCE component_ids: "web-checkout" title: "Work" description: "Slower."
  since { seconds: 1772370000 } next_update_due { seconds: 1772371000 } expected_end { seconds: 1772377200 }
  owner: "ana" published_by: "ana" stage: NOTICE_STAGE_SCHEDULED })";
constexpr char kChange[] = R"(published {
  notice_id: "n1" kind: NOTICE_KIND_CHANGE component_ids: "web-checkout" title: "New" description: "No cheques."
  since { seconds: 1772370000 } next_update_due { seconds: 1772371000 } valid_until { seconds: 1772380000 }
  reason: "law" customer_options: "pay by card" owner: "ana" published_by: "ana" stage: NOTICE_STAGE_ANNOUNCED })";

PublishNotice Publishing(const std::string& changes, std::vector<std::string> unknown = {}) {
  auto request = FromText<v1::PublishNoticeRequest>(kRequest);
  request.MergeFrom(FromText<v1::PublishNoticeRequest>(changes));
  return {request, std::move(unknown)};
}

UpdateNotice Updating(const std::string& text) { return {FromText<v1::UpdateNoticeRequest>(text)}; }

CorrectNotice Correcting(const std::string& text, std::vector<std::string> unknown = {}) {
  return {FromText<v1::CorrectNoticeRequest>(text), std::move(unknown)};
}

MissUpdate Missing(int64_t due) {
  MissUpdate command;
  command.request.mutable_due()->set_seconds(due);
  return command;
}

PublishNotice Maintaining(const std::string& changes) {
  PublishNotice command = Publishing("kind: NOTICE_KIND_MAINTENANCE expected_end { seconds: 1772377200 } " + changes);
  command.request.clear_expected_end_unknown();
  return command;
}

std::vector<std::string> BadFields(const PublishNotice& command) {
  return runtime::BadFieldsOf(Notice::Decide({}, command, By("ana", ROLE_REP)).status());
}

TEST(Notice, IsPublishedWithoutOptionalFields) {
  const runtime::Caller ana = By("ana", ROLE_REP);
  Given<Notice>()
      .When(Publishing(""), ana)
      .Then({R"(published {
    notice_id: ")" +
             runtime::DerivedId(ana, "notice") + R"(" kind: NOTICE_KIND_OUTAGE component_ids: "web-checkout"
    title: "Checkout is down" description: "You cannot pay." since { seconds: 1772366400 }
    next_update_due { seconds: 1772370000 } owner: "ana" published_by: "ana" stage: NOTICE_STAGE_INVESTIGATING })"});
}

TEST(Notice, IsNotPublishedWithoutTheTimeOfTheNextUpdate) {
  PublishNotice command = Publishing("");
  command.request.clear_next_update_due();
  EXPECT_EQ(BadFields(command), std::vector<std::string>{"next_update_due"});
  EXPECT_EQ(BadFields(Publishing("next_update_due { seconds: 1772366400 }")),
            std::vector<std::string>{"next_update_due"})
      << "now is not in the future";
}

TEST(Notice, AChangeNeedsAReasonAndCustomerOptions) {
  EXPECT_EQ(BadFields(Publishing("kind: NOTICE_KIND_CHANGE")),
            (std::vector<std::string>{"reason", "customer_options"}));
  EXPECT_TRUE(
      BadFields(Publishing(R"(kind: NOTICE_KIND_CHANGE reason: "law" customer_options: "object in writing")")).empty());
}

TEST(Notice, OnlyMaintenanceAndChangesBeginInTheFuture) {
  EXPECT_EQ(BadFields(Publishing("since { seconds: 1772368000 }")), std::vector<std::string>{"since"});
  EXPECT_TRUE(BadFields(Maintaining("since { seconds: 1772368000 }")).empty());
}

TEST(Notice, IsNotPublishedAboutUndefinedComponents) {
  Given<Notice>()
      .When(Publishing("", {"web-checkout"}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "web-checkout");
}

TEST(Notice, EachBadFieldIsNamed) {
  EXPECT_EQ(
      BadFields({v1::PublishNoticeRequest(), {}}),
      (std::vector<std::string>{"kind", "component_ids", "title", "description", "next_update_due", "expected_end"}));
}

TEST(Notice, IsUpdatedByItsOwnerOrASupervisor) {
  const std::string update =
      R"(notice_id: "n1" text: "Still down." next_update_due { seconds: 1772380000 } expected_end_unknown: true)";
  const Given<Notice> given({kPublished});
  given.When(Updating(update), By("ana", ROLE_REP))
      .Then({R"(updated { text: "Still down." next_update_due { seconds: 1772380000 } by: "ana" })"});
  given.When(Updating(update), By("sam", ROLE_SUPERVISOR))
      .Then({R"(updated { text: "Still down." next_update_due { seconds: 1772380000 } by: "sam" })"});
  given.When(Updating(update), By("bo", ROLE_REP)).ThenRefused(absl::StatusCode::kPermissionDenied, "ana");
}

TEST(Notice, IsNotUpdatedWithoutTheTimeOfTheNextUpdate) {
  Given<Notice>({kPublished})
      .When(Updating(R"(notice_id: "n1" text: "Still down." expected_end_unknown: true)"), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "next_update_due");
}

TEST(Notice, IsNotUpdatedOnceResolvedNorBeforeItExists) {
  const std::string update =
      R"(notice_id: "n1" text: "Down." next_update_due { seconds: 1772380000 } expected_end_unknown: true)";
  Given<Notice>({kPublished, kResolved})
      .When(Updating(update), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition);
  Given<Notice>().When(Updating(update), By("ana", ROLE_REP)).ThenRefused(absl::StatusCode::kNotFound);
}

TEST(Notice, RecordsAMissedUpdateOnceAndNotEarly) {
  const auto timer = [](int64_t now) { return By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(now)); };
  Given<Notice>({kPublished}).When(Missing(1772370000), timer(1772369999)).Then({});
  Given<Notice>({kPublished}).When(Missing(1772370000), timer(1772370000)).Then({kMissed});
  Given<Notice>({kPublished, kMissed}).When(Missing(1772370000), timer(1772370001)).Then({});
}

TEST(Notice, MissesNoUpdateIfUpdatedOrResolvedInTime) {
  const runtime::Caller late = By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(1772370001));
  Given<Notice>({kPublished, R"(updated { text: "x" next_update_due { seconds: 1772380000 } by: "ana" })"})
      .When(Missing(1772370000), late)
      .Then({});
  Given<Notice>({kPublished, kResolved}).When(Missing(1772370000), late).Then({});
}

TEST(Notice, AnUpdateEndsOverdueAndHasADueTimeOfItsOwn) {
  const Given<Notice> given(
      {kPublished, kMissed, R"(updated { text: "x" next_update_due { seconds: 1772380000 } by: "ana" })"});
  EXPECT_FALSE(given.state().update_missed());
  given.When(Missing(1772380000), By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(1772380000)))
      .Then({R"(update_missed { due { seconds: 1772380000 } owner: "ana" })"});
}

TEST(Notice, IsResolvedOnce) {
  const std::string resolve =
      R"(notice_id: "n1" text: "It works." cause: "A disk was full." changed: "Old logs go daily.")";
  Given<Notice>({kPublished}).When<v1::ResolveNoticeRequest>(resolve, By("ana", ROLE_REP)).Then({kResolved});
  Given<Notice>({kPublished, kResolved}).When<v1::ResolveNoticeRequest>(resolve, By("ana", ROLE_REP)).Then({});
  Given<Notice>({kPublished})
      .When<v1::ResolveNoticeRequest>(resolve, By("bo", ROLE_REP))
      .ThenRefused(absl::StatusCode::kPermissionDenied);
}

TEST(Notice, IsNotResolvedBeforeItBeganNorInTheFuture) {
  const Given<Notice> given({kPublished});
  for (const char* when : {"1772365000", "1772366401"}) {
    given
        .When<v1::ResolveNoticeRequest>(
            std::string(R"(text: "x" cause: "y" changed: "z" resolved_at { seconds: )") + when + "}",
            By("ana", ROLE_REP))
        .ThenRefused(absl::StatusCode::kInvalidArgument, "resolved_at");
  }
}

TEST(Notice, SaysWhenItIsExpectedToEndOrThatThisIsUnknown) {
  PublishNotice silent = Publishing("");
  silent.request.clear_expected_end_unknown();
  EXPECT_EQ(BadFields(silent), std::vector<std::string>{"expected_end"});
  silent.request.set_kind(v1::NOTICE_KIND_CHANGE);
  silent.request.set_reason("law");
  silent.request.add_customer_options("object in writing");
  EXPECT_TRUE(BadFields(silent).empty()) << "a change has no end";
  EXPECT_EQ(BadFields(Publishing("expected_end { seconds: 1772377200 }")),
            std::vector<std::string>{"expected_end_unknown"})
      << "it is known or not";
  EXPECT_EQ(BadFields(Publishing("kind: NOTICE_KIND_MAINTENANCE")), std::vector<std::string>{"expected_end_unknown"})
      << "maintenance is planned";
  Given<Notice>({kPublished})
      .When(Updating(R"(text: "x" next_update_due { seconds: 1772370000 })"), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "expected_end");
}

TEST(Notice, ItsTimesAreBounded) {
  // Noon is 1772366400. A week later is 1772971200.
  PublishNotice ended = Publishing("expected_end { seconds: 1772366400 }");
  ended.request.clear_expected_end_unknown();
  EXPECT_EQ(BadFields(ended), std::vector<std::string>{"expected_end"}) << "now is not in the future";
  EXPECT_TRUE(BadFields(Publishing("next_update_due { seconds: 1772971200 }")).empty());
  EXPECT_EQ(BadFields(Publishing("next_update_due { seconds: 1772971201 }")),
            std::vector<std::string>{"next_update_due"});
  EXPECT_TRUE(BadFields(Maintaining("since { seconds: 1772370000 } next_update_due { seconds: 1772974800 }")).empty())
      << "a week after it begins";
  EXPECT_EQ(BadFields(Publishing("since { seconds: 1740000000 }")), std::vector<std::string>{"since"})
      << "more than a year ago";
  PublishNotice far = Maintaining("since { seconds: 1804000000 } next_update_due { seconds: 1804000000 }");
  far.request.mutable_expected_end()->set_seconds(1804000001);
  EXPECT_EQ(BadFields(far), std::vector<std::string>{"since"}) << "more than a year ahead";
  Given<Notice>({kPublished})
      .When(Updating(R"(text: "x" next_update_due { seconds: 1772971201 } expected_end_unknown: true)"),
            By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "next_update_due");
  Given<Notice>({kPublished})
      .When(Updating(R"(text: "x" next_update_due { seconds: 1772370000 } expected_end { seconds: 1772366400 })"),
            By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "expected_end");
}

TEST(Notice, AFaultThatIsOverHasACauseAndWhatWasChanged) {
  const Given<Notice> given({kPublished});
  given.When<v1::ResolveNoticeRequest>(R"(text: "It works." changed: "z")", By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "cause");
  given.When<v1::ResolveNoticeRequest>(R"(text: "It works." cause: "y")", By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "changed");
  Given<Notice>({kMaintenance, R"(began { stage: NOTICE_STAGE_IN_PROGRESS })"})
      .When<v1::ResolveNoticeRequest>(R"(text: "Done.")", By("ana", ROLE_REP, "", absl::FromUnixSeconds(1772375000)))
      .Then({R"(resolved { text: "Done." resolved_at { seconds: 1772375000 } by: "ana"
                           stage: NOTICE_STAGE_COMPLETED })"});
}

TEST(Notice, IsUpdatedToAStageOfItsKind) {
  Given<Notice>({kPublished})
      .When(Updating(R"(text: "x" next_update_due { seconds: 1772370000 } expected_end_unknown: true
                        stage: NOTICE_STAGE_IDENTIFIED impact: NOTICE_IMPACT_MAJOR)"),
            By("ana", ROLE_REP))
      .Then({R"(updated { text: "x" next_update_due { seconds: 1772370000 } by: "ana" stage: NOTICE_STAGE_IDENTIFIED
                          impact: NOTICE_IMPACT_MAJOR })"})
      .AndState([](const v1::NoticeState& state) { EXPECT_EQ(state.stage(), v1::NOTICE_STAGE_IDENTIFIED); });
  Given<Notice>({kMaintenance})
      .When(Updating(R"(text: "x" next_update_due { seconds: 1772370000 } expected_end_unknown: true
                        stage: NOTICE_STAGE_IN_PROGRESS)"),
            By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "since");
  EXPECT_EQ(BadFields(Publishing("stage: NOTICE_STAGE_RESOLVED")), std::vector<std::string>{"stage"});
  EXPECT_TRUE(BadFields(Publishing("stage: NOTICE_STAGE_MONITORING")).empty());
}

TEST(Notice, BeginsWhenItsTimeHasComeAndOnce) {
  const auto timer = [](int64_t now) { return By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(now)); };
  const std::string in_progress = R"(began { stage: NOTICE_STAGE_IN_PROGRESS })";
  Given<Notice>({kMaintenance}).When(BeginNotice(), timer(1772369999)).Then({});
  Given<Notice>({kMaintenance}).When(BeginNotice(), timer(1772370000)).Then({in_progress});
  Given<Notice>({kMaintenance, in_progress}).When(BeginNotice(), timer(1772370001)).Then({});
  Given<Notice>({kChange}).When(BeginNotice(), timer(1772370000)).Then({R"(began { stage: NOTICE_STAGE_IN_FORCE })"});
  Given<Notice>({kPublished}).When(BeginNotice(), timer(1772370000)).Then({});
}

TEST(Notice, AChangeHoldsUntilItsValidityEnds) {
  const auto timer = [](int64_t now) { return By("timer", ROLE_SERVICE, "", absl::FromUnixSeconds(now)); };
  Given<Notice>({kChange}).When(EndValidity(), timer(1772379999)).Then({});
  Given<Notice>({kChange}).When(EndValidity(), timer(1772380000)).AndState([](const v1::NoticeState& state) {
    EXPECT_EQ(state.status(), v1::NOTICE_STATUS_RESOLVED);
    EXPECT_EQ(state.stage(), v1::NOTICE_STAGE_WITHDRAWN);
  });
  EXPECT_EQ(BadFields(Publishing("valid_until { seconds: 1772380000 }")), std::vector<std::string>{"valid_until"})
      << "an outage ends when it is over";
}

TEST(Notice, IsWithdrawnOnceAndNotAfterItWasResolved) {
  const std::string withdraw = R"(notice_id: "n1" text: "It was a false alarm.")";
  const std::string withdrawn =
      R"(resolved { text: "It was a false alarm." resolved_at { seconds: 1772366400 } by: "ana"
                                              stage: NOTICE_STAGE_WITHDRAWN })";
  Given<Notice>({kPublished}).When<v1::WithdrawNoticeRequest>(withdraw, By("ana", ROLE_REP)).Then({withdrawn});
  Given<Notice>({kPublished, withdrawn}).When<v1::WithdrawNoticeRequest>(withdraw, By("ana", ROLE_REP)).Then({});
  Given<Notice>({kPublished, kResolved})
      .When<v1::WithdrawNoticeRequest>(withdraw, By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "resolved");
  Given<Notice>({kPublished})
      .When<v1::WithdrawNoticeRequest>(withdraw, By("bo", ROLE_REP))
      .ThenRefused(absl::StatusCode::kPermissionDenied);
  Given<Notice>({kMaintenance})
      .When<v1::ResolveNoticeRequest>(R"(text: "Not needed.")", By("ana", ROLE_REP))
      .AndState([](const v1::NoticeState& state) { EXPECT_EQ(state.stage(), v1::NOTICE_STAGE_WITHDRAWN); });
}

TEST(Notice, IsCorrectedAlsoAfterItsEnd) {
  const auto correct = Correcting(R"(reason: "The app works." component_ids: "web-checkout" component_ids: "search"
                                     title: "Paying on the website")");
  const std::string corrected = R"(corrected { by: "ana" reason: "The app works." title: "Paying on the website"
      component_ids: "web-checkout" component_ids: "search" added_component_ids: "search" })";
  Given<Notice>({kPublished}).When(correct, By("ana", ROLE_REP)).Then({corrected});
  Given<Notice>({kPublished, kResolved}).When(correct, By("ana", ROLE_REP)).Then({corrected});
  Given<Notice>({kPublished, corrected})
      .When(Correcting(R"(reason: "x" component_ids: "search")"), By("ana", ROLE_REP))
      .Then({R"(corrected { by: "ana" reason: "x" component_ids: "search" removed_component_ids: "web-checkout" })"});
  Given<Notice>({kPublished})
      .When(Correcting(R"(reason: "x" component_ids: "nil")", {"nil"}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "nil");
  Given<Notice>({kPublished})
      .When(Correcting(R"(reason: "x")"), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "say what is right");
  Given<Notice>({kPublished})
      .When(Correcting(R"(title: "x")"), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "reason");
  Given<Notice>({kPublished})
      .When(Correcting(R"(reason: "x" since { seconds: 1772366401 })"), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "since");
}

}  // namespace
}  // namespace throughline::outage
