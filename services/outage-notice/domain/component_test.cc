#include "services/outage-notice/domain/component.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"

namespace throughline::outage {
namespace {

using common::v1::ROLE_SUPERVISOR;
using runtime::testing::By;
using runtime::testing::Given;

DefineComponent Define(const std::string& request, const absl::Status& owner = absl::OkStatus()) {
  return {runtime::testing::FromText<v1::DefineComponentRequest>(request), owner};
}

constexpr char kCheckout[] = R"(defined { component_id: "web-checkout" name: "Checkout" defined_by: "sam" })";

TEST(Component, IsDefined) {
  Given<Component>()
      .When(Define(R"(component_id: "web-checkout" name: "Checkout")"), By("sam", ROLE_SUPERVISOR))
      .Then({kCheckout});
}

TEST(Component, TheSameDefinitionChangesNothing) {
  Given<Component>({kCheckout})
      .When(Define(R"(component_id: "web-checkout" name: "Checkout")"), By("zoe", ROLE_SUPERVISOR))
      .Then({});
}

TEST(Component, TheLastDefinitionHolds) {
  Given<Component>({kCheckout})
      .When(Define(R"(component_id: "web-checkout" name: "Checkout" owner: "ana")"), By("zoe", ROLE_SUPERVISOR))
      .Then({R"(defined { component_id: "web-checkout" name: "Checkout" owner: "ana" defined_by: "zoe" })"});
}

TEST(Component, IsOwnedByAnActivePerson) {
  const absl::Status unknown = runtime::Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_UNKNOWN", "nobody");
  Given<Component>()
      .When(Define(R"(component_id: "web-checkout" name: "Checkout" owner: "ups")", unknown),
            By("zoe", ROLE_SUPERVISOR))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "nobody");
}

TEST(Component, NeedsANameAndAProperId) {
  const auto decision =
      Component::Decide({}, Define(R"(component_id: "Web Checkout" name: " ")"), By("sam", ROLE_SUPERVISOR));
  EXPECT_EQ(runtime::BadFieldsOf(decision.status()), (std::vector<std::string>{"component_id", "name"}));
}

TEST(Component, DependsOnOthersThatAreDefinedAndNotInACircle) {
  DefineComponent define = Define(R"(component_id: "shop" name: "Shop" depends_on_component_ids: "web-checkout")");
  Given<Component>().When(define, By("sam", ROLE_SUPERVISOR)).Then({R"(defined { component_id: "shop" name: "Shop"
      defined_by: "sam" depends_on_component_ids: "web-checkout" })"});
  define.circle = "web-checkout";
  Given<Component>()
      .When(define, By("sam", ROLE_SUPERVISOR))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "depends on `shop`");
  define.unknown_components = {"web-checkout"};
  Given<Component>()
      .When(define, By("sam", ROLE_SUPERVISOR))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "not defined");
  const auto bad = Component::Decide(
      {}, Define(R"(component_id: "shop" name: "Shop" depends_on_component_ids: "shop" keywords: "?!")"),
      By("sam", ROLE_SUPERVISOR));
  EXPECT_EQ(runtime::BadFieldsOf(bad.status()),
            (std::vector<std::string>{"depends_on_component_ids[0]", "keywords[0]"}));
}

}  // namespace
}  // namespace throughline::outage
