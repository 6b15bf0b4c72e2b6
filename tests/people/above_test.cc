// Whoever stands above somebody, on every path that needs them: the right one of several supervisors, whoever that is.

#include "tests/people/world.h"

namespace throughline::people {
namespace {

using namespace ownership::v1;  // NOLINT

class AboveEverywhere : public AtWork {
 protected:
  AboveEverywhere() { DefineComponent(); }
  void Promise(const std::string& case_id, const std::string& owner, runtime::Role role = ROLE_REP) {
    MakePromiseRequest request;
    request.set_case_id(case_id);
    request.set_text("We ring");
    *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
    ASSERT_TRUE(Call<MakePromiseResponse>(*ownership_, request, owner, role).ok());
  }
  // Who, of all supervisors, sees the broken promise in their worklist.
  Strings Sees() {
    Strings sees;
    for (const char* supervisor : {"abe", "sam", "zoe"}) {
      const auto worklist = Do<ListWorklistResponse, ListWorklistRequest>(*ownership_, "", supervisor, ROLE_SUPERVISOR);
      for (const auto& item : worklist.items()) {
        if (item.reason() == WORKLIST_REASON_PROMISE_BROKEN && item.owner() != supervisor) {
          sees.push_back(supervisor);
          EXPECT_EQ(item.supervisor(), supervisor);
        }
      }
    }
    return sees;
  }
  PersonView Person(const std::string& person) {
    return Do<GetPersonResponse, GetPersonRequest>(*ownership_, "person: \"" + person + "\"", "ana", ROLE_REP).person();
  }
  // The event of the broken promise says who stood above.
  std::string RecordedAbove(const std::string& case_id) {
    std::string above;
    for (const auto& [partition, records] : world_.book.records) {
      for (const auto& record : records) {
        throughline::log::v1::Commit commit;
        if (record->key != "ownership/" + case_id || !commit.ParseFromString(record->value)) continue;
        for (const auto& committed : commit.events()) {
          OwnershipEvent event;
          if (!event.ParseFromString(committed.data()) || !event.has_commitment_settled()) continue;
          const CommitmentSettled& settled = event.commitment_settled();
          if (settled.kind() == COMMITMENT_KIND_PROMISE && settled.outcome() == COMMITMENT_OUTCOME_BROKEN) {
            above = settled.above();
          }
        }
      }
    }
    return above;
  }

  // Everything that needs to know who stands above ana, in turn.
  void ExpectAbove(const std::string& above) {
    const std::string open = OpenCase(), closed = OpenCase(), order = PlaceOrder("ana"), notice = PublishNotice("ana");
    Do<CloseCaseResponse, CloseCaseRequest>(
        *ownership_, "reason: \"r\" options_offered: \"o\" case_id: \"" + closed + "\"", "ana", ROLE_REP);
    EXPECT_EQ(Person("ana").above(), above);
    EXPECT_EQ(Case(open).supervisor(), above);
    EXPECT_EQ((Do<intake::v1::GetCaseResponse, intake::v1::GetCaseRequest>(*intake_, "case_id: \"" + open + "\"", "ana",
                                                                           ROLE_REP)
                   .case_()
                   .supervisor()),
              above);
    Strings below;
    const auto listed =
        Do<ListPersonsResponse, ListPersonsRequest>(*ownership_, "above: \"" + above + "\"", "ana", ROLE_REP);
    for (const auto& person : listed.persons()) below.push_back(person.person());
    EXPECT_THAT(below, ::testing::Contains("ana"));
    Promise(open, "ana");
    world_.Pass(absl::Hours(2));
    EXPECT_EQ(RecordedAbove(open), above);
    EXPECT_EQ(Sees(), Strings{above});
    Deactivate("ana");
    EXPECT_EQ(Case(open).owner(), above);
    EXPECT_EQ(OwnerOfOrder(order), above);
    EXPECT_EQ(OwnerOfNotice(notice), above);
    EXPECT_EQ(Case(closed).owner(), "ana") << "a closed case moves when it is opened again";
    Do<ReopenCaseResponse, ReopenCaseRequest>(*ownership_, "reason: \"again\" case_id: \"" + closed + "\"", "ben",
                                              ROLE_REP);
    EXPECT_EQ(Case(closed).owner(), above);
  }
};

TEST_F(AboveEverywhere, TheTeamsSupervisorOnDuty) { ExpectAbove("zoe"); }

TEST_F(AboveEverywhere, TheSupervisorThatThePersonReportsTo) {
  Do<ChangePersonResponse, ChangePersonRequest>(*ownership_, R"pb(person: "ana" reports_to: "sam")pb", "abe",
                                                ROLE_SUPERVISOR);
  ExpectAbove("sam");
}

TEST_F(AboveEverywhere, AnotherIfTheTeamsIsAbsent) {
  Absent("zoe");
  ExpectAbove("abe");
}

TEST_F(AboveEverywhere, AnotherIfTheOneThatThePersonReportsToWasDeactivated) {
  Do<ChangePersonResponse, ChangePersonRequest>(*ownership_, R"pb(person: "ana" reports_to: "sam")pb", "abe",
                                                ROLE_SUPERVISOR);
  Deactivate("sam");
  ExpectAbove("zoe");
}

TEST_F(AboveEverywhere, TheTeamsWhoeverIsOnDutyElsewhereIfNobodyIs) {
  Meet("abe", ROLE_SUPERVISOR, "");
  Meet("zoe", ROLE_SUPERVISOR, "");
  ExpectAbove("zoe");
}

TEST_F(AboveEverywhere, NobodyIsAboveThemselves) {
  for (const char* supervisor : {"abe", "sam", "zoe"}) EXPECT_NE(Person(supervisor).above(), supervisor);
  const std::string open = OpenCase("zoe", ROLE_SUPERVISOR);
  Promise(open, "zoe", ROLE_SUPERVISOR);
  world_.Pass(absl::Hours(2));
  EXPECT_EQ(RecordedAbove(open), "abe");
  EXPECT_EQ(Sees(), Strings{"abe"});
  Deactivate("zoe");
  EXPECT_EQ(Case(open).owner(), "abe");
}

}  // namespace
}  // namespace throughline::people
