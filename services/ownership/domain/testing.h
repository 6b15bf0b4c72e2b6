#pragma once

// Shorthands for the tests of ownership's rules.

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership::testing {

using namespace runtime::testing;  // NOLINT: tests read better
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;

inline constexpr char kOpening[] = R"pb(
  case_id: "c1"
  owner: "ana"
  customer_id: "kim"
  subject: "no heat"
  opened_at { seconds: 1772300000 })pb";
inline const std::string kStarted = std::string("started {") + kOpening + "}";

// A request about a case, as text.
template <typename Request>
OnCase<Request> On(const std::string& request) {
  return {FromText<Request>(request), FromText<v1::OwnershipStarted>(kOpening)};
}

// A timestamp, `seconds` after noon, as text.
inline std::string At(int64_t seconds) {
  return "{ seconds: " + std::to_string(absl::ToUnixSeconds(Noon()) + seconds) + " }";
}
// The opening's next update, withdrawn because the case was closed, as text; the one that `who` makes then, a day
// later.
inline std::string UpdateEnds(const std::string& who, const std::string& reason = "the case was closed") {
  return "commitment_settled { commitment_id: \"c1\" kind: COMMITMENT_KIND_NEXT_UPDATE outcome: "
         "COMMITMENT_OUTCOME_WITHDRAWN owed_by: \"ana\" due { seconds: 1772386400 } by: \"" +
         who + "\" evidence: \"" + reason + "\" }";
}
inline std::string UpdateMade(const runtime::Caller& who, int64_t due = 86400, const std::string& replaces = "") {
  return "commitment_made { by: \"" + who.id + "\" replaces: \"" + replaces + "\" commitment { commitment_id: \"" +
         runtime::DerivedId(who, "next-update") +
         "\" kind: COMMITMENT_KIND_NEXT_UPDATE owed_to: \"kim\" text: \"Tell the customer how it stands.\" due " +
         At(due) + "} }";
}
inline runtime::Caller Ana(int64_t seconds = 0) { return By("ana", ROLE_REP, "", Noon() + absl::Seconds(seconds)); }
inline runtime::Caller Ben(int64_t seconds = 0) { return By("ben", ROLE_REP, "", Noon() + absl::Seconds(seconds)); }
inline runtime::Caller Sue(int64_t seconds = 0) {
  return By("sue", ROLE_SUPERVISOR, "", Noon() + absl::Seconds(seconds));
}

}  // namespace throughline::ownership::testing
