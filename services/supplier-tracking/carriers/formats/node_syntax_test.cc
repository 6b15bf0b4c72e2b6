// What is particular to each syntax of node.h.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;

std::string Why(const absl::StatusOr<Node>& node) { return std::string(node.status().message()); }

TEST(NodeJson, ReadsANumberThatNoDoubleHolds) {
  const auto json = Node::ParseJson(R"({"weight":1e999,"note":"1e9 \"2\"","list":[-2E+400,0.5]})");
  ASSERT_TRUE(json.ok()) << json.status();
  Problems problems;
  const NodeRef root(*json);
  EXPECT_EQ(root["weight"].Text(problems), "1e999");
  EXPECT_EQ(root["note"].Text(problems), "1e9 \"2\"");
  EXPECT_EQ(root["list"].At(0).Text(problems), "-2E+400");
  EXPECT_TRUE(problems.ok());
  EXPECT_THAT(Why(Node::ParseJson(R"({"weight":1e999,"x":01})")), HasSubstr("not JSON"));
}

TEST(NodeRef, AMemberGivenTwiceIsAProblemWhereItIsRead) {
  const auto json = Node::ParseJson(R"({"code":"A","code":"B","other":1,"other":2,"in":{"x":1},"in":{"x":2}})");
  ASSERT_TRUE(json.ok());
  const NodeRef root(*json);
  Problems problems;
  EXPECT_EQ(root["code"].Text(problems), "");
  EXPECT_THAT(std::string(problems.ToStatus().message()), HasSubstr("code is given twice"));
  Problems inner;
  root["in"]["x"].Text(inner);
  EXPECT_FALSE(inner.ok()) << "what is wrong with an object is wrong with its members";
}

TEST(NodeXml, IsATreeOfLocalNames) {
  const auto xml = Node::ParseXml(R"(<?xml version="1.0"?><s:Envelope xmlns:s="urn:x"><s:Body a="1">
      <t:event code="10">Arri<![CDATA[ved & well]]></t:event><t:event><date>2026-03-01</date></t:event><empty/>
      </s:Body></s:Envelope>)");
  ASSERT_TRUE(xml.ok()) << xml.status();
  Problems problems;
  const NodeRef body = NodeRef(*xml)["Envelope"]["Body"];
  const auto events = body.All("event", problems);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0]["@code"].Text(problems), "10");
  EXPECT_EQ(events[0].Text(problems), "Arrived & well");
  EXPECT_EQ(events[1]["date"].Text(problems), "2026-03-01");
  EXPECT_EQ(events[1].path(), "Envelope.Body.event[1]");
  EXPECT_EQ(body["empty"].Text(problems), "");
  EXPECT_TRUE(problems.ok()) << problems.ToStatus();
  const auto again = Node::ParseXml(xml->ToXml());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->ToXml(), xml->ToXml());
}

// What fuzzers found: names with nothing behind their colon, or what cannot begin a name.
TEST(NodeXml, WritesWhatItCanReadAgain) {
  for (const char* odd : {R"(<a b:="1"><c:>2</c:></a>)", R"(<a b:-c="1"><c:-d>2</c:-d></a>)"}) {
    const auto xml = Node::ParseXml(odd);
    ASSERT_TRUE(xml.ok()) << xml.status();
    const auto again = Node::ParseXml(xml->ToXml());
    ASSERT_TRUE(again.ok()) << again.status() << xml->ToXml();
  }
}

TEST(NodeXml, IsBoundedAndHasNoDocumentType) {
  EXPECT_THAT(Why(Node::ParseXml(R"(<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>)")), HasSubstr("document type"));
  std::string deep, many = "<a>";
  for (size_t i = 0; i < 10'000; ++i) deep += "<a>";
  for (size_t i = 0; i < 10'000; ++i) deep += "</a>";
  for (size_t i = 0; i <= kMaxValues; ++i) many += "<b/>";
  EXPECT_THAT(Why(Node::ParseXml(deep)), HasSubstr("levels deep"));
  EXPECT_THAT(Why(Node::ParseXml(many + "</a>")), HasSubstr("values"));
  EXPECT_THAT(Why(Node::ParseXml("<a><b></a>")), HasSubstr("not XML"));
  EXPECT_THAT(Why(Node::ParseXml("")), HasSubstr("empty"));
}

constexpr char kIsa[] =
    "ISA*00*          *00*          *02*ACME           *ZZ*SHOP           *260301*1200*U*00401*000000001*0*P*>~";

TEST(NodeX12, IsAnArrayOfSegments) {
  const std::string text = std::string(kIsa) + "\nGS*QM*ACME*SHOP~B10*1*2~\nIEA*0*000000001~\n";
  const auto edi = Node::ParseX12(text);
  ASSERT_TRUE(edi.ok()) << edi.status();
  ASSERT_EQ(edi->members.size(), 4u);
  Problems problems;
  EXPECT_EQ(NodeRef(*edi).At(2).At(2).Text(problems), "2");
  const auto again = Node::ParseX12(edi->ToX12());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->ToX12(), edi->ToX12());
}

TEST(NodeX12, IsNotGuessed) {
  EXPECT_THAT(Why(Node::ParseX12("ISA*00*   ~" + std::string(94, ' ') + "~IEA*0*1~")), HasSubstr("not 106 bytes"));
  EXPECT_THAT(Why(Node::ParseX12("ISA*00")), HasSubstr("not X12"));
  EXPECT_THAT(Why(Node::ParseX12(std::string(kIsa) + "GS*QM~")), HasSubstr("cut off"));
}

}  // namespace
}  // namespace throughline::supplier
