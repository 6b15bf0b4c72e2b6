// To whom a case goes that nobody took: the policies, languages and skills, capacity, and the place that is kept free
// for older cases.

#include "services/intake/testing.h"

namespace throughline::intake {
namespace {

class Assignment : public IntakeService {
 protected:
  // Makes an available rep.
  void Rep(const std::string& who, const std::string& change = "") {
    Available(who);
    if (change.empty()) return;
    auto request = FromText<ownership::v1::ChangePersonRequest>(change);
    request.set_person(who);
    const auto changed =
        Give<ownership::v1::ChangePersonResponse>(*ownership_api_, "ChangePerson", request, "sam", ROLE_SUPERVISOR);
    ASSERT_TRUE(changed.ok()) << changed.status();
  }
  // Opens a case of a customer of its own that nobody took; `more` as text of the request. Returns owner and reason.
  std::string Give(const std::string& more = "") {
    const auto response = Open("customer_id: \"k" + std::to_string(++customers_) +
                               "\" subject: \"no heat\" text: \"It is cold.\" channel: CHANNEL_WEB " + more);
    return response.owner() + " " + v1::AssignmentReason_Name(response.assignment_reason());
  }
  using IntakeService::Give;

  std::unique_ptr<server::Api> RoundRobin() {
    Config config;
    config.assignment_policy = AssignmentPolicy::kRoundRobin;
    return MakeApi(node_.streams(), config);
  }

  int customers_ = 0;
};

TEST_F(Assignment, WhoSpeaksTheLanguageComesBeforeWhoHasLessToDo) {
  Rep("ana", R"pb(languages { words: "de" words: "en" })pb");
  Rep("ben", R"pb(languages { words: "en" })pb");
  EXPECT_EQ(Give(R"(language: "de")"), "ana ASSIGNMENT_REASON_SKILLS");
  EXPECT_EQ(Give(R"(language: "de")"), "ana ASSIGNMENT_REASON_SKILLS");
  EXPECT_EQ(Give(R"(language: "en")"), "ben ASSIGNMENT_REASON_LEAST_LOAD") << "both speak it";
  EXPECT_EQ(Give(R"(language: "fr")"), "ben ASSIGNMENT_REASON_LEAST_LOAD") << "nobody speaks it; somebody must own it";
}

TEST_F(Assignment, WhoKnowsMoreOfWhatTheCaseNeedsComesFirst) {
  Rep("ana", R"pb(skills { words: "returns" })pb");
  Rep("ben", R"pb(skills { words: "billing" words: "returns" })pb");
  EXPECT_EQ(Give(R"(skills: "returns" skills: "billing")"), "ben ASSIGNMENT_REASON_SKILLS");
  EXPECT_EQ(Give(R"(skills: "returns")"), "ana ASSIGNMENT_REASON_LEAST_LOAD");
  Rep("cleo", R"pb(languages { words: "de" })pb");
  EXPECT_EQ(Give(R"(skills: "returns" skills: "billing" language: "de")"), "cleo ASSIGNMENT_REASON_SKILLS")
      << "who does not speak the language is no help, whatever they know";
}

TEST_F(Assignment, RoundRobinGoesByWhoWaitedLongest) {
  Rep("ana");
  Rep("ben");
  Rep("cleo");
  const auto api = RoundRobin();
  std::vector<std::string> owners;
  for (int i = 0; i < 6; ++i) {
    auto request = FromText<v1::OpenCaseRequest>(R"pb(subject: "s" text: "t" channel: CHANNEL_WEB)pb");
    request.set_customer_id("r" + std::to_string(i));
    const auto opened = Give<v1::OpenCaseResponse>(*api, "OpenCase", request, "shop", ROLE_SERVICE);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->assignment_reason(), v1::ASSIGNMENT_REASON_ROUND_ROBIN);
    owners.push_back(opened->owner());
    Close(opened->case_id(), opened->owner());  // load plays no part
    world_.Pass(absl::Seconds(1));
  }
  EXPECT_EQ(owners, (std::vector<std::string>{"ana", "ben", "cleo", "ana", "ben", "cleo"}));
}

// It is Sunday noon, UTC.
TEST_F(Assignment, NobodyGetsACaseOutsideTheirWorkingHours) {
  Rep("ana", R"pb(working_hours {
                    zone: "Australia/Sydney"
                    periods { weekday: 7 from_minute: 0 until_minute: 1380 }
                  })pb");
  EXPECT_EQ(Give(), "sam ASSIGNMENT_REASON_FALLBACK") << "it is 23:00 in Sydney";
  Rep("ben", R"pb(working_hours {
                    zone: "Australia/Sydney"
                    periods { weekday: 7 from_minute: 1380 until_minute: 1440 }
                  })pb");
  EXPECT_EQ(Give(), "ben ASSIGNMENT_REASON_LEAST_LOAD");
}

TEST_F(Assignment, NobodyGetsMoreThanTheirCapacity) {
  Rep("ana", "capacity: 2");
  EXPECT_EQ(Give(), "ana ASSIGNMENT_REASON_LEAST_LOAD");
  EXPECT_EQ(Give(), "ana ASSIGNMENT_REASON_LEAST_LOAD");
  EXPECT_EQ(Give(), "sam ASSIGNMENT_REASON_FALLBACK");
}

}  // namespace
}  // namespace throughline::intake
