#include "libs/server/checks/checks.h"

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/utf8.h"
#include "libs/server/testing/echo.pb.h"

namespace throughline::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Utf8, DistinguishesValidFromInvalid) {
  for (const std::string_view good :
       {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x93\xa6", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(FirstInvalidUtf8(good), good.size()) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xff"}) {
    EXPECT_EQ(FirstInvalidUtf8(bad), 0u) << bad;
  }
  EXPECT_EQ(FirstInvalidUtf8("ab\xff"), 2u);
  EXPECT_EQ(CleanUtf8("a\xff\xc3\xa9", 100), "a?\xc3\xa9");
  EXPECT_EQ(CleanUtf8("a\xc3\xa9", 2), "a");  // never half a character
}

TEST(Utf8, MarksInvalidBytes) {
  EXPECT_EQ(MarkInvalidUtf8("a\xc3\xa9"), "a\xc3\xa9");
  EXPECT_EQ(MarkInvalidUtf8("a\xf3"), "a\xef\xb7\x9f\xef\xb7\xa3");
  for (const std::string_view text : {"", "a\xff", "\xe2\x82", "b\x80\xc3\xa9\xc3", "\xef\xb7\x90", "\xef\xb7\xa5",
                                      "\xef\xb7\x9f\xef\xb7\xa3\xff", "\xef\xb7"}) {
    const std::string marked = MarkInvalidUtf8(text);
    EXPECT_EQ(FirstInvalidUtf8(marked), marked.size());
    EXPECT_EQ(WithoutInvalidMarks(marked), text);
  }
}

TEST(ParseFailure, NamesTheField) {
  testing::SayRequest request;
  request.add_lines()->set_text("ok");
  request.add_lines()->set_text("\xff");
  const std::string bytes = request.SerializeAsString();
  const auto& type = *testing::SayRequest::descriptor();
  EXPECT_THAT(runtime::BadFieldsOf(ExplainParseFailure(type, bytes)), ElementsAre("lines[1].text"));
}

TEST(ParseFailure, SurvivesAnyBytes) {
  const auto& type = *testing::SayRequest::descriptor();
  EXPECT_EQ(runtime::ReasonOf(ExplainParseFailure(type, "\x0a\x7f_")), "MALFORMED_MESSAGE");
  EXPECT_THAT(std::string(ExplainParseFailure(type, "\x0a\x7f_").message()), HasSubstr("broken at command_id"));
  EXPECT_THAT(std::string(ExplainParseFailure(type, std::string("\x2a\x02\x0a\x7f", 4)).message()),
              HasSubstr("lines[0].text"));
  uint32_t seed = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (int i = 0; i < round % 40; ++i) {
      seed = seed * 1664525 + 1013904223;
      bytes.push_back(static_cast<char>(seed >> 24));
    }
    testing::SayRequest request;
    if (!request.ParseFromString(bytes)) {
      EXPECT_EQ(ExplainParseFailure(type, bytes).code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(ParseFailure, StopsAtDeepNesting) {
  std::string bytes;
  for (int depth = 0; depth < 10'000 && bytes.size() < 100'000; ++depth) {
    std::string outer = "\x2a";
    for (size_t size = bytes.size(); true; size >>= 7) {
      outer.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
      if (size <= 0x7f) break;
    }
    bytes = outer + bytes;
  }
  EXPECT_EQ(ExplainParseFailure(*testing::SayRequest::descriptor(), bytes).code(), absl::StatusCode::kInvalidArgument);
}

TEST(RequestChecks, ChecksNestedFields) {
  const RequestChecks checks(*testing::SayRequest::descriptor(), {}, {});
  testing::SayRequest request;
  request.add_lines()->set_text("short");
  request.add_lines()->set_text("two\nlines");
  EXPECT_THAT(runtime::BadFieldsOf(checks.Check(request, absl::Now())), ElementsAre("lines[1].text"));
}

TEST(RequestChecks, LimitsBytesExceptForLargerFields) {
  const RequestLimits limits{.max_field_bytes = 10};
  testing::SayRequest request;
  request.set_payload("eleven byte");
  EXPECT_THAT(runtime::BadFieldsOf(RequestChecks(*request.GetDescriptor(), limits, {}).Check(request, absl::Now())),
              ElementsAre("payload"));
  const RequestChecks more(*request.GetDescriptor(), limits, {{"throughline.server.testing.SayRequest.payload", 11}});
  EXPECT_EQ(more.Check(request, absl::Now()), absl::OkStatus());
  EXPECT_EQ(more.max_message_bytes(), limits.max_message_bytes + 11);
}

}  // namespace
}  // namespace throughline::server
