#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/outage-notice/domain/component.h"

namespace throughline::outage {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

// Noon is 1772366400.
constexpr char kTill[] = R"(defined { component_id: "till" name: "Till" defined_by: "sam" })";
constexpr char kSuspected[] =
    R"(suspected { suspicion_id: "s1" owner: "sue" at { seconds: 1772366400 } cases: 9 usual: 1 probability: 1e-7 })";
constexpr char kDismissed[] =
    R"(dismissed { suspicion_id: "s1" by: "sue" reason: "a sale" at { seconds: 1772366400 } })";
constexpr char kConfirmed[] = R"(confirmed { suspicion_id: "s1" notice_id: "n1" })";

SuspectOutage Suspecting(int64_t at) {
  SuspectOutage command{FromText<v1::OutageSuspected>(R"(owner: "sue" cases: 9 usual: 1 probability: 1e-7)"),
                        absl::Hours(4)};
  command.request.mutable_at()->set_seconds(at);
  return command;
}

TEST(Suspicion, IsRaisedOnceAtATimeAndOfWhatIsDefined) {
  const auto service = By("throughline.outage-notice", ROLE_SERVICE);
  Given<Component>({kTill})
      .When(Suspecting(1772366400), service)
      .Then({R"(suspected { suspicion_id: ")" + runtime::DerivedId(service, "suspicion") + R"(" owner: "sue"
                at { seconds: 1772366400 } cases: 9 usual: 1 probability: 1e-7 })"});
  Given<Component>({kTill, kSuspected}).When(Suspecting(1772366460), service).Then({});
  Given<Component>().When(Suspecting(1772366400), service).Then({});
}

TEST(Suspicion, ThatWasDismissedIsQuietForAWhile) {
  const auto service = By("throughline.outage-notice", ROLE_SERVICE);
  const Given<Component> given({kTill, kSuspected, kDismissed});
  given.When(Suspecting(1772380799), service).Then({});
  given.When(Suspecting(1772380800), service).AndState([](const v1::ComponentState& state) {
    EXPECT_TRUE(state.has_suspicion());
  });
}

TEST(Suspicion, IsConfirmedByANotice) {
  ConfirmSuspicion confirm;
  confirm.request.set_notice_id("n1");
  const auto service = By("throughline.outage-notice", ROLE_SERVICE);
  Given<Component>({kTill, kSuspected}).When(confirm, service).Then({kConfirmed});
  Given<Component>({kTill}).When(confirm, service).Then({});
  Given<Component>({kTill, kSuspected, kDismissed}).When(confirm, service).Then({});
}

TEST(Suspicion, IsDismissedWithAReason) {
  const std::string dismiss = R"(component_id: "till" suspicion_id: "s1" reason: "a sale")";
  Given<Component>({kTill, kSuspected})
      .When<v1::DismissSuspicionRequest>(dismiss, By("sue", ROLE_REP))
      .Then({kDismissed});
  Given<Component>({kTill, kSuspected, kDismissed})
      .When<v1::DismissSuspicionRequest>(dismiss, By("ana", ROLE_REP))
      .Then({});
  Given<Component>({kTill, kSuspected})
      .When<v1::DismissSuspicionRequest>(R"(component_id: "till" suspicion_id: "s1")", By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "reason");
  Given<Component>({kTill})
      .When<v1::DismissSuspicionRequest>(dismiss, By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kNotFound);
  Given<Component>()
      .When<v1::DismissSuspicionRequest>(dismiss, By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kNotFound, "not defined");
  Given<Component>({kTill, kSuspected, kConfirmed})
      .When<v1::DismissSuspicionRequest>(dismiss, By("sue", ROLE_REP))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "withdraw");
}

TEST(Suspicion, MovesWithWhoWasToLook) {
  RelieveSuspicion relieve;
  relieve.request.set_from("sue");
  relieve.request.set_to("sam");
  const auto service = By("throughline.outage-notice", ROLE_SERVICE);
  Given<Component>({kTill, kSuspected})
      .When(relieve, service)
      .Then({R"(reassigned { suspicion_id: "s1" from: "sue" to: "sam" })"});
  relieve.request.set_from("ana");
  Given<Component>({kTill, kSuspected}).When(relieve, service).Then({});
}

}  // namespace
}  // namespace throughline::outage
