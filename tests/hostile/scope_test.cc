// Who may read what: one table over every read of the contract. A new read fails the test until it says here what a rep
// of another team sees of it, and whether a partner may call it.

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/client/services.h"
#include "libs/identity/tokens.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/world.h"
#include "tests/support/eventually.h"
#include "throughline/common/v1/access.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

enum class OtherTeam {
  kRefused,   // NOT_YOUR_TEAM
  kLeftOut,   // the answer has nothing of the team's
  kOwnOnly,   // NOT_YOUR_WORKLIST, whatever the team
  kNoRep,     // WRONG_ROLE, whatever the team
  kNothingOf  // it shows no case and no order: persons, components, notices, shipments, what carriers sent, and what
              // customers suggested, which any department may have to answer
};
// Nothing in these answers names the case: ben owes nothing, and options are what may be granted.
bool NamesNoCase(const std::string& read) { return read == "ListCommitments" || read == "GetCaseOptions"; }

enum class Partner { kRefused, kEverybody, kOwnOnly };

struct Rule {
  OtherTeam rep;  // with `reps-read = team`
  Partner partner = Partner::kRefused;
};

const std::map<std::string, Rule> kReads = {
    {"CheckComponent", {OtherTeam::kNothingOf, Partner::kEverybody}},
    {"CheckMessage", {OtherTeam::kNothingOf}},
    {"GetCase", {OtherTeam::kRefused}},
    {"GetCaseHistory", {OtherTeam::kRefused}},
    {"GetCaseOptions", {OtherTeam::kRefused}},
    {"GetCustomer", {OtherTeam::kLeftOut}},
    {"GetImprovement", {OtherTeam::kNothingOf}},
    {"GetNotice", {OtherTeam::kNothingOf}},
    {"GetOwnership", {OtherTeam::kRefused}},
    {"GetNoticeFeed", {OtherTeam::kNothingOf}},
    {"GetOrderPage", {OtherTeam::kNoRep}},
    {"GetPerson", {OtherTeam::kNothingOf}},
    {"GetReport", {OtherTeam::kNoRep}},
    {"GetScorecards", {OtherTeam::kNothingOf}},
    {"GetShipment", {OtherTeam::kNothingOf, Partner::kOwnOnly}},
    {"GetStatusPage", {OtherTeam::kNothingOf}},
    {"GetSuggestion", {OtherTeam::kNothingOf}},
    {"ListCases", {OtherTeam::kLeftOut}},
    {"ListCommitments", {OtherTeam::kLeftOut}},
    {"ListImprovements", {OtherTeam::kNothingOf}},
    {"ListLanes", {OtherTeam::kNothingOf}},
    {"ListMappedCodes", {OtherTeam::kNothingOf}},
    {"ListDeadLetters", {OtherTeam::kNoRep}},
    {"ListNotices", {OtherTeam::kNothingOf}},
    {"ListOrders", {OtherTeam::kLeftOut}},
    {"ListPersons", {OtherTeam::kNothingOf}},
    {"ListQuarantine", {OtherTeam::kNothingOf}},
    {"ListQuarantinedMessages", {OtherTeam::kNothingOf}},
    {"ListRemediesToPay", {OtherTeam::kNoRep}},
    {"ListSubscribers", {OtherTeam::kNoRep}},
    {"ListSuggestions", {OtherTeam::kNothingOf}},
    {"ListSuspicions", {OtherTeam::kNothingOf}},
    {"ListVendorDocuments", {OtherTeam::kNothingOf}},
    {"ListWorklist", {OtherTeam::kOwnOnly}},
    {"SearchCases", {OtherTeam::kLeftOut}},
    {"TraceOrder", {OtherTeam::kRefused}},
    {"WatchCase", {OtherTeam::kRefused}},
    {"WatchNotices", {OtherTeam::kNothingOf}},
    {"WatchOrder", {OtherTeam::kRefused}},
    {"WatchWorklist", {OtherTeam::kOwnOnly}},
};

bool IsRead(const google::protobuf::MethodDescriptor& method) {
  return method.options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

class Scope : public ::testing::Test {
 protected:
  static World& Teams() {
    static World* const world = [] {
      auto* made = new World({"--reps-read", "team"});
      const auto token = identity::CreateToken(identity::TokensPath(made->suite().data()),
                                               {"eve", {common::v1::ROLE_REP}, "", "elsewhere"}, absl::Now());
      eve_ = "Bearer " + token.value_or("");
      ownership::v1::GetPersonRequest request;
      request.set_person("eve");
      EXPECT_TRUE(Eventually([&] { return made->as("sam").Call<ownership::v1::GetPersonResponse>(request).ok(); }));
      // The index of the search follows the rows.
      EXPECT_TRUE(Eventually(
          [&] { return ShowsTheTeams(*made, Read(*made, made->sample("SearchCases"), made->authorization("sam"))); }));
      return made;
    }();
    return *world;
  }
  static void TearDownTestSuite() { Teams().ExpectCleanEnd(); }

  static RawAnswer Read(World& world, const Sample& sample, const std::string& authorization) {
    return world.raw().Call({.path = sample.path,
                             .messages = {sample.request->SerializeAsString()},
                             .authorization = authorization,
                             .timeout = absl::Seconds(10),
                             .one_answer = sample.method->server_streaming()});
  }
  static RawAnswer Read(const Sample& sample, const std::string& authorization) {
    return Read(Teams(), sample, authorization);
  }
  static bool ShowsTheTeams(const World& world, const RawAnswer& answer) {
    for (const std::string& bytes : answer.messages) {
      for (const std::string& id : {world.names().case_id, world.names().other_case_id, std::string("SO-1")}) {
        if (bytes.find(id) != std::string::npos) return true;
      }
    }
    return false;
  }

  static bool ShowsTheTeams(const RawAnswer& answer) { return ShowsTheTeams(Teams(), answer); }

  static std::string eve_;
};
std::string Scope::eve_;

TEST_F(Scope, EveryReadIsInTheTable) {
  std::set<std::string> reads;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (!IsRead(method)) continue;
      reads.insert(method.name());
      ASSERT_TRUE(kReads.contains(method.name())) << method.full_name() << ": say in kReads who sees what of it";
      const auto& roles = method.options().GetExtension(common::v1::access).roles();
      const bool partner = std::find(roles.begin(), roles.end(), common::v1::ROLE_PARTNER) != roles.end();
      EXPECT_EQ(partner, kReads.at(method.name()).partner != Partner::kRefused) << method.full_name();
    }
  }
  EXPECT_EQ(reads.size(), kReads.size());
}

TEST_F(Scope, ARepOfAnotherTeamSeesNothingOfIt) {
  World& world = Teams();
  for (const auto& [name, rule] : kReads) {
    const RawAnswer others = Read(world.sample(name), eve_);
    const RawAnswer own = Read(world.sample(name), world.authorization("ben"));
    const std::string reason = runtime::ReasonOf(others.status).value_or("");
    switch (rule.rep) {
      case OtherTeam::kRefused:
        EXPECT_EQ(reason, "NOT_YOUR_TEAM") << name << others.status;
        EXPECT_TRUE(own.status.ok()) << name << own.status;
        EXPECT_TRUE(ShowsTheTeams(own) || NamesNoCase(name)) << name;
        break;
      case OtherTeam::kLeftOut:
        EXPECT_TRUE(others.status.ok()) << name << others.status;
        EXPECT_FALSE(ShowsTheTeams(others)) << name;
        EXPECT_TRUE(own.status.ok()) << name << own.status;
        EXPECT_TRUE(ShowsTheTeams(own) || NamesNoCase(name)) << name;
        break;
      case OtherTeam::kOwnOnly:
        EXPECT_EQ(reason, "NOT_YOUR_WORKLIST") << name << others.status;
        break;
      case OtherTeam::kNoRep:
        EXPECT_EQ(reason, "WRONG_ROLE") << name << others.status;
        break;
      case OtherTeam::kNothingOf:
        EXPECT_EQ(others.status, own.status) << name;
        break;
    }
    EXPECT_TRUE(others.status.ok() || others.messages.empty()) << name;
    if (rule.rep == OtherTeam::kRefused || rule.rep == OtherTeam::kLeftOut) {
      EXPECT_TRUE(ShowsTheTeams(Read(world.sample(name), world.authorization("sam"))) || NamesNoCase(name))
          << name << ": a supervisor sees all";
    }
  }
}

TEST_F(Scope, APartnerSeesItsOwnOnly) {
  World& world = Teams();
  supplier::v1::GetShipmentRequest own;
  own.set_shipment("shipment/ups/1Z999AA10123456784/1");
  for (const auto& [name, rule] : kReads) {
    for (const char* partner : {"ups", "usps", "acme"}) {
      const Sample& sample = world.sample(name);
      const RawAnswer answer =
          world.raw().Call({.path = sample.path,
                            .messages = {rule.partner == Partner::kOwnOnly ? own.SerializeAsString()
                                                                           : sample.request->SerializeAsString()},
                            .authorization = world.authorization(partner),
                            .one_answer = sample.method->server_streaming()});
      const std::string reason = runtime::ReasonOf(answer.status).value_or("");
      const std::string expected = rule.partner == Partner::kRefused ? "WRONG_ROLE"
                                   : rule.partner == Partner::kOwnOnly && partner != std::string("ups")
                                       ? "NOT_YOUR_PARTY"
                                       : "";
      EXPECT_EQ(reason, expected) << name << " as " << partner << answer.status;
    }
  }
}

}  // namespace
}  // namespace throughline::hostile
