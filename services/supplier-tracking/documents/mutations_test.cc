// Documents that were changed in one way each: they are read as what they are, or not at all. And any bytes: the reader
// neither stops nor reads what is not there.

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/message_differencer.h"
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/documents/read_document.h"
#include "services/supplier-tracking/documents/testing_documents.h"

namespace throughline::supplier {
namespace {

using nlohmann::json;

// All occurrences of `from` in the document become `to`; what is said of it then, empty: it is read.
std::string Without(const std::string& kind, const std::string& from, const std::string& to) {
  const std::string body = Document(kind), changed = absl::StrReplaceAll(body, {{from, to}});
  EXPECT_NE(changed, body) << "nothing is like " << from;
  const auto read = ReadDocument("acme", changed);
  if (read.ok()) return "";
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << read.status();
  return std::string(read.status().message());
}

TEST(DocumentMutations, OneWrongThingIsNamed) {
  struct Mutation {
    const char *kind, *from, *to, *said;
  };
  const Mutation mutations[] = {
      {"delayed", "expected_dispatch", "expected_dispach", "expected_dispach"},
      {"delayed", "\"delayed\"", "\"late\"", "kind is `late`"},
      {"delayed", "09:00:00Z", "09:00:00", "expected_dispatch is not a time with an offset"},
      {"delayed", "\"2026-03-03T09:00:00Z\"", "1772528400", "expected_dispatch is not a time with an offset"},
      {"delayed", "2026-03-04T18", "2026-13-04T18", "expected_delivery is not a time with an offset"},
      {"delayed", "\"machine down\"", "\"\"", "reason"},
      {"delayed", "\"reason\"", "\"reference\"", "reference does not belong to a document of the kind delayed"},
      {"delayed", "{\"line\": \"1\"}", "{\"line\": \"1\", \"quantity\": 1}", "lines[0].quantity does not belong"},
      {"delayed", "[{\"line\": \"1\"}]", "{\"line\": \"1\"}", "lines"},
      {"dispatched", "\"quantity\": 2}]", "\"quantity\": \"2\"}]", "quantity is not a whole number"},
      {"dispatched", "\"quantity\": 2}]", "\"quantity\": -2}]", "quantity is not a whole number"},
      {"dispatched", "\"quantity\": 2}]", "\"quantity\": 2.5}]", "quantity is not a whole number"},
      {"dispatched", "\"quantity\": 2}]", "\"quantity\": 4294967296}]", "quantity is not a whole number"},
      {"dispatched", "\"hand_over\": false", "\"hand_over\": \"no\"", "hand_over"},
      {"dispatched", "\"carrier\": \"ups\"", "\"carrier\": \"ups\", \"carrier\": \"usps\"", "carrier"},
      {"dispatched", "\"carrier\": \"ups\", ", "", "carrier is missing"},
      {"dispatched", "\"sscc\": \"376104250021234569\"", "\"sscc\": \"3761042500212345690\"", "sscc"},
      {"dispatched", "SN-1", "SN\\u202e1", "serial_number"},
      {"split", "\"quantity\": 1", "\"quantity\": 0", "parts[1].quantity is not a whole number"},
      {"substituted", "\"substitute\":", "\"reason\":", "reason"},
      {"substituted", "\"sku\": \"LAMP-8\", ", "", "substitute.sku is missing"},
      {"acknowledged", "}", "", "JSON"},
      {"acknowledged", "\"SO-1\"", "null", "order is missing"},
  };
  for (const Mutation& each : mutations) {
    const std::string said = Without(each.kind, each.from, each.to);
    EXPECT_NE(said.find(each.said), std::string::npos) << each.kind << ", " << each.to << ": " << said;
  }
}

TEST(DocumentMutations, WhatDoesNotMatterIsRead) {
  EXPECT_EQ(Without("acknowledged", ", ", " ,\n\t"), "");
  EXPECT_EQ(Without("acknowledged", "\"reference\": \"A-77\", ", ""), "");
  EXPECT_EQ(Without("delayed", "09:00:00Z", "10:00:00.000+01:00"), "");
  EXPECT_EQ(Without("split", "\"reason\": \"two machines\", ", ""), "");
  EXPECT_EQ(Without("dispatched", "376104250021234569", "376104250021234568"), "") << "the rules look at the digits";
}

// A moment is the same in any zone.
TEST(DocumentMutations, TimesAreMoments) {
  const auto here = ReadDocument("acme", Document("delayed"));
  const auto there = ReadDocument(
      "acme", absl::StrReplaceAll(Document("delayed"), {{"2026-03-03T09:00:00Z", "2026-03-03T10:00:00+01:00"}}));
  ASSERT_TRUE(here.ok() && there.ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*here, *there));
}

RC_GTEST_PROP(DocumentMutationsProperty, AnyBytesAreReadOrRefused, ()) {
  const std::vector<std::string> kinds = DocumentKinds();
  std::string body = Document(*rc::gen::elementOf(kinds));
  const int changes = *rc::gen::inRange(1, 5);
  for (int i = 0; i < changes; ++i) {
    const auto at = static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(body.size())));
    const char byte = *rc::gen::arbitrary<char>();
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        body[at] = byte;
        break;
      case 1:
        body.erase(at, static_cast<size_t>(*rc::gen::inRange(1, 20)));
        break;
      default:
        body.insert(at, 1, byte);
    }
    if (body.empty()) body = "{";
  }
  const auto read = ReadDocument("acme", body);
  if (!read.ok()) {
    RC_ASSERT(read.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  // What is read is JSON that names these lines and this kind.
  const json document = json::parse(body);
  RC_ASSERT(read->order_id() == document["order"].get<std::string>());
  RC_ASSERT(read->update_case() != v1::RecordVendorUpdateRequest::UPDATE_NOT_SET);
  const size_t lines = document.contains("lines") ? document["lines"].size() : 0;
  RC_ASSERT(static_cast<size_t>(read->line_ids_size()) == lines);
}

}  // namespace
}  // namespace throughline::supplier
