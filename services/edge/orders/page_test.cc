// The page of an order as HTML: what is to be collected, and why it is expected when it is.

#include "services/edge/orders/page.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

namespace throughline::edge::orders {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Html(const std::string& order) {
  PageParts parts;
  parts.site = "Hearth & Home";
  parts.secret = "secret";
  parts.command = "command";
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(order_id: "SO-1" placed_at { seconds: 1772366400 } promised_time { seconds: 1772625600 }
         first_promised_time { seconds: 1772625600 } )" +
          order,
      parts.order.mutable_page()));
  return OrderHtml(parts);
}

TEST(OrderHtml, SaysWhatIsReadyAndWhere) {
  const std::string ready = Html(R"(status: ORDER_STATUS_OPEN overdue: true at_risk: true
    lines { description: "Lamp" quantity: 2 status: LINE_STATUS_READY_FOR_COLLECTION collect_at: "store-12"
            quantity_ready: 2 quantity_collected: 1 }
    lines { description: "Cup" quantity: 1 status: LINE_STATUS_DELIVERED quantity_delivered: 1 })");
  EXPECT_THAT(ready, AllOf(HasSubstr("What you do not have yet is ready for you to collect."),
                           HasSubstr("ready for you to collect in store-12, 1 of 2 collected"),
                           Not(HasSubstr("The promised time has passed"))));
  const std::string one = Html(R"(status: ORDER_STATUS_OPEN overdue: true
    lines { description: "Lamp" quantity: 1 status: LINE_STATUS_READY_FOR_COLLECTION collect_at: "store-12" }
    lines { description: "Cup" quantity: 1 status: LINE_STATUS_DISPATCHED })");
  EXPECT_THAT(one, HasSubstr("The promised time has passed")) << "the cup is missing";
}

TEST(OrderHtml, SaysThatAllWasCollected) {
  const std::string html = Html(R"(status: ORDER_STATUS_COMPLETED completed_at { seconds: 1772600000 }
    lines { description: "Lamp" quantity: 1 status: LINE_STATUS_COLLECTED collect_at: "store-12"
            quantity_ready: 1 quantity_collected: 1 })");
  EXPECT_THAT(html, AllOf(HasSubstr("You have all of it since "), HasSubstr("collected"),
                          Not(HasSubstr("All of it was delivered"))));
}

TEST(OrderHtml, SaysWhyItIsExpectedThen) {
  const std::string html = Html(R"(status: ORDER_STATUS_OPEN eta { latest { seconds: 1772600000 } }
    eta_reason: "it is sent on 2026-03-02, and the way usually takes 2 to 4 days"
    lines { description: "Lamp" quantity: 1 status: LINE_STATUS_ACKNOWLEDGED })");
  EXPECT_THAT(html, HasSubstr("; it is sent on 2026-03-02, and the way usually takes 2 to 4 days"));
}

TEST(OrderHtml, SaysWhereItIsIfThatHasNoTime) {
  const std::string html = Html(R"(status: ORDER_STATUS_OPEN eta_reason: "UPS says that it is at our store; we check"
    lines { description: "Lamp" quantity: 1 status: LINE_STATUS_DISPATCHED })");
  EXPECT_THAT(html, HasSubstr("UPS says that it is at our store; we check"));
  EXPECT_THAT(html, ::testing::Not(HasSubstr("not known yet")));
}

}  // namespace
}  // namespace throughline::edge::orders
