// The quarantine: unknown codes are kept with their bytes and recorded once a map knows them.

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/api/replay.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/service_under_test.h"
#include "tests/support/test_directory.h"

namespace throughline::supplier {
namespace {

TEST(SupplierTracking, AnUnknownCodeIsQuarantinedAndTheStateStays) {
  ServiceUnderTest service;
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "IN_TRANSIT", noon - 60)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(absl::StrCat(R"(carrier: "ups" tracking_number: "1Z" code { type: "Q" code: "??" })",
                                       " time { instant { seconds: ", noon, " } }")),
            v1::PUSH_RESULT_QUARANTINED);
  const auto waiting = ListQuarantine(service.reader(), {});
  ASSERT_TRUE(waiting.ok());
  ASSERT_EQ(waiting->codes_size(), 1);
  EXPECT_EQ(waiting->codes(0).code().code(), "??");
  EXPECT_EQ(waiting->codes(0).count(), 1u);
  v1::GetShipmentRequest request;
  request.set_carrier("ups");
  request.set_tracking_number("1Z");
  const auto shipment = GetShipment(service.reader(), request);
  ASSERT_TRUE(shipment.ok());
  EXPECT_EQ(shipment->shipment().state(), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(shipment->shipment().quarantined_count(), 1u);
}

TEST(SupplierTracking, AQuarantinedMessageIsRecordedOnceAMapKnowsIt) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  const std::string unknown = absl::StrCat(R"(carrier: "ups" tracking_number: "1Z" code { type: "Q" code: "??" })",
                                           " time { instant { seconds: ", absl::ToUnixSeconds(service.now()), " } }");
  ASSERT_EQ(*service.Push(unknown), v1::PUSH_RESULT_QUARANTINED);
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  const TestDirectory folder;
  std::ofstream(folder.path() + "/ups.textproto")
      << R"(carrier: "ups" entries { type: "Q" code: "??" state: TRACKING_STATE_OUT_FOR_DELIVERY description: "Soon" })";
  auto extended = Carriers::Load(folder.path());
  ASSERT_TRUE(extended.ok()) << extended.status();

  ReplayQuarantine(service.streams(), *std::move(extended), {});
  service.Run();
  EXPECT_EQ(service.View("SO-1").shipments(0).state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(ListQuarantine(service.reader(), {})->codes_size(), 0);
  EXPECT_EQ(runtime::Counted(service.reader(), kQuarantinedNow), 0);
  const auto trace = service.Trace("SO-1");
  EXPECT_EQ(Find(trace, "StatusQuarantined"), nullptr) << "its scan replaces it";
  EXPECT_NE(Find(trace, "StatusRecorded"), nullptr);
  EXPECT_EQ(service.RebuiltRows(1), service.LiveRows());
}

// Some carriers send only once: a scan that no record may hold is kept with its bytes, and the other scans count.
TEST(SupplierTracking, OneBadScanIsQuarantinedWithItsBytesAndTheOthersCount) {
  const auto scans = [](const std::string& city) {
    return absl::StrCat(R"({"trackingNumber":"9400111899223197428490","trackingEvents":[
        {"eventCode":"03","eventType":"Accepted","eventTimestamp":"2026-03-01T10:00:00","GMTTimestamp":"2026-03-01T15:00:00Z",
         "GMTOffset":"-05:00","eventCity":"NEW YORK","eventState":"NY","eventZIP":"10001"},
        {"eventCode":"10","eventType":"Processed","eventTimestamp":"2026-03-01T12:00:00","GMTTimestamp":"2026-03-01T17:00:00Z",
         "GMTOffset":"-05:00","eventCity":")",
                        city, R"(","eventState":"NY","eventZIP":"10001"}]})");
  };
  for (const char* city : {"KI\xff"
                           "EL",
                           "KI\xe2\x80\xae"
                           "EL",
                           "KI\\u009b"
                           "EL",
                           "KI\\u0000"
                           "EL",
                           "KI\\u200bEL"}) {
    ServiceUnderTest service;
    const std::string payload = scans(city);
    std::vector<v1::PushResult> results;
    for (const auto& result : service.PushRaw("usps-tracking-v3", payload)) {
      ASSERT_TRUE(result.ok()) << result.status();
      results.push_back(*result);
    }
    EXPECT_EQ(results, (std::vector<v1::PushResult>{v1::PUSH_RESULT_ACCEPTED, v1::PUSH_RESULT_QUARANTINED})) << city;
    std::string kept, why;
    kQuarantine.Scan(service.reader(), "", [&](std::string_view, const auto&, const v1::QuarantineView& view) {
      kept = view.last_raw();
      why = view.reason();
      return true;
    });
    if (std::string_view(city).find('\xff') != std::string_view::npos) {
      EXPECT_NE(kept.find(city), std::string::npos) << "its original bytes";
    }
    EXPECT_NE(kept.find("Processed"), std::string::npos);
    EXPECT_EQ(kept.find("Accepted"), std::string::npos) << "without the other scans";
    EXPECT_NE(why.find("event.place.city"), std::string::npos) << why;
    for (const auto& again : service.PushRaw("usps-tracking-v3", payload)) {
      EXPECT_EQ(*again, v1::PUSH_RESULT_DUPLICATE);
    }
  }
}

// An aggregator has its own map, not that of the carrier of the parcel.
TEST(SupplierTracking, AnAggregatorsMessageIsRecordedOnceItsMapKnowsIt) {
  ServiceUnderTest service;
  const std::string payload =
      absl::StrReplaceAll(Payload("easypost-webhook/contradiction.json"), {{"pre_transit", "teleported"}});
  EXPECT_EQ(**service.PushRaw("easypost-webhook", payload).begin(), v1::PUSH_RESULT_QUARANTINED);
  const TestDirectory folder;
  std::ofstream(folder.path() + "/easypost.textproto") << R"(carrier: "easypost" entries { type: "teleported"
      code: "status_update" state: TRACKING_STATE_DELIVERED description: "Suddenly there" })";
  auto extended = Carriers::Load(folder.path());
  ASSERT_TRUE(extended.ok()) << extended.status();
  ReplayQuarantine(service.streams(), *std::move(extended), {});
  service.Run();
  EXPECT_EQ(ListQuarantine(service.reader(), {})->codes_size(), 0);
  EXPECT_EQ(runtime::Counted(service.reader(), kQuarantinedNow), 0);
}

// What nobody can read is kept whole, on a stream of its own; the others of its payload count.
TEST(SupplierTracking, WhatCannotBeReadAtAllIsKeptWithItsBytes) {
  ServiceUnderTest service;
  const std::string torn = "{\"trackingNumber\": \"94001";
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", torn).begin(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", torn).begin(), v1::PUSH_RESULT_DUPLICATE);
  const auto kept = ListQuarantinedMessages(service.reader(), {});
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->messages_size(), 1);
  EXPECT_EQ(kept->messages(0).quarantined().raw(), torn);
  EXPECT_NE(kept->messages(0).shipment().find("shipment/usps/UNREADABLE-"), std::string::npos);

  const std::string good = Payload("usps-tracking-v3/delivered.json");
  const auto results = service.PushRaw("usps-tracking-v3", "[{\"trackingNumber\": \"?\"}, " + good + ", 7]");
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(*results[0], v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(*results[1], v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(*results[2], v1::PUSH_RESULT_QUARANTINED);
}

TEST(SupplierTracking, AScanOfTheFutureIsQuarantinedInsteadOfRefused) {
  ServiceUnderTest service;
  const std::string payload =
      absl::StrReplaceAll(Payload("usps-tracking-v3/delivered.json"), {{"2025-03-03T", "2031-03-03T"}});
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", payload).begin(), v1::PUSH_RESULT_QUARANTINED);
}

TEST(SupplierTracking, AScanToldAgainInOtherWordsIsAmended) {
  ServiceUnderTest service;
  const std::string payload = Payload("usps-tracking-v3/delivered.json");
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", payload).begin(), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", payload).begin(), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", absl::StrReplaceAll(payload, {{"\"WI\"", "null"}})).begin(),
            v1::PUSH_RESULT_AMENDED);
  EXPECT_EQ(
      **service.PushRaw("usps-tracking-v3", absl::StrReplaceAll(payload, {{"Delivered, Left", "DELIVERED, LEFT"}}))
            .begin(),
      v1::PUSH_RESULT_AMENDED);
  v1::GetShipmentRequest request;
  request.set_carrier("usps");
  request.set_tracking_number("9400111899223197428497");
  EXPECT_EQ(GetShipment(service.reader(), request)->scans_size(), 1);
}

TEST(SupplierTracking, AnErrorDeclarationIsACorrection) {
  ServiceUnderTest service;
  const std::string both = Payload("gs1-epcis-2/correction.jsonld");
  EXPECT_EQ(**service.PushRaw("gs1-epcis-2", Payload("gs1-epcis-2/delivered.jsonld")).begin(),
            v1::PUSH_RESULT_ACCEPTED);
  const auto results = service.PushRaw("gs1-epcis-2", both);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(*results[0], v1::PUSH_RESULT_CORRECTED);
  v1::GetShipmentRequest request;
  request.set_carrier("gs1");
  request.set_tracking_number("106141412345678908");
  EXPECT_EQ(GetShipment(service.reader(), request)->shipment().state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
}

// The body of the only message of this shipment in quarantine, read as a caller has to.
std::string WholeBody(const ServiceUnderTest& service, const std::string& shipment) {
  std::string body;
  v1::ListQuarantinedMessagesRequest request;
  request.set_shipment(shipment);
  for (;;) {
    request.set_raw_offset(static_cast<uint32_t>(body.size()));
    const auto shown = ListQuarantinedMessages(service.reader(), request);
    EXPECT_TRUE(shown.ok()) << shown.status();
    if (!shown.ok() || shown->messages_size() != 1) return body;
    const v1::StatusQuarantined& kept = shown->messages(0).quarantined();
    EXPECT_LE(kept.raw().size(), size_t{1} << 20);
    body += kept.raw();
    if (kept.raw().empty() || body.size() >= kept.raw_size()) return body;
  }
}

// Bytes in which every part is another one.
std::string Long(size_t size) {
  std::string body = "neither JSON nor anything: ";
  for (int number = 0; body.size() < size; ++number) absl::StrAppend(&body, number, ",");
  body.resize(size);
  return body;
}

constexpr size_t kPartBytes = ShipmentLimits().part_bytes;

int PartRows(const ServiceUnderTest& service) {
  int rows = 0;
  kQuarantineParts.Scan(service.reader(), "",
                        [&](std::string_view, const auto&, const v1::QuarantinePartRow&) { return ++rows > 0; });
  return rows;
}

// Carriers send photographs: what is unreadable is kept whole up to the size of a payload, in several records.
TEST(SupplierTracking, ALongBodyThatCannotBeReadIsKeptWhole) {
  for (const size_t size : {kPartBytes - 1, kPartBytes, kPartBytes + 1, 2 * kPartBytes, size_t{5} << 20}) {
    ServiceUnderTest service;
    const std::string body = Long(size);
    EXPECT_EQ(**service.PushRaw("usps-tracking-v3", body).begin(), v1::PUSH_RESULT_QUARANTINED) << size;
    EXPECT_EQ(**service.PushRaw("usps-tracking-v3", body).begin(), v1::PUSH_RESULT_DUPLICATE) << size;
    const auto listed = ListQuarantinedMessages(service.reader(), {});
    ASSERT_EQ(listed->messages_size(), 1);
    EXPECT_EQ(listed->messages(0).quarantined().raw_size(), size);
    EXPECT_EQ(listed->messages(0).quarantined().raw().size(), 1024u);
    EXPECT_TRUE(WholeBody(service, listed->messages(0).shipment()) == body) << size;
    EXPECT_EQ(PartRows(service), static_cast<int>((size - 1) / kPartBytes));
    EXPECT_EQ(service.RebuiltRows(size), service.LiveRows());
  }
}

// The service may die between two parts: nothing is in quarantine then, and the push that nobody answered is sent
// again.
TEST(SupplierTracking, ABodyOfWhichOnlySomePartsCameIsNotInQuarantine) {
  ServiceUnderTest service;
  const std::string body = Long(3 * kPartBytes + 5);
  std::vector<ParsedItem> items = ReadBody(*Carriers::Load("").value()->Find("usps-tracking-v3"), body);
  ASSERT_EQ(items.size(), 1u);
  auto report = ReadItem(std::move(items[0]), "usps-tracking-v3", service.now(), service.reader(), {});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->parts.size(), 3u);
  const std::string key = ShipmentKey(report->carrier, report->number, report->epoch);
  const auto caller = [&] { return service.By("usps", common::v1::ROLE_PARTNER, "usps"); };
  ASSERT_TRUE(service.Give<Shipment>(key, report->parts[1], caller()).ok());
  const auto early = service.Give<Shipment>(key, std::get<QuarantineStatus>(report->command), caller());
  EXPECT_EQ(runtime::ReasonOf(early.status()).value_or(""), "QUARANTINE_INCOMPLETE") << early.status();
  EXPECT_EQ(ListQuarantinedMessages(service.reader(), {})->messages_size(), 0);

  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", body).begin(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_TRUE(WholeBody(service, absl::StrCat("shipment/", key)) == body);
  const auto late = service.Give<Shipment>(key, report->parts[0], caller());
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_TRUE(late->events.empty()) << "of a message that is in quarantine";
}

// The same for a scan with a long field that nobody reads, and a code that no map knows yet.
TEST(SupplierTracking, ALongScanIsRecordedOnceAMapKnowsIt) {
  ServiceUnderTest service;
  const std::string payload =
      absl::StrReplaceAll(Payload("usps-tracking-v3/delivered.json"),
                          {{"\"eventCode\": \"01\"", "\"photo\": \"" + Long(900'000) + "\", \"eventCode\": \"Q1\""}});
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", payload).begin(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(PartRows(service), 1);
  const TestDirectory folder;
  std::ofstream(folder.path() + "/usps.textproto")
      << R"(carrier: "usps" entries { code: "Q1" state: TRACKING_STATE_OUT_FOR_DELIVERY description: "Soon" })";
  auto extended = Carriers::Load(folder.path());
  ASSERT_TRUE(extended.ok()) << extended.status();
  ReplayQuarantine(service.streams(), *std::move(extended), {});
  service.Run();
  EXPECT_EQ(ListQuarantine(service.reader(), {})->codes_size(), 0);
  EXPECT_EQ(PartRows(service), 0);
  v1::GetShipmentRequest request;
  request.set_carrier("usps");
  request.set_tracking_number("9400111899223197428497");
  EXPECT_EQ(GetShipment(service.reader(), request)->shipment().state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(service.RebuiltRows(1), service.LiveRows());
}

// A scan told first without its country, and then with it, moves to its moment, in the order's trace as well; one that
// a later text calls a return is one.
TEST(SupplierTracking, AScanToldBetterMovesToItsMoment) {
  const auto told = [](const std::string& country, const std::string& text) {
    return absl::StrReplaceAll(Payload("usps-tracking-v3/delivered.json"),
                               {{"\"2025-03-03T19:10:09Z\"", "null"},
                                {"\"-06:00\"", "null"},
                                {"\"eventCountry\": null", absl::StrCat("\"eventCountry\": ", country)},
                                {"\"Delivered, Left with Individual\",\n      \"eventTimestamp\"",
                                 absl::StrCat("\"", text, "\", \"eventTimestamp\"")}});
  };
  const std::string vague = told("null", "Delivered"), sure = told("\"US\"", "Delivered"),
                    back = told("\"US\"", "Delivered, To Original Sender");
  for (const auto& payloads :
       std::vector<std::vector<std::string>>{{vague, sure, back}, {back, sure, vague}, {sure, back}}) {
    ServiceUnderTest service;
    ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
    ASSERT_TRUE(
        service
            .VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "usps" tracking_number: "9400111899223197428497" })")
            .ok());
    for (const std::string& payload : payloads) {
      for (const auto& result : service.PushRaw("usps-tracking-v3", payload))
        EXPECT_TRUE(result.ok()) << result.status();
    }
    v1::GetShipmentRequest request;
    request.set_carrier("usps");
    request.set_tracking_number("9400111899223197428497");
    const auto shipment = GetShipment(service.reader(), request);
    ASSERT_TRUE(shipment.ok());
    ASSERT_EQ(shipment->scans_size(), 1);
    const v1::ScanView& scan = shipment->scans(0);
    EXPECT_EQ(scan.state(), v1::TRACKING_STATE_RETURNED);
    EXPECT_EQ(scan.time().instant().seconds(), 1741029000) << "13:10 in Wisconsin";
    EXPECT_FALSE(scan.time().uncertain());
    EXPECT_EQ(shipment->shipment().state(), v1::TRACKING_STATE_RETURNED);
    EXPECT_EQ(shipment->shipment().state_since().seconds(), 1741029000);
    const auto trace = service.Trace("SO-1");
    const auto entry =
        std::find_if(trace.begin(), trace.end(), [](const auto& e) { return e.kind() == "StatusRecorded"; });
    ASSERT_NE(entry, trace.end());
    EXPECT_EQ(entry->time().seconds(), 1741029000);
    EXPECT_EQ(entry->state(), v1::TRACKING_STATE_RETURNED);
    EXPECT_EQ(std::count_if(trace.begin(), trace.end(), [](const auto& e) { return e.kind() == "StatusRecorded"; }), 1);
    EXPECT_EQ(service.RebuiltRows(1), service.LiveRows());
  }
}

// Carriers push histories again and again: whatever came, nothing of it counts twice.
TEST(SupplierTracking, WhatIsPushedAgainChangesNothing) {
  for (const Format& format : Formats()) {
    ServiceUnderTest service;
    service.Pass(absl::FromUnixSeconds(1'790'000'000) - service.now());
    const std::vector<Judged> all = ReadJudged(format.name);
    for (const Judged& judged : all) {
      for (const auto& result : service.PushRaw(format.name, judged.payload)) {
        ASSERT_TRUE(result.ok()) << format.name << ", " << judged.name << ": " << result.status();
      }
    }
    const ServiceUnderTest::Rows before = service.LiveRows();
    for (auto judged = all.rbegin(); judged != all.rend(); ++judged) {
      for (const auto& result : service.PushRaw(format.name, judged->payload)) {
        EXPECT_EQ(result.value_or(v1::PUSH_RESULT_UNSPECIFIED), v1::PUSH_RESULT_DUPLICATE)
            << format.name << ", " << judged->name << ": " << result.status();
      }
    }
    EXPECT_EQ(service.LiveRows(), before) << format.name;
    EXPECT_EQ(service.RebuiltRows(1), service.LiveRows()) << format.name;
  }
}

// What was put aside on a stream of its own, because its number could not be read, is discarded there by a person.
TEST(SupplierTracking, ADiscardedMessageDoesNotComeBack) {
  ServiceUnderTest service;
  const std::string torn = "not a payload at all";
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", torn).begin(), v1::PUSH_RESULT_QUARANTINED);
  const auto kept = ListQuarantinedMessages(service.reader(), {});
  ASSERT_EQ(kept->messages_size(), 1);
  Report discard;
  ShipmentName name;
  ASSERT_TRUE(ParseShipmentStream(kept->messages(0).shipment(), name));
  discard.carrier = name.carrier;
  discard.number = name.number;
  discard.epoch = name.epoch;
  DiscardQuarantined command;
  command.request.set_fingerprint(kept->messages(0).quarantined().fingerprint());
  discard.command = command;
  EXPECT_EQ(service.Submit(discard).status().code(), absl::StatusCode::kInvalidArgument) << "without a reason";
  command.request.set_reason("a test of the carrier");
  discard.command = command;
  EXPECT_TRUE(service.Submit(discard).ok());
  EXPECT_EQ(ListQuarantinedMessages(service.reader(), {})->messages_size(), 0);
  EXPECT_EQ(ListQuarantine(service.reader(), {})->codes_size(), 0);
  EXPECT_EQ(runtime::Counted(service.reader(), kQuarantinedNow), 0);
  EXPECT_EQ(**service.PushRaw("usps-tracking-v3", torn).begin(), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_EQ(service.RebuiltRows(1), service.LiveRows());
}
}  // namespace
}  // namespace throughline::supplier
