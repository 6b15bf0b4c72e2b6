// Payloads that would be easy to read wrongly. A message that does not count gives no state at all: it is kept as a
// contradiction or in quarantine.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

using Changes = std::vector<std::pair<std::string, std::string>>;

constexpr v1::TrackingState kNothing = v1::TRACKING_STATE_UNSPECIFIED;

struct Trap {
  const char* file;
  Changes changes;
  v1::TrackingState state;  // what counts of the payload's scan
};

// The state that counts of the only scan of the payload.
v1::TrackingState Counted(const std::string& format, const std::string& body, std::string& why) {
  static const Carriers& carriers = *Carriers::Load("").value().release();
  const auto items = carriers.Find(format)->Parse(body);
  if (!items.ok()) return why = items.status().ToString(), kNothing;
  v1::TrackingState state = kNothing;
  for (const ParsedItem& item : *items) {
    if (item.kind == ParsedItem::Kind::kExpectation) continue;
    why += std::string(item.error.message()) + item.judgement.why + "; ";
    if (item.kind != ParsedItem::Kind::kEvent || item.judgement.kind != Judgement::Kind::kKnown) continue;
    EXPECT_EQ(state, kNothing) << "more than one scan";
    state = item.judgement.meaning.state();
  }
  return state;
}

void Check(const std::vector<Trap>& traps) {
  for (const Trap& trap : traps) {
    std::string body = Payload(trap.file), what = trap.file;
    for (const auto& [from, to] : trap.changes) {
      const std::string changed = absl::StrReplaceAll(body, {{from, to}});
      EXPECT_NE(changed, body) << trap.file << ": " << from;
      body = changed;
      what += " " + to;
    }
    std::string why;
    const std::string format = std::string(trap.file).substr(0, std::string(trap.file).find('/'));
    EXPECT_EQ(v1::TrackingState_Name(Counted(format, body, why)), v1::TrackingState_Name(trap.state)) << what << "\n"
                                                                                                      << why;
  }
}

// Two codes of one message that tell of different states.
TEST(Traps, CodesThatContradictEachOther) {
  const char* easypost = "easypost-webhook/delivered.json";
  const std::string detail = "\"status_detail\": \"arrived_at_destination\"";
  const char* aftership = "aftership-webhook/delivered.json";
  const char* fedex = "fedex-track-v1/delivered.json";
  Check({
      {easypost, {}, v1::TRACKING_STATE_DELIVERED},
      {easypost, {{detail, "\"status_detail\": \"damaged\""}}, kNothing},
      {easypost, {{detail, "\"status_detail\": \"return\""}}, kNothing},
      {easypost, {{detail, "\"status_detail\": \"label_created\""}}, kNothing},
      {easypost, {{detail, "\"status_detail\": \"out_for_delivery\""}}, kNothing},
      {easypost, {{"\"status\": \"delivered\"", "\"status\": \"return_to_sender\""}}, kNothing},
      {easypost, {{"\"status\": \"delivered\"", "\"status\": \"Delivered\""}}, kNothing},
      {aftership, {}, v1::TRACKING_STATE_DELIVERED},
      {aftership, {{"Delivered_001", "Exception_011"}}, kNothing},
      {aftership, {{"Delivered_001", "AttemptFail_001"}}, kNothing},
      {aftership, {{"\"tag\": \"Delivered\"", "\"tag\": \"InTransit\""}}, kNothing},
      {fedex, {}, v1::TRACKING_STATE_DELIVERED},
      {fedex,
       {{"\"eventType\": \"DL\"", "\"eventType\": \"PU\""},
        {"\"Delivered\",\n                \"exc", "\"Picked up\",\n                \"exc"}},
       kNothing},
      {"edi-214/delivered.edi", {}, v1::TRACKING_STATE_DELIVERED},
      {"edi-214/delivered.edi", {{"AT7*D1*NS", "AT7*D1*BS"}}, kNothing},
      {"royal-mail-events/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"royal-mail-events/delivered.json", {{"\"eventCode\": \"EVKSP\"", "\"eventCode\": \"EVGPD\""}}, kNothing},
      {"dhl-parcel-de/delivered.xml", {}, v1::TRACKING_STATE_DELIVERED},
      {"dhl-parcel-de/delivered.xml",
       {{"ruecksendung=\"false\"/", "ruecksendung=\"true\"/"}},
       v1::TRACKING_STATE_RETURNED},
  });
}

TEST(Traps, OtherFieldsThatContradictTheCode) {
  const char* shippo = "shippo-webhook/delivered.json";
  const char* shipengine = "shipengine-webhook/delivered.json";
  const char* gs1 = "gs1-epcis-2/delivered.jsonld";
  const std::string substatus = "\"code\": \"delivered\"", status = "\"status\": \"DELIVERED\"";
  const std::string biz = "\"disposition\": \"in_progress\"";
  Check({
      {shippo, {}, v1::TRACKING_STATE_DELIVERED},
      {shippo, {{status, "\"status\": \"TRANSIT\""}}, kNothing},
      {shippo, {{status, "\"status\": \"RETURNED\""}}, kNothing},
      {shippo, {{status, "\"status\": \"FAILURE\""}}, kNothing},
      {shippo, {{substatus, "\"code\": \"return_to_sender\""}}, kNothing},
      {shippo, {{substatus, "\"code\": \"out_for_delivery\""}}, kNothing},
      {shippo, {{substatus, "\"code\": \"package_lost\""}}, kNothing},
      {shippo, {{substatus, "\"code\": \"pickup_available\""}}, kNothing},
      {shipengine, {}, v1::TRACKING_STATE_DELIVERED},
      {shipengine,
       {{"\"event_code\": \"01\",\n        \"status_code\": \"DE\"",
         "\"event_code\": \"01\", \"status_code\": \"IT\""}},
       kNothing},
      {shipengine, {{"Delivered, In/At Mailbox", "Notice Left"}}, kNothing},
      {gs1, {}, v1::TRACKING_STATE_DELIVERED},
      {gs1, {{biz, "\"disposition\": \"in_transit\""}}, kNothing},
      {gs1, {{biz, "\"disposition\": \"damaged\""}}, v1::TRACKING_STATE_LOST_OR_DAMAGED},
      {gs1, {{biz, "\"disposition\": \"returned\""}}, v1::TRACKING_STATE_RETURNED},
      {gs1, {{biz, "\"disposition\": \"unknown\""}}, kNothing},
      {gs1, {{"\"action\": \"OBSERVE\"", "\"action\": \"DELETE\""}}, kNothing},
      {"dpd-life-cycle/delivered.xml", {}, v1::TRACKING_STATE_DELIVERED},
      {"dpd-life-cycle/delivered.xml", {{"<statusHasBeenReached>true", "<statusHasBeenReached>false"}}, kNothing},
      {"dpd-life-cycle/delivered.xml", {{"<statusHasBeenReached>true</statusHasBeenReached>", ""}}, kNothing},
      {"dhl-parcel-de/delivered.xml", {{"ice=\"DLVRD\" ric", "ice=\"NTDEL\" ric"}}, kNothing},
      {"dhl-parcel-de/delivered.xml",
       {{"standard-event-code=\"ZU\" ruecksendung=\"false\"/", "standard-event-code=\"ZN\" ruecksendung=\"false\"/"}},
       kNothing},
      {"dhl-express-tracking/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"dhl-unified/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"dhl-unified/delivered.json", {{"\"statusCode\": \"delivered\"", "\"statusCode\": \"transit\""}}, kNothing},
      {"ups-track-v1/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"fedex-webhook/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"usps-track-xml/delivered.xml", {}, v1::TRACKING_STATE_DELIVERED},
      {"usps-track-xml/delivered.xml", {{"<EventCode>01", "<EventCode>02"}}, kNothing},
      {"canada-post-detail/delivered.xml", {}, v1::TRACKING_STATE_DELIVERED},
      // A year that the carrier cannot mean.
      {"dhl-express-tracking/delivered.json", {{"\"date\": \"2025-03-05\"", "\"date\": \"0025-03-05\""}}, kNothing},
      {"canada-post-detail/delivered.xml", {{"<event-date>2025-03-05", "<event-date>2025-02-30"}}, kNothing},
      {"usps-tracking-v3/delivered.json",
       {{"2025-03-03T13:10:00", "03/03/2025"}, {"\"2025-03-03T19:10:09Z\"", "null"}},
       kNothing},
  });
}

// Deliveries, by their code, whose text says that the recipient does not have the parcel; in several languages.
TEST(Traps, ADeliveryThatIsNone) {
  std::vector<Trap> traps;
  for (const char* text : {"Returned to Sender",
                           "DELIVERED TO SHIPPER",
                           "Delivered back to the sender",
                           "Notice Left (No Authorized Recipient)",
                           "Delivery attempted, business closed",
                           "Could not be delivered",
                           "UNDELIVERABLE AS ADDRESSED",
                           "Not delivered",
                           "Delivered to UPS Access Point, awaiting customer pickup",
                           "Delivered to a ParcelShop",
                           "Ready for collection",
                           "Delivered to agent for final delivery",
                           "Out for delivery",
                           "Will be delivered tomorrow",
                           "Arrived at local post office",
                           "Refused by recipient",
                           "Held at customs",
                           "Package lost",
                           "Delivered to wrong address",
                           "Label created",
                           "An den Absender zugestellt",
                           "Nicht zugestellt",
                           "Retour à l'expéditeur",
                           "RETOURNÉ À L’EXPÉDITEUR",
                           "Article non livré",
                           "No entregado"}) {
    traps.push_back({"shippo-webhook/delivered.json", {{"Your shipment has been delivered.", text}}, kNothing});
    traps.push_back(
        {"easypost-webhook/delivered.json", {{"\"DELIVERED\"", std::string("\"") + text + "\""}}, kNothing});
    traps.push_back({"ups-track-alert/delivered.json", {{"\"Delivered\"", std::string("\"") + text + "\""}}, kNothing});
    traps.push_back({"fedex-track-v1/delivered.json",
                     {{"\"eventDescription\": \"Delivered\"", std::string("\"eventDescription\": \"") + text + "\""}},
                     kNothing});
    traps.push_back({"canada-post-detail/delivered.xml", {{"Item successfully delivered", text}}, kNothing});
    traps.push_back(
        {"dhl-express-tracking/delivered.json", {{"\"Delivered\"", std::string("\"") + text + "\""}}, kNothing});
    traps.push_back({"royal-mail-events/delivered.json", {{"Delivered by postman, signed for", text}}, kNothing});
  }
  Check(traps);
}

// Everything that is no delivery by its code, with a text that tells of one.
TEST(Traps, ATextOfADelivery) {
  std::vector<Trap> traps;
  for (const char* text :
       {"Delivered", "DELIVERED, FRONT DOOR/PORCH", "Package delivered to recipient", "Zugestellt", "Article livré",
        "ARTICLE LIVRÉ", "Entregado", "Bezorgd", "Your parcel was delivered and signed for"}) {
    for (const char* status : {"in_transit", "out_for_delivery", "pre_transit", "available_for_pickup", "failure"}) {
      const std::string json = std::string("\"") + text + "\"";
      traps.push_back({"easypost-webhook/delivered.json",
                       {{"\"status\": \"delivered\"", std::string("\"status\": \"") + status + "\""},
                        {"arrived_at_destination", "status_update"},
                        {"\"DELIVERED\"", json}},
                       kNothing});
    }
    for (const char* code : {"1411", "0170", "0174"}) {
      traps.push_back(
          {"canada-post-detail/delivered.xml", {{"1496", code}, {"Item successfully delivered", text}}, kNothing});
    }
  }
  Check(traps);
}

// What looks like a known code and is none.
TEST(Traps, CodesThatAreNearlyKnown) {
  Check({
      {"usps-tracking-v3/delivered.json", {}, v1::TRACKING_STATE_DELIVERED},
      {"usps-tracking-v3/delivered.json", {{"\"eventCode\": \"01\"", "\"eventCode\": \"1\""}}, kNothing},
      {"usps-tracking-v3/delivered.json", {{"\"eventCode\": \"01\"", "\"eventCode\": 1"}}, kNothing},
      {"usps-tracking-v3/delivered.json", {{"\"eventCode\": \"01\"", "\"eventCode\": \"001\""}}, kNothing},
      {"usps-tracking-v3/delivered.json", {{"\"eventCode\": \"01\"", "\"eventCode\": \"O1\""}}, kNothing},
      {"ups-track-alert/delivered.json", {{"\"FS\"", "\"fs\""}}, kNothing},
      {"ups-track-alert/delivered.json", {{"\"type\": \"D\"", "\"type\": \"X\""}}, kNothing},
      {"ups-track-alert/delivered.json", {{"\"type\": \"D\"", "\"type\": \"M\""}}, kNothing},
      {"canada-post-detail/delivered.xml", {{"1496", "01496"}}, kNothing},
      {"canada-post-detail/delivered.xml",
       {{"1496", "1417"}, {"Item successfully delivered", "Item being returned to sender"}},
       v1::TRACKING_STATE_RETURNING},
      {"royal-mail-events/delivered.json", {{"\"eventCode\": \"EVKSP\"", "\"eventCode\": \"EVKSPX\""}}, kNothing},
      {"royal-mail-events/delivered.json", {{"\"eventCode\": \"EVKSP\"", "\"eventCode\": \"evksp\""}}, kNothing},
      {"dhl-unified/delivered.json", {{"\"statusCode\": \"delivered\"", "\"statusCode\": \"Delivered\""}}, kNothing},
      {"dhl-unified/delivered.json", {{"\"statusCode\": \"delivered\"", "\"statusCode\": \"failure\""}}, kNothing},
      {"fedex-track-v1/delivered.json", {{"\"eventType\": \"DL\"", "\"eventType\": \"DLX\""}}, kNothing},
      {"edi-214/delivered.edi", {{"AT7*D1*", "AT7*d1*"}}, kNothing},
      {"edi-214/delivered.edi", {{"AT7*D1*", "AT7* D1*"}}, kNothing},
  });
}

}  // namespace
}  // namespace throughline::supplier
