#pragma once

// The fixture of the tests of persons: what they and their supervisors ask of the service.

#include "services/ownership/people/people.h"
#include "services/ownership/testing.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/person.pb.h"

namespace throughline::ownership {

class People : public OwnershipService {
 protected:
  template <typename Response, typename Request>
  absl::Status Do(const std::string& method, const std::string& request, const std::string& who = "sue",
                  runtime::Role role = ROLE_SUPERVISOR) {
    return Give<Response>(method, FromText<Request>(request), who, role).status();
  }
  absl::Status Change(const std::string& request) {
    return Do<v1::ChangePersonResponse, v1::ChangePersonRequest>("ChangePerson", request);
  }
  absl::Status Deactivate(const std::string& person) {
    return Do<v1::DeactivatePersonResponse, v1::DeactivatePersonRequest>("DeactivatePerson",
                                                                         "person: \"" + person + "\" reason: \"left\"");
  }
  v1::PersonView Get(const std::string& person) {
    auto found = Give<v1::GetPersonResponse>("GetPerson", FromText<v1::GetPersonRequest>("person: \"" + person + "\""));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(v1::GetPersonResponse()).person();
  }
  std::string AboveOf(const std::string& person, const std::string& last_resort = "") {
    return Above(node_.store(), person, world_.clock.Now(), last_resort).value_or("nobody");
  }
  // The person becomes known, by their first call. `state`: fields of SetAvailabilityRequest.
  void Meet(const std::string& person, runtime::Role role, const std::string& state = "") {
    const auto met =
        Give<v1::SetAvailabilityResponse>("SetAvailability", FromText<v1::SetAvailabilityRequest>(state), person, role);
    EXPECT_TRUE(met.ok()) << met.status();
  }
  std::string Offer(const std::string& to) {
    auto request = FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1" reason: "r")pb");
    request.set_to(to);
    auto offered = Give<v1::OfferHandoffResponse>("OfferHandoff", request);
    EXPECT_TRUE(offered.ok()) << offered.status();
    return offered.ok() ? offered->handoff_id() : "";
  }
  void Absent(const std::string& person, absl::Duration until) {
    auto request = FromText<v1::PlanAbsenceRequest>("person: \"" + person + "\"");
    *request.mutable_until() = runtime::ToProto(world_.clock.Now() + until);
    auto planned = Give<v1::PlanAbsenceResponse>("PlanAbsence", request, "sue", ROLE_SUPERVISOR);
    ASSERT_TRUE(planned.ok()) << planned.status();
  }
};

}  // namespace throughline::ownership
