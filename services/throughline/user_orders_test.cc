// An order as a user of the tool sees it, for staff and for its customer: the built program against a running suite.

#include <fstream>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"

#include "services/throughline/testing_user.h"
#include "tests/support/eventually.h"

namespace throughline {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class UserOfOrders : public User {
 protected:
  // An order whose vendor has run out, with the case that opened about it.
  static void Place(const std::string& id) {
    const auto done = [](const std::string& line) {
      const testing::Finished ended = Type(line);
      EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
    };
    done("--as webshop order place " + id +
         " --customer C-1 --promised-by +3d --owner ben --zone Asia/Tokyo --line 1:LAMP:1:globex:'Desk lamp'");
    done("--as globex order vendor-update backordered " + id + " --vendor globex --reason 'the mill is late'");
    EXPECT_TRUE(Eventually([&] { return Json("order trace " + id)["order"].contains("case_ids"); }));
  }
  static std::string Shown(const std::string& line) {
    const testing::Finished ended = Type(line);
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
    return ended.out;
  }
};

TEST_F(UserOfOrders, ReadsTheStoryFirstAndWhatComesNext) {
  Place("SO-T1");
  const std::string shown = Shown("order trace SO-T1");
  EXPECT_THAT(shown, AllOf(HasSubstr("Order SO-T1  OPEN"), HasSubstr("AT RISK"), HasSubstr("case opened: "),
                           HasSubstr("vendor globex says when it has line 1 again, nobody has said when\n")));
  EXPECT_THAT(shown, ContainsRegex("(next|then) the customer hears from [a-z]+, by "));
  EXPECT_THAT(shown, Not(ContainsRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"))) << "one form of date";
  EXPECT_LT(shown.find("vendor globex does not have line 1"), shown.find("  LINE")) << "the story stands first";
  const std::vector<std::string> promised = absl::StrSplit(shown, "promised ");
  EXPECT_LE(promised.size(), 5u) << "what stays the same is not repeated: " << shown;
  EXPECT_THAT(OnTerminal("order trace SO-T1", 60), HasSubstr("case opened"));
}

TEST_F(UserOfOrders, ReadsScorecardsAndLanes) {
  const std::string number = "1Z999AA10123456784";
  ASSERT_EQ(Type("--as webshop order place SO-T9 --customer C-1 --promised-by +3d --owner ben --zone America/New_York "
                 "--line 1:LAMP:1:acme:'Desk lamp'")
                .exit_code,
            0);
  ASSERT_EQ(
      Type("--as acme order vendor-update dispatched SO-T9 --vendor acme --carrier ups --number " + number).exit_code,
      0);
  const std::string events = ::testing::TempDir() + "/scorecards.jsonl";
  std::ofstream(events)
      << R"({"carrier":"ups","trackingNumber":")" << number
      << R"(","status":{"state":"TRACKING_STATE_DELIVERED"},"place":{"country":"US"},"time":{"instant":")"
      << absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone()) << "\"}}\n";
  ASSERT_EQ(Type("--as ups order push --events " + events).exit_code, 0);
  EXPECT_TRUE(Eventually([] { return !Json("lanes --carrier ups --from US --to America/New_York")["lanes"].empty(); }));
  EXPECT_THAT(Shown("lanes"), AllOf(HasSubstr("9 IN 10 WITHIN"), HasSubstr("America/New_York")));
  EXPECT_TRUE(Eventually([] {
    const auto cards = Json("scorecard --by vendor --only acme")["scorecards"];
    return !cards.empty() && cards[0]["numbers"].value("lines_in_time", "0") != "0";
  }));
  EXPECT_THAT(Shown("scorecard --by vendor"), AllOf(HasSubstr("LINES ON TIME"), HasSubstr("acme"), HasSubstr("100.0 %"),
                                                    HasSubstr("What they reported")));
  EXPECT_THAT(Shown("scorecard --by lane --by-day --csv"),
              AllOf(HasSubstr("lane,day,shipments,shipments_in_time"), HasSubstr("latency_p90_seconds"),
                    HasSubstr("ups/US/America/New_York,")));
  const auto refused = Type("scorecard --from yesterday");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--from"));
}

TEST_F(UserOfOrders, ShowsTheCustomerNoNamesOfOurs) {
  Place("SO-T2");
  const std::string shown = Shown("order trace SO-T2 --audience customer");
  EXPECT_THAT(shown, AllOf(HasSubstr("Not in stock: Desk lamp"), HasSubstr("Asia/Tokyo"), HasSubstr("reach "),
                           HasSubstr("SO-T2 and case ")));
  for (const char* internal : {"globex", "ben", "mill", "owner", "vendor"}) {
    EXPECT_THAT(shown, Not(HasSubstr(internal)));
  }
  EXPECT_THAT(Shown("order watch SO-T2 --from-start --audience customer --timeout 1s || true"),
              AllOf(HasSubstr("Not in stock: Desk lamp"), Not(HasSubstr("globex"))));
  EXPECT_EQ(Type("order trace SO-T2 --audience nobody").exit_code, 2);
}

TEST_F(UserOfOrders, FindsTheCommitOfAnEntry) {
  Place("SO-T3");
  int looked_at = 0;
  const json trace = Json("order trace SO-T3 --limit 0");
  for (const json& entry : trace["entries"]) {
    const json& commit = entry["commit"];
    const std::string partition = commit.contains("partition") ? std::to_string(commit["partition"].get<int>()) : "0";
    const std::string offset = commit.contains("offset") ? commit["offset"].get<std::string>() : "0";
    const std::string at = entry["service"].get<std::string>() + "/" + partition + "@" + offset;
    const json found = Json("log at " + at);
    EXPECT_EQ(found["stream"], entry["stream"]) << at;
    EXPECT_EQ(found["version"], entry["version"]) << at;
    ++looked_at;
  }
  EXPECT_GE(looked_at, 4);
  EXPECT_THAT(Shown("order trace SO-T3 --commits"), ContainsRegex("supplier-tracking/[0-9]+@[0-9]+"));
  EXPECT_EQ(Type("log at supplier-tracking/0@9999999").exit_code, 4);
  EXPECT_EQ(Type("log at order/SO-T3").exit_code, 2);
}

}  // namespace
}  // namespace throughline
