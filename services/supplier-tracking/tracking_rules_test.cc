// The rules of shipment tracking that concern a message as a whole, from the push to what the service answers: each
// with the number that it has among the rules (README.md, "Rules of tracking").

#include <fstream>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"

#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/service_under_test.h"
#include "tests/support/test_directory.h"

namespace throughline::supplier {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Results = std::vector<v1::PushResult>;

class TrackingRules : public ::testing::Test {
 protected:
  Results Push(const std::string& format, const std::string& payload) {
    Results results;
    for (const auto& result : service_.PushRaw(format, payload)) {
      EXPECT_TRUE(result.ok()) << result.status();
      results.push_back(result.value_or(v1::PUSH_RESULT_UNSPECIFIED));
    }
    return results;
  }
  v1::GetShipmentResponse Get(const std::string& carrier, const std::string& number, uint32_t epoch = 0) {
    v1::GetShipmentRequest request;
    request.set_carrier(carrier);
    request.set_tracking_number(number);
    request.set_epoch(epoch);
    const auto shipment = GetShipment(service_.reader(), request);
    EXPECT_TRUE(shipment.ok()) << shipment.status();
    return shipment.value_or(v1::GetShipmentResponse());
  }
  // The one scan of a parcel that is pushed with this place and time.
  v1::ScanView ScanOf(const std::string& number, const std::string& place, const std::string& time) {
    EXPECT_EQ(*service_.Push(absl::StrCat(R"(carrier: "ups" tracking_number: ")", number,
                                          R"(" status { state: TRACKING_STATE_IN_TRANSIT } place { )", place,
                                          " } time { ", time, " }")),
              v1::PUSH_RESULT_ACCEPTED);
    return Get("ups", number).scans(0);
  }
  static std::string With(const std::string& payload, const std::vector<std::pair<std::string, std::string>>& changes) {
    std::string changed = payload;
    for (const auto& [from, to] : changes) {
      EXPECT_THAT(changed, HasSubstr(from));
      changed = absl::StrReplaceAll(changed, {{from, to}});
    }
    return changed;
  }

  // How many ETAs of a commit were over when they were told.
  static int Stale(const std::string& bytes) {
    throughline::log::v1::Commit commit;
    int stale = 0;
    if (!commit.ParseFromString(bytes)) return 0;
    for (const auto& committed : commit.events()) {
      v1::ShipmentEvent event;
      stale += event.ParseFromString(committed.data()) && event.eta_recorded().stale();
    }
    return stale;
  }

  ServiceUnderTest service_;
  const int64_t noon_ = absl::ToUnixSeconds(service_.now());
};

constexpr char kUsps[] = "9400111899223197428497";

TEST_F(TrackingRules, Rule10NoCountryNoZoneAndASurePlaceRefutesAnOffset) {
  const std::string local = R"(local_time: "2026-02-27T09:15:00")";
  // NC is a state of America, and a province elsewhere.
  const auto nowhere = ScanOf("1ZA", R"(city: "Charlotte" region: "NC")", local);
  EXPECT_EQ(nowhere.time().offset_source(), v1::OFFSET_SOURCE_ASSUMED);
  EXPECT_THAT(nowhere.flags(), Contains(v1::TRACKING_FLAG_TIME_UNCERTAIN));
  const auto placed = ScanOf("1ZB", R"(city: "Charlotte" region: "NC" country: "US")", local);
  EXPECT_EQ(placed.time().offset_minutes(), -300);
  EXPECT_THAT(placed.flags(), Not(Contains(v1::TRACKING_FLAG_TIME_UNCERTAIN)));
  // No clock in Carolina is 14 hours ahead, nor shows UTC.
  for (const char* offset : {"840", "0", "300"}) {
    const auto refuted = ScanOf(absl::StrCat("1ZC", offset), R"(region: "NC" country: "US")",
                                absl::StrCat(local, " offset_minutes: ", offset));
    EXPECT_THAT(refuted.flags(), Contains(v1::TRACKING_FLAG_TIME_UNCERTAIN)) << offset;
  }
  // Where a message carries GMT, that is the instant, to the second.
  ASSERT_THAT(Push("ups-track-alert", Payload("ups-track-alert/direct-4-arrival.json")),
              ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_EQ(absl::FormatTime(runtime::FromProto(Get("ups", "1Z204W4R0308071865").scans(0).time().instant()),
                             absl::UTCTimeZone()),
            "2025-09-17T08:33:20+00:00");
}

TEST_F(TrackingRules, Rule11TheTextCountsAgainstTheCodeAndAProofAgainstAnAttempt) {
  const auto contradicts = [&](const std::string& number, const std::string& code, const std::string& text) {
    EXPECT_EQ(*service_.Push(Scan("usps", number, "IN_TRANSIT", noon_ - 7200)), v1::PUSH_RESULT_ACCEPTED);
    EXPECT_EQ(*service_.Push(absl::StrCat("carrier: \"usps\" tracking_number: \"", number, "\" code { code: \"", code,
                                          "\" } text: \"", text, "\" time { instant { seconds: ", noon_ - 60, " } }")),
              v1::PUSH_RESULT_CONFLICTING)
        << text;
    const auto shipment = Get("usps", number).shipment();
    EXPECT_EQ(shipment.state(), v1::TRACKING_STATE_IN_TRANSIT) << text;
    EXPECT_THAT(shipment.flags(), Contains(v1::TRACKING_FLAG_CONFLICTING)) << text;
  };
  int parcel = 0;
  for (const char* text : {"Returned to Sender", "Delivery attempted", "Held at customs", "Available for pickup",
                           "Shipping label created", "Not delivered", "Delivered to a locker, awaiting pickup"}) {
    contradicts(absl::StrCat("P", ++parcel), "01", text);  // DELIVERED
  }
  contradicts(absl::StrCat("P", ++parcel), "02", "Delivered, front door");  // ATTEMPTED
  contradicts(absl::StrCat("P", ++parcel), "MA", "Delivered");              // ANNOUNCED
  EXPECT_THAT(Push("ups-track-alert", Payload("ups-track-alert/proof-beside-attempt.json")),
              ElementsAre(v1::PUSH_RESULT_CONFLICTING));
}

TEST_F(TrackingRules, Rule12AnEtaOlderThanItsScanIsKeptAndNotUsed) {
  const auto scan = [&](int64_t at, const std::string& eta) {
    return absl::StrCat(Scan("ups", "1Z", "IN_TRANSIT", at), " eta { ", eta, " }");
  };
  EXPECT_EQ(*service_.Push(scan(noon_ - 7200, absl::StrCat("latest { seconds: ", noon_ + 86400, " }"))),
            v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(*service_.Push(scan(noon_ - 60, absl::StrCat("latest { seconds: ", noon_ - 3600, " }"))),
            v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Get("ups", "1Z").shipment().eta().latest().seconds(), noon_ + 86400);
  EXPECT_EQ(*service_.Push(scan(noon_ - 60, absl::StrCat("latest { seconds: ", noon_ - 3600, " }"))),
            v1::PUSH_RESULT_DUPLICATE);
  // A day without a zone may last until noon of the next one in UTC: noon is 12:00 UTC on 1 March.
  EXPECT_EQ(*service_.Push(scan(noon_ - 30, R"(date: "2026-02-28")")), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Get("ups", "1Z").shipment().eta().date(), "2026-02-28");
  EXPECT_EQ(*service_.Push(scan(noon_ - 20, R"(date: "2026-02-27")")), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Get("ups", "1Z").shipment().eta().date(), "2026-02-28");
  // Kept: it is in the log.
  int stale = 0;
  for (const auto& [partition, records] : service_.book().records) {
    for (const auto& record : records) stale += Stale(record->value);
  }
  EXPECT_EQ(stale, 2);
}

TEST_F(TrackingRules, Rule12NothingSaidNeverTakesAPromiseOutOfRiskAndItsCauseIsThePresentOne) {
  ASSERT_TRUE(service_.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  const std::string late = absl::StrCat(" eta { latest { seconds: ", 1772625600 + 86400, " } }");
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "IN_TRANSIT", noon_ - 60) + late), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_TRUE(service_.View("SO-1").at_risk());
  EXPECT_THAT(service_.View("SO-1").at_risk_cause(), HasSubstr("shipment/ups/1Z"));
  // A scan without an ETA, one whose ETA is over, and a vendor who does not know.
  service_.Pass(absl::Minutes(10));
  EXPECT_EQ(*service_.Push(Scan("ups", "1Z", "OUT_FOR_DELIVERY", noon_)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_TRUE(service_.View("SO-1").at_risk());
  EXPECT_EQ(*service_.Push(absl::StrCat(Scan("ups", "1Z", "ON_HOLD", noon_ + 60),
                                        " eta { latest { seconds: ", noon_ - 86400, " } }")),
            v1::PUSH_RESULT_ACCEPTED);
  EXPECT_TRUE(service_.View("SO-1").at_risk());
  ASSERT_TRUE(service_.VendorUpdate("SO-1", "bolt", R"(backordered { reason: "?" })").ok());
  EXPECT_TRUE(service_.View("SO-1").at_risk());
}

TEST_F(TrackingRules, Rule13TheSameScanToldAgainWithMoreDetailIsOneScan) {
  const std::string payload = Payload("usps-tracking-v3/delivered.json");
  const std::string bare = With(payload, {{"\"eventCity\"", "\"x1\""}, {"\"eventZIP\"", "\"x2\""}});
  EXPECT_THAT(Push("usps-tracking-v3", bare), ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_THAT(Push("usps-tracking-v3", payload), ElementsAre(v1::PUSH_RESULT_AMENDED)) << "its city";
  EXPECT_THAT(Push("usps-tracking-v3", payload), ElementsAre(v1::PUSH_RESULT_DUPLICATE));
  EXPECT_THAT(Push("usps-tracking-v3", bare), ElementsAre(v1::PUSH_RESULT_DUPLICATE)) << "less detail";
  EXPECT_THAT(Push("usps-tracking-v3", With(payload, {{"Delivered, Left", "DELIVERED, LEFT"}})),
              ElementsAre(v1::PUSH_RESULT_AMENDED))
      << "capital letters";
  EXPECT_THAT(Push("usps-tracking-v3", With(payload, {{"Delivered, Left with", "Delivered, handed to"}})),
              ElementsAre(v1::PUSH_RESULT_AMENDED))
      << "other words";
  const auto shipment = Get("usps", kUsps);
  EXPECT_EQ(shipment.scans_size(), 1);
  EXPECT_FALSE(shipment.scans(0).place().city().empty());
}

TEST_F(TrackingRules, Rule14NumbersAreNormalisedByDataAndKeptAsTheyWereSent) {
  const std::string payload = Payload("usps-tracking-v3/delivered.json");
  int first = 0;
  for (const char* sent : {"9400 1118 9922 3197 4284 97", "9400-1118-9922-3197-4284-97",
                           "420282029400111899223197428497", "420 28202 9400111899223197428497"}) {
    EXPECT_THAT(Push("usps-tracking-v3", With(payload, {{kUsps, sent}})),
                ElementsAre(first++ == 0 ? v1::PUSH_RESULT_ACCEPTED : v1::PUSH_RESULT_DUPLICATE))
        << sent;
  }
  EXPECT_EQ(Get("usps", kUsps).scans_size(), 1);
  EXPECT_EQ(Get("usps", kUsps).scans(0).sent_number(), "9400 1118 9922 3197 4284 97");
  // A number that is sent as it is, is not kept twice; lower case is the same number.
  EXPECT_THAT(Push("ups-track-alert", Payload("ups-track-alert/direct-4-arrival.json")),
              ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_EQ(Get("ups", "1Z204W4R0308071865").scans(0).sent_number(), "");
  EXPECT_THAT(Push("ups-track-alert", With(Payload("ups-track-alert/direct-2-pickup.json"),
                                           {{"1Z204W4R0308071865", "1z204w4r0308071865"}})),
              ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_EQ(Get("ups", "1Z204W4R0308071865").scans_size(), 2);
  // What an aggregator calls UPS.
  EXPECT_THAT(Push("easypost-webhook", With(Payload("easypost-webhook/delivered.json"),
                                            {{"\"carrier\": \"UPS\"", "\"carrier\": \"UPSDAP\""}})),
              ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_EQ(Get("ups", "1Z8A41E20390105678").scans_size(), 1);
}

TEST_F(TrackingRules, Rule15OptionalFieldsSinkNoScanAndOneBadParcelNoOther) {
  const std::string good = Payload("usps-tracking-v3/delivered.json");
  EXPECT_THAT(Push("usps-tracking-v3", With(good, {{"\"2025-03-03T20:00:00\"", "\"by the end of the day\""}})),
              ElementsAre(v1::PUSH_RESULT_ACCEPTED))
      << "an unreadable ETA";
  const std::string other = With(good, {{kUsps, "9400111899223197428490"}});
  EXPECT_THAT(Push("usps-tracking-v3", absl::StrCat("[{\"trackingNumber\": {}}, ", other, ", null]")),
              Contains(v1::PUSH_RESULT_ACCEPTED));
  EXPECT_EQ(Get("usps", "9400111899223197428490").scans_size(), 1);
  // What cannot be read is kept with its bytes, not only refused.
  EXPECT_THAT(Push("usps-tracking-v3", "<html>502 Bad Gateway"), ElementsAre(v1::PUSH_RESULT_QUARANTINED));
  std::vector<std::string> kept;
  const auto messages = ListQuarantinedMessages(service_.reader(), {});
  ASSERT_TRUE(messages.ok());
  for (const auto& message : messages->messages()) kept.push_back(message.quarantined().raw());
  EXPECT_THAT(kept, Contains("<html>502 Bad Gateway"));
}

class OwnStore : public TrackingRules {
 protected:
  OwnStore() {
    std::ofstream(folder_.path() + "/ups.textproto")
        << R"(carrier: "ups" own_stores { store: "store-12" facility: "ACME Store, Main Street" postal_code: "28202" }
              own_stores { store: "store-13" facility: "ACME Store, Elm Road" })";
    service_.Use(folder_.path());
  }
  std::string Ready(const std::string& facility, int64_t at, const std::string& postal_code = "28202") const {
    return absl::StrCat(Scan("ups", "1Z", "READY_FOR_PICKUP", at), " place { facility: \"", facility,
                        "\" postal_code: \"", postal_code, "\" }");
  }
  std::string Receipt(const std::string& store, int64_t at) const {
    return absl::StrCat(Scan("ups", "1Z", "READY_FOR_PICKUP", at), " store_receipt: \"", store, "\"");
  }
  v1::ShipmentView Shipment() { return Get("ups", "1Z").shipment(); }

  const TestDirectory folder_;
};

TEST_F(OwnStore, Rule16AReceiptAtTheInstantOfTheCarriersScanIsNoDuplicate) {
  ASSERT_EQ(*service_.Push(Ready("ACME Store, Main Street", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service_.Push(Receipt("store-13", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_NE(Shipment().state(), v1::TRACKING_STATE_UNSPECIFIED) << "the other store has it, by its own receipt";
  ASSERT_EQ(*service_.Push(Receipt("store-12", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(*service_.Push(Receipt("store-12", noon_ - 3600)), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  EXPECT_THAT(Shipment().flags(), Not(Contains(v1::TRACKING_FLAG_CONFLICTING)));
}

TEST_F(OwnStore, Rule16ReadyForPickupInOurStoreNeedsItsReceipt) {
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "IN_TRANSIT", noon_ - 7200)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service_.Push(Ready("Acme store - MAIN STREET", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_IN_TRANSIT) << "the store has not received it";
  EXPECT_THAT(Shipment().flags(), Contains(v1::TRACKING_FLAG_CONFLICTING));
  EXPECT_EQ(Get("ups", "1Z").scans(1).store(), "store-12");
  // Another store's receipt proves nothing.
  ASSERT_EQ(*service_.Push(Receipt("store-13", noon_ - 1800)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_THAT(Shipment().flags(), Contains(v1::TRACKING_FLAG_CONFLICTING));
  ASSERT_EQ(*service_.Push(Receipt("store-12", noon_ - 900)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  EXPECT_THAT(Shipment().flags(), Not(Contains(v1::TRACKING_FLAG_CONFLICTING)));
  EXPECT_TRUE(Get("ups", "1Z").scans(3).store_receipt());
}

TEST_F(OwnStore, Rule16AReceiptMayComeFirstAndOtherPlacesNeedNone) {
  ASSERT_EQ(*service_.Push(Receipt("store-12", noon_ - 7200)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service_.Push(Ready("ACME Store, Main Street", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  EXPECT_THAT(Shipment().flags(), Not(Contains(v1::TRACKING_FLAG_CONFLICTING)));
  ServiceUnderTest elsewhere;
  elsewhere.Use(folder_.path());
  for (const auto& [facility, code] : {std::pair("UPS Access Point", "28202"), {"ACME Store, Main Street", "10001"}}) {
    ASSERT_EQ(*elsewhere.Push(absl::StrReplaceAll(Ready(facility, noon_ - 60, code), {{"1Z", code}})),
              v1::PUSH_RESULT_ACCEPTED);
  }
  v1::GetShipmentRequest request;
  request.set_carrier("ups");
  request.set_tracking_number("10001");
  EXPECT_EQ(GetShipment(elsewhere.reader(), request)->shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
}

// The carrier names the store only when it tells the same scan again.
TEST_F(OwnStore, Rule16AStoreThatIsToldLaterCountsAsWell) {
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "READY_FOR_PICKUP", noon_ - 3600)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  ASSERT_EQ(*service_.Push(Ready("ACME Store, Main Street", noon_ - 3600)), v1::PUSH_RESULT_AMENDED);
  EXPECT_EQ(Shipment().state(), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_THAT(Shipment().flags(), Contains(v1::TRACKING_FLAG_CONFLICTING));
}

TEST_F(OwnStore, Rule16AReceiptSaysThatItIsThere) {
  EXPECT_EQ(service_.Push(absl::StrCat(Scan("ups", "1Z", "DELIVERED", noon_), " store_receipt: \"store-12\""))
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(TrackingRules, Rule16AReturnIsALegOfItsOwnUnderTheSameNumber) {
  ASSERT_TRUE(service_.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "DELIVERED", noon_)), v1::PUSH_RESULT_ACCEPTED);
  service_.Pass(absl::Hours(24));
  const std::string back = R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z" line_ids: "1" return_leg: true)";
  ASSERT_TRUE(service_.Add("SO-1", back).ok());
  ASSERT_TRUE(service_.Add("SO-1", back).ok()) << "again is the same leg";
  const auto order = service_.View("SO-1");
  ASSERT_EQ(order.shipments_size(), 2);
  EXPECT_EQ(order.shipments(0).state(), v1::TRACKING_STATE_DELIVERED);
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "PICKED_UP", noon_ + 86400)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service_.Push(Scan("ups", "1Z", "DELIVERED", noon_ + 86460)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(Get("ups", "1Z", 1).shipment().state(), v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(Get("ups", "1Z", 2).shipment().state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_TRUE(Get("ups", "1Z", 2).shipment().return_leg());
}

}  // namespace
}  // namespace throughline::supplier
