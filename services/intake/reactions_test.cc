// The reactors of intake: links to notices, and cases for promises at risk.

#include "services/intake/testing.h"

namespace throughline::intake {
namespace {

TEST_F(IntakeService, ACaseIsLinkedToANoticePublishedBeforeOrAfterIt) {
  const std::string before = Open(kWeb).case_id();
  const std::string elsewhere =
      Open(R"pb(customer_id: "lee" subject: "s" text: "t" channel: CHANNEL_WEB component_id: "app")pb").case_id();
  Notice(kPublished);
  const auto after = Open(kWeb);
  ASSERT_EQ(after.notices_size(), 1);
  EXPECT_EQ(after.notices(0).current_text(), "You cannot pay.");
  EXPECT_EQ(View(before).notices_size(), 1);
  EXPECT_EQ(View(elsewhere).notices_size(), 0);
  Notice(R"pb(updated {
                text: "Cards work again."
                next_update_due { seconds: 1772380000 }
              })pb");
  EXPECT_EQ(View(before).notices_size(), 1) << "linked once";
  EXPECT_EQ(View(before).notices(0).current_text(), "Cards work again.");
  Notice(R"pb(resolved { text: "All works." })pb");
  EXPECT_EQ(View(before).notices(0).current_text(), "All works.");
  EXPECT_EQ(Open(kWeb).notices_size(), 0);
}

TEST_F(IntakeService, APromiseAtRiskOpensOneCaseWithAnOwner) {
  Available("ana");
  const auto risk = FromText<supplier::v1::OrderEvent>(R"pb(
    promise_at_risk {
      promised_time { seconds: 1772500000 }
      cause: "vendor acme: lines 2 backordered"
      customer_id: "kim"
      owner: "olga"
    })pb");
  world_.Write(Topic::kSupplierTracking, "order/SO-1", risk);
  ASSERT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
  const v1::CaseView view = View(List(R"pb(order_id: "SO-1")pb")[0]);
  EXPECT_EQ(view.owner(), "ana");
  EXPECT_EQ(view.customer_id(), "kim");
  EXPECT_EQ(view.channel(), v1::CHANNEL_PROACTIVE);
  EXPECT_EQ(view.origin(), "promise at risk of order SO-1");
  EXPECT_NE(view.text().find("lines 2 backordered"), std::string::npos);
  const auto recovered = FromText<supplier::v1::OrderEvent>("promise_recovered {}");
  world_.Write(Topic::kSupplierTracking, "order/SO-1", recovered);
  world_.Write(Topic::kSupplierTracking, "order/SO-1", risk);
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
  // Once that case is closed, the next alarm opens another, but only one.
  Close(view.case_id(), "ana");
  for (int i = 0; i < 2; ++i) {
    world_.Write(Topic::kSupplierTracking, "order/SO-1", recovered);
    world_.Write(Topic::kSupplierTracking, "order/SO-1", risk);
    EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 2u);
  }
  // A replica that reacts to all alarms again opens nothing, although the cases are closed by now.
  world_.Pass(absl::Seconds(1));
  for (const std::string& id : List(R"pb(order_id: "SO-1")pb")) {
    if (View(id).status() == ownership::v1::CASE_STATUS_OPEN) Close(id, "ana");
  }
  world_.Add(Define({}));
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 2u);
}

TEST_F(IntakeService, WhatIsWrongWithAnOrderOpensACaseOrJoinsItOncePerConcern) {
  Available("ana");
  const auto concern = [](const std::string& kind, const std::string& key) {
    return FromText<supplier::v1::OrderEvent>("concern_raised { customer_id: \"kim\" owner: \"olga\" concern { kind: " +
                                              kind + " about: \"line/1\" text: \"packed A, on the box " + key +
                                              "\" since { seconds: 1772366400 } key: \"" + key + "\" } }");
  };
  const auto mismatch = concern("CONCERN_KIND_SERIAL_MISMATCH", "B");
  world_.Write(Topic::kSupplierTracking, "order/SO-1", mismatch);
  ASSERT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
  const std::string id = List(R"pb(order_id: "SO-1")pb")[0];
  const v1::CaseView view = View(id);
  EXPECT_EQ(view.owner(), "ana");
  EXPECT_EQ(view.customer_id(), "kim");
  EXPECT_EQ(view.subject(), "Order SO-1: serial mismatch");
  EXPECT_EQ(view.origin(), "serial mismatch of order SO-1");
  EXPECT_EQ(view.text(),
            "Since 2026-03-01 12:00 UTC: packed A, on the box B. Find out, and tell the customer before they ask.");
  // Another concern, and the promise, go to that case; each once.
  const auto risk = FromText<supplier::v1::OrderEvent>(R"pb(promise_at_risk {
                                                              promised_time { seconds: 1772500000 }
                                                              customer_id: "kim"
                                                            })pb");
  world_.Write(Topic::kSupplierTracking, "order/SO-1", concern("CONCERN_KIND_SILENCE", "C"));
  EXPECT_NE(View(id).last_alert().find("on the box C"), std::string::npos);
  world_.Write(Topic::kSupplierTracking, "order/SO-1", risk);
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb"), std::vector<std::string>{id});
  EXPECT_NE(View(id).last_alert().find("Promised by"), std::string::npos);
  // A replica that reacts to all of it again adds nothing, although the case is closed by now.
  world_.Pass(absl::Seconds(1));
  Close(id, "ana");
  const uint64_t version = View(id).version();
  world_.Add(Define({}));
  EXPECT_EQ(View(id).version(), version);
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
  // One that comes afterwards opens another case.
  world_.Write(Topic::kSupplierTracking, "order/SO-1", concern("CONCERN_KIND_SERIAL_MISMATCH", "D"));
  EXPECT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 2u);
}

TEST_F(IntakeService, SeveralThingsWrongInOneCommitMeetInOneCase) {
  Available("ana");
  const auto event = [](const std::string& kind) {
    return FromText<supplier::v1::OrderEvent>("concern_raised { customer_id: \"kim\" concern { kind: " + kind +
                                              " about: \"order\" text: \"t\" key: \"k\" } }");
  };
  world_.Append(Topic::kSupplierTracking, "order/SO-1", event("CONCERN_KIND_SILENCE"));
  world_.Append(Topic::kSupplierTracking, "order/SO-1", event("CONCERN_KIND_LEG_GAP"));
  world_.Run();
  world_.Pass(absl::Seconds(3));
  ASSERT_EQ(List(R"pb(order_id: "SO-1")pb").size(), 1u);
  EXPECT_NE(View(List(R"pb(order_id: "SO-1")pb")[0]).last_alert(), "");
}

TEST_F(IntakeService, ANoticeThatIsResolvedBeforeTheReactorSeesItIsLinked) {
  const std::string id = Open(kWeb).case_id();
  world_.Append(Topic::kOutageNotice, "notice/n1", FromText<outage::v1::NoticeEvent>(kPublished));
  Notice(R"pb(resolved { text: "All works." })pb");
  EXPECT_EQ(View(id).notices_size(), 1);
  // A case that was opened after the notice was resolved is not linked, even by a replica that reacts again.
  world_.Pass(absl::Seconds(1));
  const std::string later = Open(kWeb).case_id();
  world_.Add(Define({}));
  EXPECT_EQ(View(later).notices_size(), 0);
}

TEST(IntakeWithoutFallback, APromiseAtRiskOpensItsCaseAsSoonAsSomebodyCanOwnIt) {
  World world;
  Node& node = world.Add(Define({.fallback_owner = ""}));
  world.Write(Topic::kSupplierTracking, "order/SO-1", FromText<supplier::v1::OrderEvent>(R"pb(
                promise_at_risk {
                  promised_time { seconds: 1772500000 }
                  customer_id: "kim"
                })pb"));
  world.Pass(absl::Hours(1));
  EXPECT_EQ(runtime::Counted(node.store(), kOpenCases), 0);
  world.Write(Topic::kOwnership, "availability/ana", FromText<ownership::v1::AvailabilityEvent>(R"pb(
                set { person: "ana" kind: PERSON_KIND_REP available: true })pb"));
  world.Pass(absl::Seconds(5));
  world.Pass(absl::Seconds(5));
  EXPECT_EQ(runtime::Counted(node.store(), kOpenCases), 1);
}

}  // namespace
}  // namespace throughline::intake
