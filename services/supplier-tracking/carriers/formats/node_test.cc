#include "services/supplier-tracking/carriers/formats/node.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;

std::string Why(const std::string& text) { return std::string(Node::ParseJson(text).status().message()); }

TEST(NodeJson, RoundTrips) {
  for (const char* text :
       {R"({"b":1,"a":[true,null,-2.50,"x\"\\y"],"c":{}})", R"([])", R"("Grüße \u0001")", "12345678901234567890"}) {
    const auto json = Node::ParseJson(text);
    ASSERT_TRUE(json.ok()) << json.status();
    EXPECT_EQ(json->ToJson(), text);
  }
}

TEST(NodeJson, ErrorsNameThePlace) {
  EXPECT_THAT(Why(""), HasSubstr("is empty"));
  EXPECT_THAT(Why("{\"a\": 1,\n \"b\" 2}"), HasSubstr("line 2"));
  EXPECT_THAT(Why("{\"a\": \"\xff\"}"), HasSubstr("not JSON in UTF-8"));
  EXPECT_THAT(Why("{} {}"), HasSubstr("not JSON"));
  EXPECT_THAT(Why("{\"a\": NaN}"), HasSubstr("not JSON"));
}

TEST(NodeJson, IsBounded) {
  EXPECT_TRUE(Node::ParseJson(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')).ok());
  EXPECT_THAT(Why(std::string(100'000, '[')), HasSubstr("levels deep"));
  std::string many = "[0";
  for (size_t i = 0; i < kMaxValues; ++i) many += ",0";
  EXPECT_THAT(Why(many + "]"), HasSubstr("values"));
  EXPECT_THAT(Why(std::string(kMaxPayloadBytes + 1, ' ')), HasSubstr("bytes"));
}

TEST(NodeRef, ErrorsNameThePath) {
  const auto json = Node::ParseJson(R"({"result":{"details":[{"at":1},{"at":[]}],"flag":"yes"}})");
  ASSERT_TRUE(json.ok());
  const NodeRef result = NodeRef(*json)["result"];
  {
    Problems problems;
    EXPECT_EQ(result["details"].Size(problems), 2u);
    EXPECT_EQ(result["details"].At(0)["at"].Text(problems), "1");
    EXPECT_EQ(result["details"].At(7)["at"].Text(problems), "");
    EXPECT_TRUE(problems.ok());
  }
  const auto why = [&](auto read) {
    Problems problems;
    read(problems);
    return std::string(problems.ToStatus().message());
  };
  EXPECT_THAT(why([&](auto& p) { result["details"].At(1)["at"].Text(p); }),
              HasSubstr("result.details[1].at is an array"));
  EXPECT_THAT(why([&](auto& p) { result["number"].Required(p); }), HasSubstr("result.number is missing"));
  EXPECT_THAT(why([&](auto& p) { result["flag"].Flag(p); }), HasSubstr("result.flag is a text"));
  EXPECT_THAT(why([&](auto& p) { result["flag"].Size(p); }), HasSubstr("result.flag is a text: must be an array"));
  EXPECT_THAT(why([&](auto& p) { result["flag"].Text(p, 2); }), HasSubstr("result.flag has 3 bytes"));
}

}  // namespace
}  // namespace throughline::supplier
