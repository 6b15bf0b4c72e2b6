#include "libs/server/checks/field_rules.h"

#include <limits>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "libs/server/testing/echo.pb.h"

namespace throughline::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Ruled;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

absl::Status Checked(Ruled& message, const std::string& path = "") {
  static const FieldRules rules(*Ruled::descriptor());
  runtime::FieldViolations bad;
  rules.Check(message, path, {.now = kNow, .max_field_bytes = 20'000}, bad);
  return bad.ToStatus();
}

absl::Status Check(const std::string& text) {
  Ruled message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return Checked(message);
}

TEST(FieldRules, TakeWhatFits) {
  for (
      const char* text :
      {"", R"(id: "" zone: "")", R"(id: "SO 1" line: "No parcel \303\251" text: "one\n\ttwo " words: " KIEL\302\240")",
       R"(opaque: "AbC-_=" number: "1z 99-a" zone: "America/New_York" colour: COLOUR_RED any: "\377\000")",
       R"(zone: "UTC" time { seconds: 946684800 } due { seconds: 1760000000 nanos: 999999999 } period { seconds: 5 })",
       R"(time { seconds: 4102444799 nanos: 999999999 } few: "a" few: "b" few: "abcd" inside { inside { id: "x" } })"}) {
    EXPECT_EQ(Check(text), absl::OkStatus()) << text;
  }
}

TEST(FieldRules, NameViolations) {
  for (const auto& [text, path, what] : std::initializer_list<std::tuple<std::string, std::string, std::string>>{
           {R"(id: "a\nb")", "id", "U+000A (byte 1)"},
           {R"(id: " a")", "id", "blank"},
           {R"(line: "a\342\200\256b")", "line", "U+202E"},
           {R"(line: "a ")", "line", "blank"},
           {R"(text: "a\033b")", "text", "U+001B"},
           {R"(words: "a\342\200\213b")", "words", "U+200B"},
           {R"(opaque: "a b")", "opaque", "leave it out"},
           {R"(number: "1Z_9")", "number", "not a tracking number"},
           {R"(number: "1Z\302\240")", "number", "U+00A0"},
           {R"(zone: "Europe/Atlantis")", "zone", "America/New_York"},
           {R"(zone: "/etc/hostname")", "zone", "America/New_York"},
           {R"(zone: "../zoneinfo/UTC")", "zone", "America/New_York"},
           {R"(zone: "EST5EDT,M3.2.0")", "zone", "America/New_York"},
           {R"(time {})", "time", "2000 to 2100"},
           {R"(time { seconds: 946684799 nanos: 999999999 })", "time", "2000 to 2100"},
           {R"(time { seconds: 4102444800 })", "time", "2000 to 2100"},
           {R"(time { seconds: 9223372036854775807 })", "time", "2000 to 2100"},
           {R"(time { seconds: -9223372036854775808 })", "time", "2000 to 2100"},
           {R"(time { seconds: 1760000000 nanos: -1 })", "time", "nanoseconds"},
           {R"(time { seconds: 1760000000 nanos: 1000000000 })", "time", "nanoseconds"},
           {R"(due { seconds: 1823158401 })", "due", "731 days ahead"},
           {R"(period { seconds: -1 })", "period", "negative"},
           {R"(period { nanos: -1 })", "period", "negative"},
           {R"(period { seconds: 63158401 })", "period", "731 days"},
           {R"(colour: 7)", "colour", "the contract does not know"},
           {R"(few: "abcde")", "few[0]", "at most 4"},
           {R"(few: "a" few: "a" few: "a" few: "a")", "few", "at most 3"},
           {R"(inside {} inside { inside { due { nanos: -1 seconds: 1 } } })", "inside[1].inside[0].due", "nanosec"},
       }) {
    const absl::Status status = Check(text);
    EXPECT_THAT(runtime::BadFieldsOf(status), ElementsAre(path)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(what)) << text;
  }
  EXPECT_EQ(Check("due { seconds: 1823158400 } period { seconds: 63158400 }"), absl::OkStatus());
}

TEST(FieldRules, HaveLimitsOfTheirOwn) {
  for (const auto& [field, most] : std::initializer_list<std::pair<const char*, size_t>>{
           {"id", 128}, {"line", 512}, {"text", 16384}, {"words", 512}, {"opaque", 16384}}) {
    Ruled message;
    const auto* descriptor = Ruled::descriptor()->FindFieldByName(field);
    message.GetReflection()->SetString(&message, descriptor, std::string(most, 'x'));
    EXPECT_EQ(Checked(message), absl::OkStatus()) << field;
    message.GetReflection()->SetString(&message, descriptor, std::string(most + 1, 'x'));
    EXPECT_THAT(runtime::BadFieldsOf(Checked(message)), ElementsAre(field));
  }
}

TEST(FieldRules, NeverExceedTheServersLimits) {
  static const FieldRules rules(*Ruled::descriptor());
  Ruled message;
  message.set_text("12345678");
  message.set_any("12345678");
  runtime::FieldViolations bad;
  rules.Check(message, "", {.max_field_bytes = 8}, bad);
  EXPECT_TRUE(bad.empty());
  rules.Check(message, "", {.max_field_bytes = 7}, bad);
  EXPECT_THAT(runtime::BadFieldsOf(bad.ToStatus()), ElementsAre("text", "any"));
}

// Strings that were made here were never parsed.
TEST(FieldRules, FindInvalidUtf8) {
  Ruled message;
  message.set_text("a\xc3");
  const absl::Status status = Checked(message, "event");
  EXPECT_THAT(runtime::BadFieldsOf(status), ElementsAre("event.text"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("UTF-8 (byte 1)"));
}

TEST(FieldRules, ChangeTrackingNumbersOnly) {
  Ruled message;
  message.set_number("1z 999-a");
  message.set_words(" a ");
  const Ruled before = message;
  ASSERT_EQ(Checked(message), absl::OkStatus());
  EXPECT_EQ(message.number(), "1Z999-A");
  message.set_number(before.number());
  EXPECT_EQ(message.SerializeAsString(), before.SerializeAsString());
}

TEST(FieldRules, AreReportedWhereMissing) {
  EXPECT_THAT(FieldRules::Unruled(*Ruled::descriptor()), IsEmpty());
  EXPECT_THAT(FieldRules::Unruled(*testing::Unruled::descriptor()),
              ElementsAre("throughline.server.testing.Unruled.none", "throughline.server.testing.Unruled.wrong"));
}

}  // namespace
}  // namespace throughline::server
