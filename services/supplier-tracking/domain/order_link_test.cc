// The links to an order's page, as given, when, then.

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using common::v1::ROLE_REP;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAna = By("ana", ROLE_REP);

constexpr char kOrdered[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772366400 }
  promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" } })";

std::string Made(const std::string& id) {
  return absl::StrCat("link_created { link_id: \"", id, "\" secret_sha256: \"", std::string(32, 's'),
                      "\" expires_at { seconds: 1790000000 } }");
}

v1::CreateOrderLinkRequest Making(absl::Duration lasts = absl::ZeroDuration(), size_t digest = 32) {
  v1::CreateOrderLinkRequest request;
  request.set_order_id("SO-1");
  request.set_secret_sha256(std::string(digest, 's'));
  if (lasts != absl::ZeroDuration()) *request.mutable_expires_at() = runtime::ToProto(kAna.time + lasts);
  return request;
}

v1::RevokeOrderLinkRequest Revoking(const std::string& id) {
  return FromText<v1::RevokeOrderLinkRequest>(
      absl::StrCat("order_id: \"SO-1\" link_id: \"", id, "\" reason: \"sent to the wrong person\""));
}

v1::OrderState StateAfter(const std::vector<std::string>& events) {
  v1::OrderState state;
  for (const std::string& event : events) Order::Evolve(state, FromText<v1::OrderEvent>(event));
  return state;
}

TEST(OrderLink, IsMadeWithTheDigestOfItsSecretAlone) {
  const auto made = Order::Decide(StateAfter({kOrdered}), Making(), kAna);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->size(), 1u);
  const v1::OrderLinkCreated& created = (*made)[0].link_created();
  EXPECT_EQ(created.link_id(), runtime::DerivedId(kAna, "link"));
  EXPECT_EQ(created.secret_sha256(), std::string(32, 's'));
  EXPECT_EQ(runtime::FromProto(created.expires_at()), kAna.time + absl::Hours(24 * 60));
  const auto later = Order::Decide(StateAfter({kOrdered}), Making(absl::Hours(24 * 400)), kAna);
  EXPECT_EQ(runtime::FromProto((*later)[0].link_created().expires_at()), kAna.time + absl::Hours(24 * 400));
}

TEST(OrderLink, RefusesWhatIsNoLink) {
  const v1::OrderState order = StateAfter({kOrdered});
  for (const auto& request : {Making({}, 31), Making({}, 33), Making({}, 0), Making(-absl::Seconds(1)),
                              Making(absl::Hours(24 * 400) + absl::Seconds(1))}) {
    EXPECT_EQ(Order::Decide(order, request, kAna).status().code(), absl::StatusCode::kInvalidArgument)
        << request.DebugString();
  }
  EXPECT_EQ(runtime::ReasonOf(Order::Decide({}, Making(), kAna).status()), "ORDER_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(Order::Decide({}, Revoking("l1"), kAna).status()), "ORDER_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(Order::Decide(order, Revoking("l1"), kAna).status()), "LINK_UNKNOWN");
}

TEST(OrderLink, EndsOnceAndForGood) {
  const v1::OrderState two = StateAfter({kOrdered, Made("l1"), Made("l2")});
  const auto one = Order::Decide(two, Revoking("l1"), kAna);
  ASSERT_TRUE(one.ok() && one->size() == 1u) << one.status();
  EXPECT_EQ((*one)[0].link_revoked().link_id() + ": " + (*one)[0].link_revoked().reason(),
            "l1: sent to the wrong person");
  EXPECT_EQ(Order::Decide(two, Revoking(""), kAna)->size(), 2u) << "all";
  v1::OrderState after = two;
  Order::Evolve(after, (*one)[0]);
  EXPECT_TRUE(after.links(0).revoked());
  EXPECT_FALSE(after.links(1).revoked());
  EXPECT_TRUE(Order::Decide(after, Revoking("l1"), kAna)->empty()) << "again";
  EXPECT_EQ(Order::Decide(after, Revoking(""), kAna)->size(), 1u);
}

TEST(OrderLink, TheOldestMakesRoom) {
  std::vector<std::string> events = {kOrdered};
  for (int i = 0; i <= kMostLinks; ++i) events.push_back(Made(absl::StrCat("l", i)));
  const v1::OrderState state = StateAfter(events);
  EXPECT_EQ(state.links_size(), kMostLinks);
  EXPECT_EQ(state.links(0).link_id(), "l1");
}

}  // namespace
}  // namespace throughline::supplier
