#include "services/supplier-tracking/domain/delivery/order_delivery.h"

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

constexpr char kLamp[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772300000 }
  promised_time { seconds: 1772900000 } lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" } })";
constexpr char kParcel[] = R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z"
  epoch: 1 leg: 1 last_leg: true line_ids: "1" })";
// At 1772323200, which is 2026-03-01 00:00 UTC.
std::string Seen(const std::string& state, int version, const std::string& more = "") {
  return absl::StrCat("shipment: \"shipment/ups/1Z/1\" shipment_version: ", version, " state: TRACKING_STATE_", state,
                      " state_since { seconds: 1772323200 } ", more);
}
std::string SeenEvent(const std::string& text) { return absl::StrCat("shipment_observed { ", text, " }"); }
constexpr char kArrived[] =
    R"(shipment_delivered { shipment: "shipment/ups/1Z/1" at { seconds: 1772323200 } last_leg: true })";
constexpr char kAllArrived[] =
    R"(completed { delivered_at { seconds: 1772323200 } in_time: true in_first_time: true })";
constexpr char kProofAwaited[] = R"(proof_awaited { shipment: "shipment/ups/1Z/1" since { seconds: 1772323200 }
                                    due { seconds: 1772409600 } })";
constexpr char kUnproven[] = R"(concern_raised { owner: "ana" customer_id: "c1" concern {
  kind: CONCERN_KIND_PROOF_MISSING about: "shipment/ups/1Z/1" state: TRACKING_STATE_DELIVERED
  since { seconds: 1772323200 } key: "1772323200000000"
  text: "ups 1Z was delivered on 2026-03-01 00:00 UTC, says the carrier, without the proof that it gives otherwise" } })";
constexpr char kProof[] = R"(proof { received_by: "J DOE" signature: true })";

runtime::Caller Ana(int64_t seconds, const std::string& command = "c") {
  runtime::Caller caller = By("ana", common::v1::ROLE_REP);
  caller.time = absl::FromUnixSeconds(seconds);
  caller.command_id = command;
  return caller;
}
ObserveShipment Watching(const std::string& text, bool gives_proof = true) {
  ObserveShipment command{FromText<v1::ShipmentObserved>(text)};
  if (gives_proof) command.proof_within = absl::Hours(24);
  return command;
}
PassProofDue ProofDue(int64_t due) {
  PassProofDue passed;
  passed.request.set_shipment("shipment/ups/1Z/1");
  passed.request.mutable_due()->set_seconds(due);
  return passed;
}
v1::DisputeDeliveryRequest Disputing(const std::string& text) {
  return FromText<v1::DisputeDeliveryRequest>(absl::StrCat("order_id: \"SO-1\" ", text));
}
v1::VerifyDeliveryRequest Verifying(const std::string& text) {
  return FromText<v1::VerifyDeliveryRequest>(absl::StrCat("order_id: \"SO-1\" text: \"", text, "\""));
}
std::string DisputeRaised(const std::string& command) {
  return absl::StrCat(R"(concern_raised { owner: "ana" customer_id: "c1" concern {
    kind: CONCERN_KIND_DELIVERY_DISPUTED about: "shipment/ups/1Z/1" state: TRACKING_STATE_DELIVERED
    since { seconds: 1772323200 } key: "1772323200000000/)",
                      command, R"("
    text: "the customer does not have ups 1Z, which was delivered on 2026-03-01 00:00 UTC, says the carrier" } })");
}
std::string Gone(const std::string& kind, const std::string& evidence) {
  return absl::StrCat("concern_cleared { kind: CONCERN_KIND_", kind, " about: \"shipment/ups/1Z/1\" evidence: \"",
                      evidence, "\" }");
}
const std::vector<std::string> kDelivered = {kLamp, kParcel, SeenEvent(Seen("DELIVERED", 2)), kArrived, kAllArrived};
Given<Order> Delivered(const std::vector<std::string>& more = {}) {
  std::vector<std::string> all = kDelivered;
  all.insert(all.end(), more.begin(), more.end());
  return Given<Order>(all);
}

TEST(OrderDelivery, ADeliveryWithoutTheProofThatTheCarrierGivesAwaitsIt) {
  const Given<Order> sent({kLamp, kParcel});
  sent.When(Watching(Seen("DELIVERED", 2)), Ana(1772323300))
      .Then({SeenEvent(Seen("DELIVERED", 2)), kArrived, kAllArrived, kProofAwaited});
  sent.When(Watching(Seen("DELIVERED", 2, kProof)), Ana(1772323300))
      .Then({SeenEvent(Seen("DELIVERED", 2, kProof)), kArrived, kAllArrived});
  sent.When(Watching(Seen("DELIVERED", 2), false), Ana(1772323300))
      .Then({SeenEvent(Seen("DELIVERED", 2)), kArrived, kAllArrived});
}

TEST(OrderDelivery, AProofThatDoesNotComeInTimeIsRaisedOnce) {
  Delivered({kProofAwaited}).When(ProofDue(1772409600), Ana(1772409600)).Then({kUnproven});
  Delivered({kProofAwaited}).When(ProofDue(1772409600), Ana(1772409599)).Then({});
  Delivered({kProofAwaited, kUnproven}).When(ProofDue(1772409600), Ana(1772409600)).Then({});
  Delivered().When(ProofDue(1772409600), Ana(1772409600)).Then({});
}

TEST(OrderDelivery, AProofThatComesEndsIt) {
  const std::string proven = Seen("DELIVERED", 3, kProof);
  Delivered({kProofAwaited})
      .When(Watching(proven), Ana(1772330000))
      .Then({SeenEvent(proven)})
      .AndState([](const v1::OrderState& state) { EXPECT_FALSE(state.shipments(0).delivery().has_proof_due()); });
  Delivered({kProofAwaited, kUnproven})
      .When(Watching(proven), Ana(1772430000))
      .Then({SeenEvent(proven), Gone("PROOF_MISSING", "the carrier has given its proof, received by J DOE")});
  Delivered({SeenEvent(proven)}).When(Watching(Seen("DELIVERED", 4, kProof)), Ana(1772430000)).Then({});
}

TEST(OrderDelivery, WhatTheCustomerDoesNotHaveIsDisputedOnce) {
  const std::string disputed = R"(delivery_disputed { shipment: "shipment/ups/1Z/1" text: "Nothing came" by: "ana" })";
  Delivered().When(Disputing(R"(text: "Nothing came")"), Ana(1772330000, "one")).Then({disputed, DisputeRaised("one")});
  Delivered({disputed, DisputeRaised("one")})
      .When(Disputing(R"(text: "Still nothing")"), Ana(1772330000, "two"))
      .Then({});
}

TEST(OrderDelivery, VerifyingEndsTheDoubtsAndStandsApartFromTheCarriersClaim) {
  const std::string disputed = R"(delivery_disputed { shipment: "shipment/ups/1Z/1" text: "Nothing came" by: "ana" })";
  const std::string verified = R"(delivery_verified { shipment: "shipment/ups/1Z/1"
                                  check { by: "ana" at { seconds: 1772340000 } text: "the neighbour has it" } })";
  Delivered({kProofAwaited, kUnproven, disputed, DisputeRaised("one")})
      .When(Verifying("the neighbour has it"), Ana(1772340000))
      .Then({verified, Gone("PROOF_MISSING", "verified by ana"), Gone("DELIVERY_DISPUTED", "verified by ana")})
      .AndState([](const v1::OrderState& state) {
        const v1::DeliveryRecord& delivery = state.shipments(0).delivery();
        EXPECT_FALSE(delivery.disputed());
        EXPECT_FALSE(delivery.has_proof());
        EXPECT_EQ(delivery.check().text(), "the neighbour has it");
      });
  // It can be disputed again, and is raised again.
  Delivered({disputed, DisputeRaised("one"), verified, Gone("DELIVERY_DISPUTED", "verified by ana")})
      .When(Disputing(R"(text: "Nothing came")"), Ana(1772350000, "two"))
      .Then({disputed, DisputeRaised("two")});
}

TEST(OrderDelivery, ADeliveryThatTheCarrierTakesBackIsNoLongerInDoubt) {
  const std::string disputed = R"(delivery_disputed { shipment: "shipment/ups/1Z/1" text: "Nothing came" by: "ana" })";
  Delivered({disputed, DisputeRaised("one")})
      .When(Watching(Seen("ATTEMPTED", 3)), Ana(1772340000))
      .Then({SeenEvent(Seen("ATTEMPTED", 3)),
             R"(shipment_delivery_corrected { shipment: "shipment/ups/1Z/1" state: TRACKING_STATE_ATTEMPTED
                                              completion_withdrawn: true })",
             Gone("DELIVERY_DISPUTED", "the carrier takes the delivery back")});
}

TEST(OrderDelivery, RefusesWhatIsNotDeliveredOrNotNamed) {
  Given<Order>({kLamp, kParcel})
      .When(Disputing(R"(text: "Nothing came")"), Ana(1772330000))
      .ThenRefused(absl::StatusCode::kFailedPrecondition);
  Delivered().When(Disputing(""), Ana(1772330000)).ThenRefused(absl::StatusCode::kInvalidArgument, "text");
  Delivered()
      .When(Disputing(R"(shipment: "shipment/ups/1Y/1" text: "Nothing came")"), Ana(1772330000))
      .ThenRefused(absl::StatusCode::kFailedPrecondition);
  Given<Order>().When(Verifying("it is there"), Ana(1772330000)).ThenRefused(absl::StatusCode::kNotFound, "SO-1");
  const std::string other = R"(shipment_added { shipment: "shipment/ups/1Y/1" carrier: "ups" tracking_number: "1Y"
                               epoch: 1 leg: 1 last_leg: true line_ids: "1" })";
  const std::string both =
      R"(shipment_delivered { shipment: "shipment/ups/1Y/1" at { seconds: 1772323300 } last_leg: true })";
  Given<Order>({kLamp, kParcel, other, kArrived, both})
      .When(Verifying("it is there"), Ana(1772330000))
      .ThenRefused(absl::StatusCode::kInvalidArgument, "several");
}

}  // namespace
}  // namespace throughline::supplier
