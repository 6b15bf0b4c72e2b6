// Payloads that were changed in one way each, with what must come of it: the right event, or quarantine; never a wrong
// state. And the table of all payloads.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_outcomes.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

const Carriers& BuiltIn() {
  static const Carriers& carriers = *Carriers::Load("").value().release();
  return carriers;
}

// `delivered` of testdata/ holds one delivered scan. What stands in it for what.
struct Base {
  const char* format;
  const char* file;
  const char* text;    // the text of the scan; "": the format has none
  const char* code;    // the code's field
  const char* other;   // the same field with a code that means no delivery
  const char* number;  // the tracking number
  const char* time;    // the scan's local time
  const char* unread;  // what an unreadable local time gives: where there is GMT besides, the scan
  const char* eta;     // the ETA
};

const std::vector<Base>& Bases() {
  static const auto& bases = *new std::vector<Base>{
      {"aftership-webhook", "delivered.json", "\"Delivered, Left with Individual\"", "\"subtag\": \"Delivered_001\"",
       "\"subtag\": \"Exception_012\", \"x\": 1", "9405511202575421535949", "2025-03-05T13:10:00", "malformed",
       "\"2025-03-05\""},
      {"canada-post-detail", "delivered.xml", ">Item successfully delivered<", ">1496<", ">0174<", "7023210039414604",
       "2025-03-05</event-date>", "malformed", ">2025-03-05</expected"},
      {"dhl-express-tracking", "delivered.json", "\"Delivered\"", "\"typeCode\": \"OK\"", "\"typeCode\": \"WC\"",
       "1234567890", "10:12:00", "malformed", "\"2025-03-05\",\n      \"events\""},
      {"dhl-parcel-de", "delivered.xml", "\"Die Sendung wurde erfolgreich zugestellt.\"", "ice=\"DLVRD\" ric",
       "ice=\"ULFMV\" ric", "00340434161094042557", "17.03.2025 11:21", "malformed", ""},
      {"dhl-unified", "delivered.json", "\"The shipment has been successfully delivered\"",
       "\"statusCode\": \"delivered\"", "\"statusCode\": \"transit\"", "00340434292135100124", "2025-03-05T07:53:47",
       "malformed", "\"2025-03-05T00:00:00Z\""},
      {"dpd-life-cycle", "delivered.xml", ">Delivered<", ">DELIVERED<", ">ON_THE_ROAD<", "01905123456789",
       "05.03.2025, 11:57", "malformed", ""},
      {"easypost-webhook", "delivered.json", "\"DELIVERED\"",
       "\"status_detail\": \"arrived_at_destination\",\n        \"datetime\"", "\"status_detail\": \"x\", \"datetime\"",
       "1Z8A41E20390105678", "2025-09-18T21:32:00Z", "malformed", "\"2025-09-18T00:00:00Z\""},
      {"edi-214", "delivered.edi", "", "AT7*D1", "AT7*X6", "1Z204W4R0308071865", "*20250305*1312*LT", "malformed", ""},
      {"fedex-track-v1", "delivered.json", "\"Delivered\"", "\"eventType\": \"DL\"", "\"eventType\": \"OD\"",
       "123456789012", "2025-03-05T12:41:00-08:00", "malformed", "2025-03-05T17:00:00-08:00"},
      {"fedex-webhook", "delivered.json", "\"Delivered\"", "\"eventType\": \"DL\"", "\"eventType\": \"OD\"",
       "123456789012", "2025-03-05T12:41:00-08:00", "malformed", "2025-03-05T17:00:00-08:00"},
      {"gs1-epcis-2", "delivered.jsonld", "", "\"bizStep\": \"receiving\"", "\"bizStep\": \"shipping\"",
       "0614141.1234567890", "2025-03-05T04:33:31.116-06:00", "malformed", ""},
      {"royal-mail-events", "delivered.json", "\"Delivered by postman, signed for\"", "\"eventCode\": \"EVKSP\"",
       "\"eventCode\": \"EVGPD\"", "RB123456785GB", "2025-03-05T11:12:00+0000", "malformed", "\"2025-03-05\""},
      {"shipengine-webhook", "delivered.json", "\"Delivered, In/At Mailbox\"", "\"status_code\": \"DE\"",
       "\"status_code\": \"IT\"", "9400111899223197428497", "2025-03-05T15:00:00.000Z", "malformed",
       "\"2025-03-05T00:00:00Z\""},
      {"shippo-webhook", "delivered.json", "\"Your shipment has been delivered.\"", "\"code\": \"delivered\"",
       "\"code\": \"package_gone\"", "9205590164917312751089", "2025-03-05T21:10:00Z", "malformed",
       "\"2025-03-05T00:00:00Z\""},
      {"ups-track-alert", "delivered.json", "\"Delivered\"", "\"code\": \"FS\"", "\"code\": \"OT\"",
       "1Z204W4R0308071865", "\"localActivityTime\": \"095004\"", "DELIVERED",
       "\"scheduledDeliveryDate\": \"20250918\""},
      {"ups-track-v1", "delivered.json", "\"DELIVERED\"", "\"code\": \"FS\"", "\"code\": \"OT\"", "1Z204W4R0308071865",
       "\"095004\"", "DELIVERED", "\"20250919\"\n"},
      {"usps-track-xml", "delivered.xml", ">Delivered, Left with Individual<", ">01<", ">OF<", "9400111899223197428497",
       "1:10 pm", "malformed", "March 3, 2025</Expected"},
      {"usps-tracking-v3", "delivered.json", "\"Delivered, Left with Individual\",\n      \"eventTimestamp\"",
       "\"eventCode\": \"01\"", "\"eventCode\": \"OF\"", "9400111899223197428497", "2025-03-03T13:10:00", "DELIVERED",
       "\"2025-03-03T20:00:00\""},
  };
  return bases;
}

const testing::Environment* const kTally = testing::AddGlobalTestEnvironment(new Tally);

class Mutations : public testing::TestWithParam<Base> {
 protected:
  void SetUp() override {
    body_ = Payload(absl::StrCat(GetParam().format, "/", GetParam().file));
    ASSERT_EQ(Outcome(Parse(body_)), "DELIVERED") << body_;
  }
  absl::StatusOr<std::vector<ParsedItem>> Parse(const std::string& body) {
    return BuiltIn().Find(GetParam().format)->Parse(body);
  }
  // All occurrences of `from` become `to`.
  std::string With(const std::string& from, const std::string& to) {
    const std::string changed = absl::StrReplaceAll(body_, {{from, to}});
    EXPECT_NE(changed, body_) << "nothing is like " << from;
    return changed;
  }
  void Expect(const std::string& body, const std::string& outcome, const std::string& what) {
    ++Tally::mutations;
    const std::string is = Outcome(Parse(body));
    Tally::Add(GetParam().format, outcome, is);
    EXPECT_EQ(is, outcome) << GetParam().format << ", " << what << ":\n" << body;
  }
  // The text's literal with other words.
  std::string Words(const std::string& words) {
    const std::string literal = GetParam().text;
    const char open = literal[0], close = open == '>' ? '<' : '"';
    const size_t end = literal.find(close, 1);
    const std::string changed = open + words + literal.substr(end);
    return changed == literal ? body_ : With(literal, changed);
  }
  bool xml() const { return body_.find("<") != std::string::npos && body_[0] != '{'; }
  bool json() const { return body_[0] == '{'; }

  std::string body_;
};

TEST_P(Mutations, TextsThatTellAgainstADeliveryAreContradictions) {
  if (*GetParam().text == 0) return;
  for (const char* text :
       {"Returned to sender", "RETURN TO SENDER", "Delivered, To Original Sender", "Delivery attempted - no access",
        "Notice Left (No Authorized Recipient Available)", "Available for pickup", "Ready for Pickup at the counter",
        "Delivered to a locker, awaiting pickup", "Shipping label created", "Pre-Shipment Info Sent", "Not delivered",
        "Your item could not be delivered", "Out for Delivery", "Held at customs", "The package was lost",
        "Shipment cancelled", "In transit", "Refused by recipient", "Business closed"}) {
    // USPS's own words for the end of a return are in its map.
    const bool known = std::string_view(GetParam().format).substr(0, 4) == "usps" &&
                       std::string_view(text) == "Delivered, To Original Sender";
    Expect(Words(text), known ? "RETURNED" : "contradiction", text);
  }
}

TEST_P(Mutations, TextsOfADeliveryAreNone) {
  if (*GetParam().text == 0) return;
  for (const char* text : {"Delivered", "DELIVERED, FRONT DOOR/PORCH", "Left with individual",
                           "Delivered, In/At Mailbox", "Signed for by J. Lost", "x"}) {
    const bool lost = std::string_view(text).find("Lost") != std::string_view::npos;
    Expect(Words(text), lost ? "contradiction" : "DELIVERED", text);
  }
  Expect(Words(""), "DELIVERED", "no text");
}

TEST_P(Mutations, ADeliveredTextTellsAgainstAnotherCode) {
  const bool aggregator = std::string_view(GetParam().format).find("webhook") != std::string_view::npos &&
                          std::string_view(GetParam().format) != "fedex-webhook";
  if (*GetParam().text == 0 || aggregator) return;
  for (const char* text : {"Delivered", "Package delivered to recipient", "DELIVERED, front door"}) {
    body_ = Payload(absl::StrCat(GetParam().format, "/", GetParam().file));
    body_ = Words(text);
    Expect(With(GetParam().code, GetParam().other), "contradiction", text);
  }
}

TEST_P(Mutations, AnUnknownCodeIsQuarantined) {
  const std::string code = GetParam().code;
  // The value is what stands last between quotes, brackets or after a star.
  std::string unknown = code;
  const size_t value = code.find_last_not_of("\"< \n");
  for (const char* to : {"QQ9", "ZZ-TOP", "0"}) {
    size_t end = std::string_view(GetParam().format) == "dhl-parcel-de" ? code.find("\" ric")
                 : code.find("\",\n") != std::string::npos              ? code.find("\",\n")
                                                                        : value + 1;
    const size_t begin = code.find_last_of("\">*", end - 1) + 1;
    unknown = code.substr(0, begin) + to + code.substr(end);
    // EasyPost, Shippo and AfterShip have understood the carrier: their status alone has a meaning.
    const bool by_type = std::string_view(GetParam().format) == "easypost-webhook" ||
                         std::string_view(GetParam().format) == "shippo-webhook" ||
                         std::string_view(GetParam().format) == "aftership-webhook";
    Expect(With(code, unknown), by_type ? "DELIVERED" : "quarantine", to);
  }
}

TEST_P(Mutations, NumbersAreNormalisedOrTheParcelIsKept) {
  const std::string number = GetParam().number;
  const auto plain = Parse(body_);
  ASSERT_TRUE(plain.ok());
  if (std::string_view(GetParam().format) != "gs1-epcis-2") {
    for (const std::string& same :
         {number.substr(0, 4) + " " + number.substr(4), absl::AsciiStrToLower(number), " " + number + " "}) {
      if (same == number) continue;
      Expect(With(number, same), "DELIVERED", same);
      const auto again = Parse(With(number, same));
      ASSERT_TRUE(again.ok() && !again->empty());
      EXPECT_EQ(again->at(0).event.tracking_number(), plain->at(0).event.tracking_number());
    }
  }
  for (const char* bad : {"", "1Z/../x", "---?---"}) Expect(With(number, bad), "malformed", bad);
}

TEST_P(Mutations, AnUnreadableTimeSpoilsTheScanUnlessThereIsGmt) {
  for (const char* bad : {"yesterday", "2025-02-30T10:00:00", "9999"}) {
    std::string to = bad;
    const std::string_view format = GetParam().format;
    if (format == "canada-post-detail") to = absl::StrCat(bad, "</event-date>");
    if (format == "edi-214") to = absl::StrCat("*", bad, "*1312*LT");
    if (format == "ups-track-alert") to = absl::StrCat("\"localActivityTime\": \"", bad, "\"");
    if (format == "ups-track-v1") to = absl::StrCat("\"", bad, "\"");
    if (format == "dhl-express-tracking") to = absl::StrCat(bad, ":");
    Expect(With(GetParam().time, to), GetParam().unread, bad);
  }
}

TEST_P(Mutations, OptionalFieldsSpoilNothing) {
  if (*GetParam().eta != 0) {
    const std::string eta = GetParam().eta;
    const size_t digit = eta.find_first_of("0123456789M");
    Expect(With(eta, eta.substr(0, digit) + "soon" + eta.substr(digit + 1)), "DELIVERED", "an unreadable ETA");
  }
  if (json()) {
    Expect("{\"weight_of_nobody\": 1e999, " + body_.substr(1), "DELIVERED", "a number that nobody reads");
    Expect("{\"x\": {\"a\": 1, \"a\": 2}, " + body_.substr(1), "DELIVERED", "a duplicate that nobody reads");
    Expect("\n\t " + body_, "DELIVERED", "blanks");
  }
  if (xml())
    Expect("<!-- a note -->" + (body_[1] == '?' ? body_.substr(body_.find("?>") + 2) : body_), "DELIVERED",
           "a comment");
}

TEST_P(Mutations, ACodeGivenTwiceIsNotGuessed) {
  const std::string_view format = GetParam().format;
  const std::string code = GetParam().code;
  if (json() && format != "easypost-webhook") {
    Expect(With(code, absl::StrCat(code, ", ", GetParam().other)), "malformed", "twice");
  }
  if (xml() && format != "dhl-parcel-de") {
    const size_t at = body_.find(code), open = body_.rfind('<', at), close = body_.find('>', at + code.size());
    const std::string element = body_.substr(open, close + 1 - open);
    Expect(With(element, element + element), "malformed", "twice");
  }
}

TEST_P(Mutations, WhatIsNoPayloadIsRefusedAsAWhole) {
  Expect(body_.substr(0, body_.size() / 2), "refused", "cut off");
  Expect(body_.substr(0, body_.size() - 4), "refused", "cut off at the end");
  Expect("", "refused", "nothing");
  Expect(std::string(1, '\0') + body_, "refused", "a NUL");
  if (xml())
    Expect("<!DOCTYPE x [<!ENTITY y \"z\">]>" + body_.substr(body_[1] == '?' ? body_.find("?>") + 2 : 0), "refused",
           "a document type");
}

INSTANTIATE_TEST_SUITE_P(Formats, Mutations, testing::ValuesIn(Bases()), [](const auto& info) {
  return absl::StrReplaceAll(info.param.format, {{"-", "_"}});
});

TEST(MutationTable, EveryFormatHasADeliveredPayload) {
  EXPECT_EQ(Bases().size(), BuiltIn().Formats().size());
  for (size_t i = 0; i < Bases().size(); ++i) EXPECT_EQ(Bases()[i].format, BuiltIn().Formats()[i]);
}

// The states that the file beside a payload says, which a person has read: the truth of the table above.
std::string OutcomeBeside(const std::string& path) {
  std::vector<std::string> words;
  const std::string beside = files::ReadFile(path + ".expected").value_or("");
  for (absl::string_view line : absl::StrSplit(beside, '\n')) {
    if (absl::ConsumePrefix(&line, "# scan: TRACKING_STATE_")) {
      words.emplace_back(line.substr(0, line.find(' ')));
    } else if (absl::StartsWith(line, "# contradiction")) {
      words.emplace_back("contradiction");
    } else if (absl::StartsWith(line, "# quarantine")) {
      words.emplace_back("quarantine");
    } else if (absl::StartsWith(line, "# malformed")) {
      words.emplace_back("malformed");
    }
  }
  return words.empty() ? "nothing" : absl::StrJoin(words, " ");
}

TEST(MutationTable, OfAllPayloads) {
  for (const TestPayload& payload : AllPayloads()) {
    const std::string is = Outcome(BuiltIn().Find(payload.format)->Parse(payload.body));
    const std::string should = OutcomeBeside(payload.path);
    Tally::Add(payload.format, should, is);
    EXPECT_EQ(is, should) << payload.path;
  }
}

}  // namespace
}  // namespace throughline::supplier
