// Reports, as they are asked for: whatever the order in which topics are folded, the same to the last digit.

#include "services/ownership/reports/report_tables.h"
#include "services/ownership/testing_people.h"
#include "throughline/ownership/v1/report.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::ownership {
namespace {

using supplier::v1::OrderEvent;

// A row as `value day: opened/customers/closed confirmed`.
std::string Told(const v1::ReportRow& row) {
  const auto& numbers = row.numbers();
  return row.value() + (row.day().empty() ? "" : " " + row.day()) + ": " + std::to_string(numbers.cases_opened()) +
         "/" + std::to_string(numbers.customers()) + "/" + std::to_string(numbers.closed_confirmed());
}

class Report : public People {
 protected:
  absl::StatusOr<v1::GetReportResponse> Ask(const std::string& request) {
    return Give<v1::GetReportResponse>("GetReport", FromText<v1::GetReportRequest>(request), "sue", ROLE_SUPERVISOR);
  }
  Strings Rows(const std::string& request) {
    Strings told;
    std::string token;
    do {
      auto page = Ask(request + (token.empty() ? "" : " page_token: \"" + token + "\""));
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return told;
      for (const auto& row : page->rows()) told.push_back(Told(row));
      token = page->next_page_token();
    } while (!token.empty());
    return told;
  }
  void Open(const std::string& id, const std::string& customer, const std::string& owner,
            const std::string& more = "") {
    world_.Write(Topic::kIntake, "case/" + id,
                 FromText<intake::v1::CaseEvent>("opened { case_id: \"" + id + "\" customer_id: \"" + customer +
                                                 "\" subject: \"s\" owner: \"" + owner + "\" " + more + "}"));
  }
  void Solve(const std::string& id) {
    const std::string of = "case_id: \"" + id + "\"";
    const auto ok = [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; };
    ok(Do<v1::ProposeResolutionResponse, v1::ProposeResolutionRequest>("ProposeResolution", of + " text: \"t\""));
    ok(Do<v1::ConfirmResolutionResponse, v1::ConfirmResolutionRequest>("ConfirmResolution", of + " evidence: \"e\""));
    ok(Do<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase", of));
  }
  void Place(const std::string& order, const std::string& vendor) {
    world_.Write(Topic::kSupplierTracking, "order/" + order,
                 FromText<OrderEvent>("placed { order_id: \"" + order + "\" lines { line_id: \"1\" vendor_id: \"" +
                                      vendor + "\" } }"));
  }
  void Ship(const std::string& order, const std::string& carrier) {
    world_.Write(Topic::kSupplierTracking, "order/" + order,
                 FromText<OrderEvent>("shipment_added { carrier: \"" + carrier + "\" }"));
  }
  std::string Today(int days = 0) {
    return absl::FormatCivilTime(absl::ToCivilDay(world_.clock.Now(), absl::UTCTimeZone()) + days);
  }
};

TEST_F(Report, CountsCasesAndCustomersByPersonComponentAndDay) {
  Open("c2", "kim", "ana", "component_id: \"checkout\"");
  Open("c3", "lee", "ben", "component_id: \"checkout\"");
  Solve("c3");
  EXPECT_EQ(Rows(""), Strings{": 3/2/1"}) << "kim has two cases, and is one customer";
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_REP"), (Strings{"ana: 2/1/0", "ben: 1/1/1"}));
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_COMPONENT"), (Strings{": 1/1/0", "checkout: 2/2/1"}));
  world_.Pass(absl::Hours(24));
  Open("c4", "kim", "ana");
  EXPECT_EQ(Rows("by_day: true by: REPORT_DIMENSION_REP page_size: 1"),
            (Strings{"ana " + Today(-1) + ": 2/1/0", "ana " + Today() + ": 1/1/0", "ben " + Today(-1) + ": 1/1/1"}));
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_REP page_size: 1"), (Strings{"ana: 3/1/0", "ben: 1/1/1"}));
  EXPECT_EQ(Rows("from_day: \"" + Today() + "\" by: REPORT_DIMENSION_REP"), Strings{"ana: 1/1/0"});
  EXPECT_EQ(Rows("to_day: \"" + Today(-1) + "\""), Strings{": 3/2/1"});
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_REP value: \"ben\""), Strings{"ben: 1/1/1"});
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_REP value: \"nobody\""), Strings());
  EXPECT_EQ(Ask("by: REPORT_DIMENSION_REP page_size: 1")->total().customers(), 2);
  ExpectRebuildIsTheSame();
}

TEST_F(Report, GivesAVendorAndACarrierWhatWasCountedBeforeTheyWereKnown) {
  Place("SO-2", "acme");
  Open("c2", "lee", "ben", "order_id: \"SO-2\"");
  Solve("c2");
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_VENDOR"), Strings{"acme: 1/1/1"});
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_CARRIER"), Strings());
  world_.Pass(absl::Hours(24));
  Place("SO-1", "acme");  // c1 is about it, and was opened before
  Ship("SO-2", "ups");
  Ship("SO-2", "ups");
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_VENDOR"), Strings{"acme: 2/2/1"});
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_CARRIER by_day: true"), Strings{"ups " + Today(-1) + ": 1/1/1"});
  Solve("c1");
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_VENDOR"), Strings{"acme: 2/2/2"});
  ExpectRebuildIsTheSame();
}

TEST_F(Report, CountsForTheTeamInWhichAPersonWasAtTheEndOfTheDay) {
  ASSERT_TRUE(Change(R"(person: "ben" team: "returns")").ok());
  Open("c2", "lee", "ben");
  world_.Pass(absl::Hours(24));
  Open("c3", "lee", "ben");
  ASSERT_TRUE(Change(R"(person: "ben" team: "billing")").ok());
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_TEAM"), (Strings{": 1/1/0", "billing: 1/1/0", "returns: 1/1/0"}));
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_TEAM by_day: true value: \"billing\""),
            Strings{"billing " + Today() + ": 1/1/0"});
  world_.Pass(absl::Hours(24));
  ASSERT_TRUE(Change(R"(person: "ben" team: "orders")").ok());
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_TEAM"),
            (Strings{": 1/1/0", "billing: 1/1/0", "orders: 0/0/0", "returns: 1/1/0"}))
      << "a later change moves no number; of that day are the next updates that were missed";
  ExpectRebuildIsTheSame();
}

// Replicas fold the topics in different orders.
TEST_F(Report, IsTheSameToTheLastDigitWhicheverTopicIsFoldedFirst) {
  Place("SO-1", "acme");
  Open("c2", "lee", "ben", "order_id: \"SO-1\"");
  Ship("SO-1", "ups");
  Solve("c2");
  world_.Pass(absl::Hours(30));  // the next update of c1 breaks
  Place("SO-2", "umbra");
  Open("c3", "lee", "ana", "order_id: \"SO-2\"");
  Solve("c3");
  ASSERT_TRUE((Do<v1::ReopenCaseResponse, v1::ReopenCaseRequest>("ReopenCase", R"(case_id: "c3" reason: "r")")).ok());
  const std::vector<Topic> topics = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice, Topic::kSupplierTracking};
  std::vector<Topic> order = {Topic::kIntake, Topic::kOwnership, Topic::kSupplierTracking};
  std::sort(order.begin(), order.end());
  int orders = 0;
  do {
    Node replica(Define({}), world_.book, world_.clock);
    for (const Topic first : order) {
      replica.log().withheld.clear();
      for (const Topic topic : topics) {
        if (std::find(order.begin(), order.end(), topic) > std::find(order.begin(), order.end(), first)) {
          replica.log().withheld.insert(topic);
        }
      }
      replica.Run();
    }
    replica.log().withheld.clear();
    replica.Run();
    EXPECT_EQ(replica.store().Snapshot(), node_.store().Snapshot());
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 6);
  EXPECT_EQ(Rows("by: REPORT_DIMENSION_VENDOR"), (Strings{"acme: 2/2/1", "umbra: 1/1/1"}));
}

TEST_F(Report, RefusesDaysThatAreNone) {
  for (const char* request : {"from_day: \"yesterday\"", "to_day: \"2026-2-3\"", "from_day: \"2026-02-30\"",
                              "from_day: \"2026-03-02\" to_day: \"2026-03-01\"", "from_day: \"2001-01-01\""}) {
    EXPECT_EQ(Ask(request).status().code(), absl::StatusCode::kInvalidArgument) << request;
  }
}

TEST_F(Report, RefusesTheTokenOfAnotherReport) {
  Open("c2", "lee", "ben");
  const auto page = Ask("by: REPORT_DIMENSION_REP page_size: 1");
  ASSERT_TRUE(page.ok());
  ASSERT_NE(page->next_page_token(), "");
  EXPECT_EQ(
      Ask("by: REPORT_DIMENSION_TEAM page_size: 1 page_token: \"" + page->next_page_token() + "\"").status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::ownership
