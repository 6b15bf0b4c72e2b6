#include "services/outage-notice/domain/component.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"

namespace throughline::outage {
namespace {

using common::v1::ROLE_SUPERVISOR;
using runtime::testing::By;
using runtime::testing::Given;

constexpr char kCheckout[] = R"(defined { component_id: "web-checkout" name: "Checkout" defined_by: "sam" })";

TEST(Component, IsDefined) {
  Given<Component>()
      .When<v1::DefineComponentRequest>(R"(component_id: "web-checkout" name: "Checkout")", By("sam", ROLE_SUPERVISOR))
      .Then({kCheckout});
}

TEST(Component, TheSameDefinitionChangesNothing) {
  Given<Component>({kCheckout})
      .When<v1::DefineComponentRequest>(R"(component_id: "web-checkout" name: "Checkout")", By("zoe", ROLE_SUPERVISOR))
      .Then({});
}

TEST(Component, TheLastDefinitionHolds) {
  Given<Component>({kCheckout})
      .When<v1::DefineComponentRequest>(R"(component_id: "web-checkout" name: "Checkout" owner: "ana")",
                                        By("zoe", ROLE_SUPERVISOR))
      .Then({R"(defined { component_id: "web-checkout" name: "Checkout" owner: "ana" defined_by: "zoe" })"});
}

TEST(Component, NeedsANameAndAProperId) {
  const auto decision = Component::Decide(
      {}, runtime::testing::FromText<v1::DefineComponentRequest>(R"(component_id: "Web Checkout" name: " ")"),
      By("sam", ROLE_SUPERVISOR));
  EXPECT_EQ(runtime::BadFieldsOf(decision.status()), (std::vector<std::string>{"component_id", "name"}));
}

}  // namespace
}  // namespace throughline::outage
