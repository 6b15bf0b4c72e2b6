// Persons and the credentials file: who becomes known, and who is deactivated because their credential is gone.

#include "services/ownership/credentials.h"

#include "services/ownership/testing_people.h"

namespace throughline::ownership {
namespace {

// What the credentials file says, of which every second something may change.
class Credentials : public People {
 protected:
  static identity::TokenInfo Of(const std::string& name, runtime::Role role, bool disabled = false) {
    identity::TokenInfo info;
    info.identity = {name, {role}, "", "care"};
    info.disabled = disabled;
    return info;
  }
  bool Follow(const std::vector<identity::TokenInfo>& credentials) {
    const bool known = follower_.Follow(node_.streams(), {credentials, complete_});
    world_.Run();
    return known;
  }
  bool IsActive(const std::string& person) {
    const auto row = kPersons.Get(node_.store(), person);
    return row && !row->deactivated();
  }
  std::string WhyGone(const std::string& person) { return Get(person).deactivation_reason(); }

  const std::vector<identity::TokenInfo> all_ = {Of("ana", ROLE_REP), Of("ben", ROLE_REP), Of("sue", ROLE_SUPERVISOR)};
  CredentialFollower follower_;
  bool complete_ = true;
};

TEST_F(Credentials, MakeRepsAndSupervisorsKnownAndNobodyElse) {
  const auto credentials = {Of("cleo", ROLE_REP),
                            Of("dan", ROLE_SUPERVISOR),
                            Of("shop", common::v1::ROLE_SERVICE),
                            Of("ups", common::v1::ROLE_PARTNER),
                            Of("dashboard", ROLE_READER),
                            Of("root", common::v1::ROLE_ADMIN),
                            Of("eve", ROLE_REP, /*disabled=*/true)};
  EXPECT_FALSE(Follow(credentials)) << "commands are under way";
  EXPECT_TRUE(Follow(credentials));
  EXPECT_EQ(Get("cleo").profile().team(), "care");
  EXPECT_EQ(Get("dan").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
  for (const char* other : {"shop", "ups", "dashboard", "root", "eve"}) {
    EXPECT_FALSE(kPersons.Has(node_.store(), other)) << other;
  }
  ExpectRebuildIsTheSame();
}

TEST_F(Credentials, GiveTheRole) {
  Follow(all_);
  Follow({Of("ana", ROLE_SUPERVISOR), all_[1], all_[2]});
  EXPECT_EQ(Get("ana").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
  Promise(absl::Hours(1));
  EXPECT_EQ(Get("ana").profile().kind(), v1::PERSON_KIND_SUPERVISOR) << "a commit of before says nothing about now";
}

TEST_F(Credentials, ThatAreRevokedOrRemovedOrGiveNoRoleDeactivateAtOnce) {
  Follow(all_);
  Follow({Of("ana", ROLE_REP, /*disabled=*/true), all_[1], all_[2]});
  EXPECT_EQ(View().owner(), "sue");
  EXPECT_EQ(WhyGone("ana"), "the person's last credential was revoked");
  Follow({Of("ana", ROLE_REP, true), Of("ana", ROLE_REP), all_[1], all_[2]});
  EXPECT_FALSE(IsActive("ana")) << "a new credential brings nobody back: a supervisor does";
  Follow({Of("ben", ROLE_READER), Of("ana", ROLE_REP), all_[2]});
  EXPECT_EQ(WhyGone("ben"), "the person's credential is no rep's or supervisor's");
  Follow({Of("ana", ROLE_REP)});
  EXPECT_EQ(WhyGone("sue"), "the person has no credential any more");
  ExpectRebuildIsTheSame();
}

// A JWT's issuer does not say whom it knows.
TEST_F(Credentials, OfAnotherIssuerAreNotMissed) {
  complete_ = false;
  Follow(all_);
  Follow({all_[0], all_[2], Of("jay", ROLE_REP)});
  EXPECT_FALSE(IsActive("ben")) << "their credential ended before our eyes";
  ASSERT_TRUE(IsActive("jay")) << "known by their first call";
  CredentialFollower after_a_restart;
  for (int look = 0; look < 2; ++look) {
    after_a_restart.Follow(node_.streams(), {{all_[0], all_[2], Of("ben", ROLE_REP, /*disabled=*/true)}, false});
    world_.Run();
    world_.Pass(2 * CredentialFollower::kPatience);
  }
  EXPECT_TRUE(IsActive("jay"));
  Follow({all_[0], all_[2], Of("jay", ROLE_SUPERVISOR)});
  EXPECT_EQ(Get("jay").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
}

TEST_F(Credentials, WhoseEndWasSeenOnceBringNobodyDownTwiceIfThereIsAnotherIssuer) {
  complete_ = false;
  Follow(all_);
  Follow({Of("ana", ROLE_REP, /*disabled=*/true), all_[1], all_[2]});
  ASSERT_FALSE(IsActive("ana"));
  ASSERT_TRUE((Do<v1::ReactivatePersonResponse, v1::ReactivatePersonRequest>("ReactivatePerson", R"pb(person: "ana"
                                                                                                      reason: "r")pb")
                   .ok()));
  Follow({Of("ana", ROLE_REP, /*disabled=*/true), all_[1], all_[2]});
  EXPECT_TRUE(IsActive("ana")) << "she logs in at the other issuer now";
}

TEST_F(Credentials, WhoIsReactivatedWithoutOneIsDeactivatedAgain) {
  Follow(all_);
  Follow({all_[1], all_[2]});
  ASSERT_FALSE(IsActive("ana"));
  ASSERT_TRUE((Do<v1::ReactivatePersonResponse, v1::ReactivatePersonRequest>("ReactivatePerson", R"pb(person: "ana"
                                                                                                      reason: "r")pb")
                   .ok()));
  EXPECT_TRUE(IsActive("ana"));
  Follow({all_[1], all_[2]});
  EXPECT_FALSE(IsActive("ana"));
}

// Another replica may have the file's newer version.
TEST_F(Credentials, ThatWereNeverSeenCountAsGoneOnlyAfterAWhile) {
  Follow({all_[0], all_[2]});
  EXPECT_TRUE(IsActive("ben"));
  world_.Pass(CredentialFollower::kPatience - absl::Seconds(1));
  Follow({all_[0], all_[2]});
  EXPECT_TRUE(IsActive("ben"));
  world_.Pass(absl::Seconds(1));
  Follow({all_[0], all_[2]});
  EXPECT_FALSE(IsActive("ben"));
}

TEST_F(Credentials, DeactivateWhoWasKnownBeforePersonsHadAStream) {
  world_.Write(Topic::kOwnership, "availability/ghost",
               FromText<v1::AvailabilityEvent>(R"pb(set { person: "ghost" kind: PERSON_KIND_REP available: true })pb"));
  ASSERT_TRUE(IsActive("ghost"));
  Follow(all_);
  world_.Pass(CredentialFollower::kPatience);
  Follow(all_);
  Follow(all_);
  EXPECT_FALSE(IsActive("ghost"));
}

TEST_F(Credentials, OfTheLastSupervisorLeaveWhatTheyOweUntilThereIsAnother) {
  Follow(all_);
  ASSERT_TRUE((Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>("ReassignCase", R"pb(case_id: "c1"
                                                                                          reason: "r"
                                                                                          to: "sue")pb")
                   .ok()));
  Follow({all_[0], all_[1]});
  EXPECT_FALSE(IsActive("sue")) << "is given nothing new";
  EXPECT_EQ(View().owner(), "sue");
  Follow({all_[0], all_[1], Of("tom", ROLE_SUPERVISOR)});
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(View().owner(), "tom");
}

}  // namespace
}  // namespace throughline::ownership
