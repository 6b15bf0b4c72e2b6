// Whether what a carrier calls delivered has arrived: proof, disputes, and what we found out.

#include <gmock/gmock.h>

#include "libs/service/testing.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config WithProofOfUps() {
  Config config;
  config.proof_carriers = "dhl, ups";
  config.proof_awaited_for = absl::Hours(12);
  return config;
}

class Deliveries : public ::testing::Test {
 protected:
  Deliveries() {
    EXPECT_TRUE(service_.Place("SO-1", kOrder).ok());
    EXPECT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  }
  int64_t Now() const { return absl::ToUnixSeconds(service_.now()); }
  v1::PushResult Deliver(const std::string& proof = "") {
    if (delivered_ == 0) delivered_ = Now();
    return *service_.Push(absl::StrCat(Scan("ups", "1Z", "DELIVERED", delivered_), " ", proof));
  }
  absl::Status Dispute(const std::string& text) {
    v1::DisputeDeliveryRequest request;
    request.set_order_id("SO-1");
    request.set_text(text);
    return service_.Give<Order>("SO-1", request, service_.By("ana", common::v1::ROLE_REP)).status();
  }
  absl::Status Verify(const std::string& text) {
    v1::VerifyDeliveryRequest request;
    request.set_order_id("SO-1");
    request.set_text(text);
    return service_.Give<Order>("SO-1", request, service_.By("ana", common::v1::ROLE_REP)).status();
  }
  std::vector<std::string> Kinds() {
    std::vector<std::string> kinds;
    const v1::OrderView order = service_.View("SO-1");
    for (const v1::OrderConcern& concern : order.concerns()) kinds.push_back(v1::ConcernKind_Name(concern.kind()));
    return kinds;
  }

  ServiceUnderTest service_{WithProofOfUps()};
  int64_t delivered_ = 0;
};
constexpr char kSigned[] = R"(proof { received_by: "J DOE" place: "front door" signature: true })";

TEST_F(Deliveries, ACarriersProofIsItsClaimAndShownToStaff) {
  EXPECT_EQ(Deliver(kSigned), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(service_.View("SO-1").shipments(0).delivery().proof().received_by(), "J DOE");
  EXPECT_FALSE(service_.View("SO-1").shipments(0).delivery().has_check());
  EXPECT_THAT(Find(service_.Trace("SO-1"), "StatusRecorded")->text(),
              HasSubstr("received by J DOE, left at front door, with a signature"));
  service_.Pass(absl::Hours(100));
  EXPECT_THAT(Kinds(), IsEmpty());
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  EXPECT_EQ(TraceOrder(service_.reader(), request)->ShortDebugString().find("J DOE"), std::string::npos);
}

TEST_F(Deliveries, AMissingProofIsRaisedInItsTimeOnceAndEndsWhenItComes) {
  Deliver();
  service_.Pass(absl::Hours(11));
  EXPECT_THAT(Kinds(), IsEmpty());
  service_.Pass(absl::Hours(2));
  EXPECT_THAT(Kinds(), ElementsAre("CONCERN_KIND_PROOF_MISSING"));
  service_.Pass(absl::Hours(100));
  EXPECT_THAT(Kinds(), ElementsAre("CONCERN_KIND_PROOF_MISSING"));
  EXPECT_EQ(Deliver(kSigned), v1::PUSH_RESULT_AMENDED) << "the same scan, told with its proof";
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_EQ(Deliver(), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_EQ(service_.View("SO-1").shipments(0).delivery().proof().received_by(), "J DOE");
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Deliveries, OfACarrierThatGivesNoneNoProofIsAwaited) {
  ASSERT_TRUE(service_.Add("SO-1", R"(order_id: "SO-1" carrier: "dpd" tracking_number: "5" line_ids: "2")").ok());
  ASSERT_TRUE(service_.Push(Scan("dpd", "5", "DELIVERED", Now())).ok());
  service_.Pass(absl::Hours(100));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(Deliveries, ADisputeIsRaisedAtOnceAndEndsWhenOneOfUsVerifies) {
  EXPECT_EQ(runtime::ReasonOf(Dispute("Nothing came")), "NOT_DELIVERED");
  Deliver(kSigned);
  ASSERT_TRUE(Dispute("Nothing came").ok());
  ASSERT_TRUE(Dispute("Nothing came").ok());
  EXPECT_THAT(Kinds(), ElementsAre("CONCERN_KIND_DELIVERY_DISPUTED"));
  EXPECT_TRUE(service_.View("SO-1").shipments(0).delivery().disputed());
  const auto trace = service_.Trace("SO-1");
  EXPECT_EQ(Find(trace, "DeliveryDisputed")->text(),
            "the customer says that shipment/ups/1Z/1 did not arrive: \"Nothing came\"");
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto shown = TraceOrder(service_.reader(), request);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(shown->order().next_step().text(), "You told us that it did not arrive, and we look into it: lamp");
  service_.Pass(absl::Hours(1));
  ASSERT_TRUE(Verify("the neighbour has it").ok());
  EXPECT_THAT(Kinds(), IsEmpty());
  EXPECT_EQ(service_.View("SO-1").shipments(0).delivery().check().text(), "the neighbour has it");
  EXPECT_EQ(service_.View("SO-1").shipments(0).delivery().check().by(), "ana");
  EXPECT_EQ(service_.View("SO-1").shipments(0).delivery().proof().received_by(), "J DOE") << "apart from it";
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Deliveries, OnlyADeliveryHasAProof) {
  EXPECT_THAT(
      runtime::BadFieldsOf(service_.Push(absl::StrCat(Scan("ups", "1Z", "IN_TRANSIT", Now()), " ", kSigned)).status()),
      ElementsAre("event.proof"));
  EXPECT_THAT(
      runtime::BadFieldsOf(
          service_.Push(absl::StrCat(Scan("ups", "1Z", "DELIVERED", Now()), " proof { sha256: \"x\" }")).status()),
      ElementsAre("event.proof.sha256"));
}

// What a carrier's own format says of it, where the field is clear.
TEST_F(Deliveries, FormatsThatHaveAProofFillIt) {
  const auto by = [&](const std::string& format, const std::string& name) {
    std::string found;
    for (const TestPayload& payload : AllPayloads()) {
      if (payload.format != format || payload.path.find(name) == std::string::npos) continue;
      const auto carriers = Carriers::Load("");
      const auto items = (*carriers)->Find(format)->Parse(payload.body);
      if (!items.ok()) continue;
      for (const ParsedItem& item : *items) {
        if (item.event.has_proof()) found = item.event.proof().ShortDebugString();
      }
    }
    return found;
  };
  EXPECT_THAT(by("ups-track-alert", "direct-6-delivered"), HasSubstr("received_by: \"John\""));
  EXPECT_THAT(by("royal-mail-events", "delivered"), HasSubstr("received_by: \"J POLGLASE\""));
  EXPECT_THAT(by("royal-mail-events", "delivered"), HasSubstr("signature: true"));
  EXPECT_THAT(by("dhl-unified", "delivered"), HasSubstr("reference: \"https://example.org/pod\""));
  EXPECT_THAT(by("ups-track-alert", "proof-beside-attempt"), IsEmpty()) << "it contradicts itself";
}

}  // namespace
}  // namespace throughline::supplier
