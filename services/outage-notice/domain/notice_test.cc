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
  published_by: "ana" })";
constexpr char kMissed[] = R"(update_missed { due { seconds: 1772370000 } owner: "ana" })";
constexpr char kResolved[] = R"(resolved { text: "It works." resolved_at { seconds: 1772366400 } by: "ana" })";
constexpr char kRequest[] = R"(
  kind: NOTICE_KIND_OUTAGE component_ids: "web-checkout" title: "Checkout is down" description: "You cannot pay."
  next_update_due { seconds: 1772370000 })";

PublishNotice Publishing(const std::string& changes, std::vector<std::string> unknown = {}) {
  auto request = FromText<v1::PublishNoticeRequest>(kRequest);
  request.MergeFrom(FromText<v1::PublishNoticeRequest>(changes));
  return {request, std::move(unknown)};
}

MissUpdate Missing(int64_t due) {
  MissUpdate command;
  command.request.mutable_due()->set_seconds(due);
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
    next_update_due { seconds: 1772370000 } owner: "ana" published_by: "ana" })"});
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
  EXPECT_TRUE(BadFields(Publishing("kind: NOTICE_KIND_MAINTENANCE since { seconds: 1772368000 }")).empty());
}

TEST(Notice, IsNotPublishedAboutUndefinedComponents) {
  Given<Notice>()
      .When(Publishing("", {"web-checkout"}), By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "web-checkout");
}

TEST(Notice, EachBadFieldIsNamed) {
  EXPECT_EQ(BadFields({v1::PublishNoticeRequest(), {}}),
            (std::vector<std::string>{"kind", "component_ids", "title", "description", "next_update_due"}));
}

TEST(Notice, IsUpdatedByItsOwnerOrASupervisor) {
  const std::string update = R"(notice_id: "n1" text: "Still down." next_update_due { seconds: 1772380000 })";
  const Given<Notice> given({kPublished});
  given.When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(update)}, By("ana", ROLE_REP))
      .Then({R"(updated { text: "Still down." next_update_due { seconds: 1772380000 } by: "ana" })"});
  given.When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(update)}, By("sam", ROLE_SUPERVISOR))
      .Then({R"(updated { text: "Still down." next_update_due { seconds: 1772380000 } by: "sam" })"});
  given.When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(update)}, By("bo", ROLE_REP))
      .ThenRefused(absl::StatusCode::kPermissionDenied, "ana");
}

TEST(Notice, IsNotUpdatedWithoutTheTimeOfTheNextUpdate) {
  Given<Notice>({kPublished})
      .When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(R"(notice_id: "n1" text: "Still down.")")},
            By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "next_update_due");
}

TEST(Notice, IsNotUpdatedOnceResolvedNorBeforeItExists) {
  const std::string update = R"(notice_id: "n1" text: "Down." next_update_due { seconds: 1772380000 })";
  Given<Notice>({kPublished, kResolved})
      .When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(update)}, By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition);
  Given<Notice>()
      .When(UpdateNotice{FromText<v1::UpdateNoticeRequest>(update)}, By("ana", ROLE_REP))
      .ThenRefused(absl::StatusCode::kNotFound);
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
  const std::string resolve = R"(notice_id: "n1" text: "It works.")";
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
        .When<v1::ResolveNoticeRequest>(std::string(R"(text: "x" resolved_at { seconds: )") + when + "}",
                                        By("ana", ROLE_REP))
        .ThenRefused(absl::StatusCode::kInvalidArgument, "resolved_at");
  }
}

}  // namespace
}  // namespace throughline::outage
