#pragma once

// Shorthands for the tests of remedies: what is asked, granted and offered in case c1, as text.

#include "services/ownership/domain/testing.h"

namespace throughline::ownership::testing {

inline std::string Euro(int64_t minor_units) {
  return "{ currency: \"EUR\" minor_units: " + std::to_string(minor_units) + " }";
}
inline std::string ReservationText(const std::string& id, const std::string& person) {
  return "{ reservation_id: \"" + id + "\" person: \"" + person + "\" person_key: \"person/" + person +
         "/p\" customer_key: \"customer/kim/p\" }";
}
inline std::string LimitsText(int64_t per_case = 50'00) {
  return "{ per_case " + Euro(per_case) + " per_period " + Euro(1'000'00) + " per_customer " + Euro(1'000'00) +
         " period: \"p\" }";
}

// An order as a handler or the reactor gives it. `rest`: further fields.
inline PlaceRemedy<v1::RemedyOrder> Order(v1::RemedyStep step, const std::string& remedy_id,
                                          const std::string& reservation_id, int64_t amount, const std::string& by,
                                          bool supervisor, int64_t per_case = 50'00) {
  auto order = FromText<v1::RemedyOrder>(
      "case_id: \"c1\" kind: REMEDY_KIND_REFUND reason: \"our price was wrong\" customer_id: \"kim\" remedy_id: \"" +
      remedy_id + "\" amount " + Euro(amount) + " by: \"" + by + "\" reservation " +
      ReservationText(reservation_id, by) + " limits " + LimitsText(per_case));
  order.set_step(step);
  order.set_by_supervisor(supervisor);
  *order.mutable_answer_due() = FromText<google::protobuf::Timestamp>(At(600).substr(1, At(600).size() - 2));
  return {order, order, FromText<v1::OwnershipStarted>(kOpening)};
}
inline PlaceRemedy<v1::RemedyOrder> GrantBy(const std::string& who, const std::string& id, int64_t amount,
                                            int64_t per_case = 50'00) {
  return Order(v1::REMEDY_STEP_GRANT, "r" + id, "v" + id, amount, who, who == "sue" || who == "tom", per_case);
}
inline PlaceRemedy<v1::RemedyOrder> ApproveBy(const std::string& who, const std::string& id, int64_t amount,
                                              int64_t per_case = 500'00) {
  return Order(v1::REMEDY_STEP_APPROVE, "r" + id, "v" + id + who, amount, who, true, per_case);
}
inline PlaceRemedy<v1::RemedyOrder> CounterBy(const std::string& who, const std::string& id, int64_t amount) {
  auto counter = Order(v1::REMEDY_STEP_COUNTER, "r" + id, "v" + id + who, amount, who, true, 500'00);
  counter.order.set_kind(v1::REMEDY_KIND_CREDIT);
  return counter;
}

inline std::string GrantedText(const std::string& id, int64_t amount, const std::string& who = "ana") {
  return "remedy_granted { remedy_id: \"r" + id + "\" kind: REMEDY_KIND_REFUND amount " + Euro(amount) +
         " reason: \"our price was wrong\" granted_by: \"" + who + "\" at " + At(0) +
         " customer_id: \"kim\" reservation " + ReservationText("v" + id, who) + " limits " + LimitsText() +
         " payment_id: \"r" + id + "\" }";
}
inline const std::string kRemedyRequested = "remedy_requested { remedy_id: \"r1\" kind: REMEDY_KIND_REFUND amount " +
                                            Euro(80'00) + " reason: \"our price was wrong\" by: \"ana\" at " + At(0) +
                                            " customer_id: \"kim\" approver: \"sue\" commitment_id: \"a1\" }";
inline std::string ApprovalMade(const std::string& id = "a1", const std::string& owed_by = "sue", int64_t due = 3600,
                                const std::string& by = "ana", const std::string& replaces = "") {
  return "commitment_made { by: \"" + by + "\" replaces: \"" + replaces + "\" commitment { commitment_id: \"" + id +
         "\" kind: COMMITMENT_KIND_APPROVAL owed_by: \"" + owed_by +
         "\" owed_to: \"ana\" text: \"Decide about a refund of 80.00 EUR: our price was wrong\" due " + At(due) +
         " remedy_id: \"r1\" } }";
}
inline std::string ApprovalEnds(const std::string& outcome, const std::string& evidence, const std::string& by,
                                const std::string& id = "a1", const std::string& owed_by = "sue", int64_t due = 3600) {
  return "commitment_settled { commitment_id: \"" + id +
         "\" kind: COMMITMENT_KIND_APPROVAL outcome: COMMITMENT_OUTCOME_" + outcome + " by: \"" + by +
         "\" evidence: \"" + evidence + "\" due " + At(due) + " owed_by: \"" + owed_by + "\" }";
}
inline const std::vector<std::string> kRemedyAsked = {kStarted, kRemedyRequested, ApprovalMade()};
inline const std::string kOfferMade =
    "commitment_made { by: \"sue\" commitment { commitment_id: \"v1sue\" kind: COMMITMENT_KIND_COUNTER_OFFER_ANSWER "
    "owed_to: \"sue\" text: \"Ask the customer whether they take a credit of 60.00 EUR.\" due " +
    At(600) + " remedy_id: \"r1\" } }";
inline const std::string kCountered = "remedy_countered { remedy_id: \"r1\" offer { kind: REMEDY_KIND_CREDIT amount " +
                                      Euro(60'00) + " by: \"sue\" reason: \"our price was wrong\" reservation " +
                                      ReservationText("v1sue", "sue") + " limits " + LimitsText(500'00) +
                                      " commitment_id: \"v1sue\" } at " + At(0) + " requested_at " + At(0) + " }";

inline runtime::Caller Tom(int64_t seconds = 0) {
  return By("tom", ROLE_SUPERVISOR, "", Noon() + absl::Seconds(seconds));
}
inline runtime::Caller Bank(int64_t seconds = 0) {
  return By("bank", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}
inline runtime::Caller Ours(int64_t seconds = 0) {
  return By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}
inline std::vector<std::string> Plus(std::vector<std::string> events, const std::vector<std::string>& more) {
  events.insert(events.end(), more.begin(), more.end());
  return events;
}

}  // namespace throughline::ownership::testing
