#include "services/supplier-tracking/carriers/code_maps.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/formats/draft.h"
#include "tests/support/test_directory.h"

namespace throughline::supplier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

v1::CarrierCode Code(const std::string& type, const std::string& code, const std::string& version = "") {
  v1::CarrierCode made;
  made.set_type(type);
  made.set_code(code);
  made.set_api_version(version);
  return made;
}

std::unique_ptr<CodeMaps> Maps(const std::vector<MapFile>& files) {
  auto maps = CodeMaps::Parse(files);
  EXPECT_TRUE(maps.ok()) << maps.status();
  return maps.ok() ? *std::move(maps) : nullptr;
}

std::string Why(const std::string& text) {
  return std::string(CodeMaps::Parse({{"acme.textproto", text}}).status().message());
}

v1::TrackingState StateOf(const CodeMaps& maps, const char* carrier, const v1::CarrierCode& code,
                          const char* text = "") {
  const v1::CarrierMapEntry* entry = maps.Find(carrier, code, text);
  return entry == nullptr ? v1::TRACKING_STATE_UNSPECIFIED : entry->state();
}

TEST(CodeMaps, FindTheMostSpecificEntryByExactKey) {
  const auto maps = Maps({{"acme.textproto", R"(
      carrier: "acme"
      entries { type: "I" state: TRACKING_STATE_IN_TRANSIT }
      entries { code: "OT" state: TRACKING_STATE_ON_HOLD }
      entries { type: "I" code: "OT" state: TRACKING_STATE_OUT_FOR_DELIVERY }
      entries { type: "I" code: "OT" text: "Back to Sender" state: TRACKING_STATE_RETURNING }
      entries { code: "OT" text: "Gone" state: TRACKING_STATE_LOST_OR_DAMAGED })"}});
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "OT")), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "OT"), "whatever"), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "OT"), "Back to Sender"), v1::TRACKING_STATE_RETURNING);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "OT"), "Gone"), v1::TRACKING_STATE_LOST_OR_DAMAGED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", "OT")), v1::TRACKING_STATE_ON_HOLD);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "ZZ")), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", "ZZ")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("i", "ot")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", "O")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", "OTX")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("", "")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "other", Code("I", "OT")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", std::string("OT\x1f", 3))), v1::TRACKING_STATE_UNSPECIFIED);
}

TEST(CodeMaps, OfAnApiVersionCountBeforeThoseOfAny) {
  const auto maps =
      Maps({{"any.textproto", R"(carrier: "acme" entries { type: "I" code: "1" state: TRACKING_STATE_IN_TRANSIT })"},
            {"v2.textproto",
             R"(carrier: "acme" api_version: "v2" entries { type: "I" code: "1" state: TRACKING_STATE_PICKED_UP }
                                              entries { code: "1" state: TRACKING_STATE_CANCELLED })"}});
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "1", "v2")), v1::TRACKING_STATE_PICKED_UP);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "1", "v1")), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(StateOf(*maps, "acme", Code("I", "1")), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(StateOf(*maps, "acme", Code("X", "1", "v2")), v1::TRACKING_STATE_CANCELLED);
}

TEST(CodeMaps, NameFileAndLineOfEachMistake) {
  EXPECT_THAT(Why("carrier: \"acme\"\nentries { code: \"1\" state: TRACKING_STATE_LATE }"),
              HasSubstr("acme.textproto:2: "));
  EXPECT_THAT(Why("carrier: \"acme\"\n\nentrys { }"), HasSubstr("acme.textproto:3: "));
  EXPECT_THAT(Why("entries { code: \"1\" state: TRACKING_STATE_IN_TRANSIT }"), HasSubstr("`carrier` is missing"));
  EXPECT_THAT(Why("carrier: \"acme\"\nentries { code: \"1\" }"),
              AllOf(HasSubstr("acme.textproto:2: "), HasSubstr("no state")));
  EXPECT_THAT(Why("carrier: \"acme\"\nentries {\n  code: \"1\"\n  state: TRACKING_STATE_UNSPECIFIED\n}"),
              AllOf(HasSubstr("acme.textproto:4: "), HasSubstr("no state")));
  EXPECT_THAT(Why("carrier: \"acme\"\nentries { state: TRACKING_STATE_IN_TRANSIT }"),
              HasSubstr("neither type nor code"));
  EXPECT_THAT(Why("carrier: \"acme\"\nentries { type: \"1\" text: \"t\" state: TRACKING_STATE_IN_TRANSIT }"),
              HasSubstr("needs a `code`"));
  EXPECT_THAT(
      Why("carrier: \"acme\"\nentries { code: \"1\" state: TRACKING_STATE_IN_TRANSIT flags: TRACKING_FLAG_STALE }"),
      HasSubstr("TRACKING_FLAG_DELAYED"));
  EXPECT_THAT(Why("carrier: \"acme\"\ntext_claims { phrase: \"gone\" }"),
              HasSubstr("acme.textproto:2: this claim has no state"));
  EXPECT_THAT(Why("carrier: \"acme\"\ncarrier_names { name: \"X\" carrier: \"Not An Id\" }"),
              HasSubstr("acme.textproto:2: "));
}

TEST(CodeMaps, RefuseADuplicateKeyEvenInTwoFiles) {
  const std::string one = "carrier: \"acme\"\nentries { code: \"1\" state: TRACKING_STATE_IN_TRANSIT }\n";
  EXPECT_THAT(Why(one + "entries { code: \"1\" state: TRACKING_STATE_PICKED_UP }"),
              AllOf(HasSubstr("acme.textproto:3: "), HasSubstr("acme.textproto:2")));
  const auto two = CodeMaps::Parse({{"a.textproto", one}, {"b.textproto", "\n" + one}});
  EXPECT_EQ(two.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(two.status().message()), AllOf(HasSubstr("b.textproto:3: "), HasSubstr("a.textproto:2")));
}

TEST(CodeMaps, ReportAllMistakesAtOnce) {
  EXPECT_THAT(Why("carrier: \"acme\"\nentries { code: \"1\" }\nentries { code: \"2\" }"),
              AllOf(HasSubstr("acme.textproto:2: "), HasSubstr("acme.textproto:3: ")));
}

TEST(CodeMaps, AreReadFromADirectory) {
  const TestDirectory scratch;
  const std::filesystem::path directory = std::filesystem::path(scratch.path()) / "maps";
  EXPECT_EQ(CodeMaps::Read(directory.string()).status().code(), absl::StatusCode::kNotFound);
  std::filesystem::create_directories(directory);
  EXPECT_THAT(std::string(CodeMaps::Read(directory.string()).status().message()), HasSubstr("holds no file"));
  std::ofstream(directory / "acme.textproto")
      << R"(carrier: "acme" entries { code: "1" state: TRACKING_STATE_IN_TRANSIT })";
  std::ofstream(directory / "notes.txt") << "not a map";
  const auto maps = CodeMaps::Read(directory.string());
  ASSERT_TRUE(maps.ok()) << maps.status();
  EXPECT_EQ(StateOf(**maps, "acme", Code("", "1")), v1::TRACKING_STATE_IN_TRANSIT);
}

// Which characters of a number carry no meaning, which prefix is a routing code, and whose number an aggregator's name
// stands for: all of it comes from the maps, and changes with them.
TEST(CodeMaps, HowNumbersAreWrittenAndCarriersAreCalledIsData) {
  const auto plain = Maps({{"acme.textproto", R"(carrier: "acme")"}});
  EXPECT_EQ(plain->Number("acme", " 12-34 5x ").number, "12-345X") << "blanks and capitals mean nothing anywhere";
  EXPECT_EQ(plain->Number("acme", "4201234591234567").number, "4201234591234567");
  EXPECT_EQ(plain->Number("acme", "12.34").number, "");
  EXPECT_EQ(plain->CarrierId("agg", "Acme Parcel (Pro)"), "acme parcel (pro)") << "a name that nobody explains stays";

  const auto told =
      Maps({{"acme.textproto", R"(carrier: "acme" numbers { drop: "-." prefixes { begins: "420" bytes: 8
                               before: "9" rest_bytes: 8 } checks: CHECK_DIGIT_S10 })"},
            {"agg.textproto", R"(carrier: "agg" carrier_names { name: "AcmeParcelPro" carrier: "acme" })"}});
  EXPECT_EQ(told->Number("acme", "12-34.5x").number, "12345X");
  EXPECT_EQ(told->Number("acme", "420 12345 9123-4567").number, "91234567");
  EXPECT_EQ(told->Number("acme", "4201234581234567").number, "4201234581234567") << "the rest is no number of theirs";
  EXPECT_EQ(told->Number("acme", "420123459123456").number, "420123459123456") << "too short for one";
  EXPECT_EQ(told->Number("nobody", "420 12345 9123-4567").number, "420123459123-4567");
  EXPECT_EQ(told->Number("acme", "RB123456785GB").warning, "");
  EXPECT_NE(told->Number("acme", "RB123456784GB").warning, "");
  for (const char* name : {"AcmeParcelPro", "acme parcel pro", "Acme Parcel (Pro)", "ACME-PARCEL_PRO"}) {
    EXPECT_EQ(told->CarrierId("agg", name), "acme") << name;
    EXPECT_NE(told->CarrierId("another", name), "acme") << name;
  }
}

TEST(Judgement, IsAConflictWhenTheTextClaimsAnotherState) {
  const auto maps = Maps({{"acme.textproto", R"(
      carrier: "acme"
      entries { code: "PRE" state: TRACKING_STATE_ANNOUNCED }
      entries { code: "DEL" state: TRACKING_STATE_DELIVERED }
      entries { code: "RTS" state: TRACKING_STATE_DELIVERED return_leg: true }
      text_claims { phrase: "Delivered" state: TRACKING_STATE_DELIVERED unless: "not delivered" })"}});
  const auto judge = [&](const char* code, const char* text) { return JudgeCode(*maps, "acme", Code("", code), text); };
  EXPECT_EQ(judge("PRE", "Label created").kind, Judgement::Kind::kKnown);
  EXPECT_EQ(judge("PRE", "DELIVERED, front door").kind, Judgement::Kind::kConflicting);
  EXPECT_EQ(judge("PRE", "DELIVERED, front door").other_state, v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(judge("PRE", "DELIVERED, front door").why, "code \"PRE\" says ANNOUNCED, the text says DELIVERED");
  EXPECT_EQ(judge("PRE", "Not delivered").kind, Judgement::Kind::kKnown);
  EXPECT_EQ(judge("PRE", "undelivered").kind, Judgement::Kind::kKnown);
  EXPECT_EQ(judge("DEL", "Delivered").kind, Judgement::Kind::kKnown);
  EXPECT_EQ(judge("RTS", "Delivered").kind, Judgement::Kind::kKnown);
  EXPECT_EQ(judge("RTS", "Delivered").meaning.state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(judge("NEW", "Delivered").kind, Judgement::Kind::kUnmapped) << "a text alone never gives a state";
}

class BuiltIn : public testing::Test {
 protected:
  const std::unique_ptr<CodeMaps> maps_ = Maps(EmbeddedMapFiles());
};

TEST_F(BuiltIn, UpsOutForDeliveryIsTypeICodeOT) {
  EXPECT_EQ(StateOf(*maps_, "ups", Code("I", "OT", "track-alert/v1")), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("D", "OT", "track-alert/v1")), v1::TRACKING_STATE_OUT_FOR_DELIVERY)
      << "UPS's type D is not always a delivery";
  EXPECT_EQ(StateOf(*maps_, "ups", Code("X", "OT", "track-alert/v1")), v1::TRACKING_STATE_ON_HOLD);
}

TEST_F(BuiltIn, UpsCodesAreDistinguishedByType) {
  EXPECT_EQ(StateOf(*maps_, "ups", Code("M", "DP")), v1::TRACKING_STATE_ANNOUNCED);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("I", "DP")), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("X", "DP")), v1::TRACKING_STATE_ON_HOLD);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("", "DP")), v1::TRACKING_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("D", "FS")), v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(StateOf(*maps_, "ups", Code("D", "QK")), v1::TRACKING_STATE_UNSPECIFIED) << "no default for a type";
  EXPECT_EQ(StateOf(*maps_, "ups", Code("I", "LX")), v1::TRACKING_STATE_HANDED_OVER);
}

TEST_F(BuiltIn, ReturnsAreNeverDeliveries) {
  EXPECT_EQ(JudgeCode(*maps_, "ups", Code("D", "B0"), "Package Delivered To Original Sender").meaning.state(),
            v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(JudgeCode(*maps_, "usps", Code("", "01"), "Delivered, To Original Sender").meaning.state(),
            v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(JudgeCode(*maps_, "usps", Code("", "01"), "Delivered, In/At Mailbox").meaning.state(),
            v1::TRACKING_STATE_DELIVERED);
  EXPECT_EQ(JudgeCode(*maps_, "usps", Code("", "01"), "Delivered to original sender, left at desk").kind,
            Judgement::Kind::kConflicting);
}

// The carrier's own words for its codes must not look like contradictions.
TEST_F(BuiltIn, NoDescriptionContradictsItsCode) {
  for (const MapFile& file : EmbeddedMapFiles()) {
    if (file.name == "any.textproto") continue;
    v1::CarrierMap map;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(file.text, &map));
    EXPECT_FALSE(map.entries().empty() || map.documentation().empty()) << file.name;
    for (const v1::CarrierMapEntry& entry : map.entries()) {
      EXPECT_FALSE(entry.description().empty()) << entry.ShortDebugString();
      const Judgement judgement = JudgeCode(*maps_, map.carrier(), Code(entry.type(), entry.code(), map.api_version()),
                                            entry.text().empty() ? entry.description() : entry.text());
      EXPECT_EQ(judgement.kind, Judgement::Kind::kKnown) << judgement.why << ": " << entry.ShortDebugString();
    }
  }
}

TEST_F(BuiltIn, AggregatorsCarriersHaveOurIds) {
  EXPECT_EQ(maps_->CarrierId("easypost", "UPSDAP"), "ups");
  EXPECT_EQ(maps_->CarrierId("easypost", "USPS"), "usps");
  EXPECT_EQ(maps_->CarrierId("easypost", "ups dap"), "ups");
  EXPECT_EQ(maps_->CarrierId("easypost", "CanadaPost"), "canada-post");
}

// Nothing about a code is taken from thin air.
TEST(CodeMaps, EveryBuiltInEntrySaysWhereItComesFrom) {
  for (const MapFile& file : EmbeddedMapFiles()) {
    v1::CarrierMap map;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(file.text, &map)) << file.name;
    EXPECT_FALSE(map.documentation().empty()) << file.name;
    for (const v1::CarrierMapEntry& entry : map.entries()) {
      EXPECT_FALSE(entry.source().empty()) << file.name << ": " << entry.ShortDebugString();
    }
  }
}

}  // namespace
}  // namespace throughline::supplier
