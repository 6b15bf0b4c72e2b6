#include "services/ownership/domain/availability.h"

#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using Set = v1::SetAvailabilityRequest;

constexpr char kAnaIsHere[] =
    R"pb(set { person: "ana" kind: PERSON_KIND_REP available: true team: "north" by: "ana" })pb";

TEST(Availability, ARepSetsTheirOwnAndTheirRoleGivesTheKind) {
  Given<Availability>().When<Set>(R"pb(available: true team: "north")pb", Ana()).Then({kAnaIsHere});
}

TEST(Availability, SettingItAgainChangesNothing) {
  Given<Availability>({kAnaIsHere}).When<Set>(R"pb(available: true team: "north")pb", Ana()).Then({});
  Given<Availability>({kAnaIsHere}).When<Set>(R"pb(team: "north")pb", Ana()).Then({R"pb(set {
                                                                                          person: "ana"
                                                                                          kind: PERSON_KIND_REP
                                                                                          team: "north"
                                                                                          by: "ana"
                                                                                        })pb"});
}

TEST(Availability, OnlyASupervisorSetsAnotherPersons) {
  Given<Availability>()
      .When<Set>(R"pb(person: "ben")pb", Ana())
      .ThenRefused(absl::StatusCode::kPermissionDenied, "ben");
  Given<Availability>().When<Set>(R"pb(person: "ben" available: true)pb", Sue()).Then({R"pb(set {
                                                                                              person: "ben"
                                                                                              kind: PERSON_KIND_REP
                                                                                              available: true
                                                                                              by: "sue"
                                                                                            })pb"});
}

TEST(Availability, OnlyASupervisorSetsThemselvesAsSupervisorOrOnDuty) {
  Given<Availability>().When<Set>(R"pb(on_duty: true)pb", Sue()).Then({R"pb(set {
                                                                              person: "sue"
                                                                              kind: PERSON_KIND_SUPERVISOR
                                                                              on_duty: true
                                                                              by: "sue"
                                                                            })pb"});
  Given<Availability>()
      .When<Set>("kind: PERSON_KIND_SUPERVISOR", Ana())
      .ThenRefused(absl::StatusCode::kPermissionDenied);
  Given<Availability>().When<Set>("on_duty: true", Ana()).ThenRefused(absl::StatusCode::kInvalidArgument, "on_duty");
}

TEST(Availability, ACallerWhoIsNeitherRepNorSupervisorMustSetTheKind) {
  Given<Availability>()
      .When<Set>("", By("root", common::v1::ROLE_ADMIN))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "kind");
}

}  // namespace
}  // namespace throughline::ownership
