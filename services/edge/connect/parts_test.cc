// The parts of the protocol that need no server.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "google/rpc/error_details.pb.h"
#include "services/edge/connect/codec.h"
#include "services/edge/connect/codes.h"
#include "services/edge/connect/envelope.h"
#include "services/edge/connect/error.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/connect/headers.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/views.pb.h"

namespace throughline::edge::connect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Gzip, RoundTrips) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}}) {
    const std::string bytes(size, 'x');
    EXPECT_EQ(*Decompress(Compress(bytes), size), bytes);
  }
}

TEST(Gzip, StopsAtTheLimit) {
  const std::string bomb = Compress(std::string(50 << 20, '\0'));
  EXPECT_LT(bomb.size(), 1 << 20);
  const auto refused = Decompress(bomb, 1000);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Decompress(Compress("abcd"), 3).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(Gzip, RefusesWhatIsNotWhole) {
  const std::string well = Compress("hello");
  for (const std::string& bad : {std::string("hello"), well.substr(0, well.size() - 1), well + "x", std::string()}) {
    EXPECT_EQ(Decompress(bad, 100).status().code(), absl::StatusCode::kInvalidArgument) << bad.size();
  }
}

TEST(Envelope, HoldsOneMessage) {
  const std::string one = Enclose(1, "hello");
  EXPECT_EQ(one, std::string("\x01\0\0\0\x05hello", 10));
  const auto read = OnlyEnvelope(one);
  EXPECT_EQ(read->flags, 1);
  EXPECT_EQ(read->message, "hello");
  EXPECT_EQ(OnlyEnvelope("").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(OnlyEnvelope(one + one).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(OnlyEnvelope(one.substr(0, 4)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OnlyEnvelope(one.substr(0, 9)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OnlyEnvelope("\x01\xff\xff\xff\xffhello").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Headers, OnlyNamedOnesPass) {
  http::Headers headers;
  headers.Add("Authorization", "Bearer t");
  headers.Add("X-User", "boss");
  headers.Add("x-a-bin", "aGk, AQ==");
  const auto standard = Inward(headers, {});
  EXPECT_THAT(*standard, ElementsAre(Pair("authorization", "Bearer t")));
  http::Headers anonymous;
  anonymous.Add("X-Correlation-Id", "c");
  const auto without = Inward(anonymous, {});
  ASSERT_TRUE(without.ok());
  EXPECT_THAT(*without, ElementsAre(Pair("x-correlation-id", "c"), Pair("authorization", "anonymous")))
      << "the edge's certificate does not stand for a client without a credential";
  const auto some = Inward(headers, {.in = {"x-a*"}});
  EXPECT_THAT(*some, ElementsAre(Pair("x-a-bin", "hi"), Pair("x-a-bin", "\x01")));
  headers.Add("x-a-bin", "!");
  EXPECT_EQ(Inward(headers, {.in = {"x-a*"}}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Outward({{"a-bin", "\x01"}, {"b", "c"}, {"d", "e"}}, {.out = {"a-bin", "b"}}),
              ElementsAre(Pair("a-bin", "AQ"), Pair("b", "c")));
}

TEST(Headers, NameCodingsByWeight) {
  for (const char* list : {"gzip", "br, GZIP;q=0.5", "identity , gzip ; q=1"})
    EXPECT_TRUE(Accepts(list, "gzip")) << list;
  for (const char* list : {"", "br", "gzip;q=0", "gzip;q=0.0, br", "xgzip"})
    EXPECT_FALSE(Accepts(list, "gzip")) << list;
}

absl::Status JsonProblem(const std::string& json) {
  return Parse(Codec::kJson, *intake::v1::OpenCaseRequest::descriptor(), json).status();
}

TEST(Codec, RefusesJsonThatIsNotTheMessage) {
  EXPECT_EQ(
      JsonProblem(R"({"customerId": "C-7", "channel": "CHANNEL_PHONE", "next_update_due": "2026-01-01T00:00:00Z"})"),
      absl::OkStatus());
  const std::string deep = R"({"attachments":)" + std::string(100'000, '[');
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("{"), std::string(R"({"customerID": "C-7"})"),
        std::string(R"({"channel": "CHANNEL_PIGEON"})"), std::string(R"({"customerId": 7.5e})"),
        std::string("{\"customerId\": \"\xff\"}"), std::string(R"({"customerId": "C-7"} {})"), deep}) {
    const absl::Status refused = JsonProblem(json);
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << json.substr(0, 100);
    EXPECT_EQ(refused.message().find('\n'), absl::string_view::npos) << refused;
    EXPECT_LT(refused.message().size(), 400);
  }
  EXPECT_THAT(std::string(JsonProblem(R"({"customerID": "C-7"})").message()), HasSubstr("customerID"));
}

TEST(Codec, RefusesBytesThatAreNotTheMessage) {
  const auto& type = *intake::v1::OpenCaseRequest::descriptor();
  EXPECT_EQ(Parse(Codec::kProto, type, "\xff\xff").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Encode(Codec::kJson, type, "\xff\xff").status().code(), absl::StatusCode::kInternal);
  intake::v1::OpenCaseRequest request;
  request.set_customer_id("C-7");
  EXPECT_EQ(*Encode(Codec::kJson, type, request.SerializeAsString()), R"({"customerId":"C-7"})");
}

TEST(Error, IsWrittenWithItsDetails) {
  client::Reply reply{.code = kResourceExhausted, .message = "too \xff many"};
  google::rpc::Status status;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(1);
  status.add_details()->PackFrom(retry);
  google::protobuf::Any* unknown = status.add_details();
  unknown->set_type_url("type.googleapis.com/no.such.Message");
  unknown->set_value("\x01");
  reply.details = status.SerializeAsString();
  const Error error = Error::Of(reply);
  EXPECT_EQ(ToJson(error),
            "{\"code\":\"resource_exhausted\",\"message\":\"too \xef\xbf\xbd many\",\"details\":["
            R"({"type":"google.rpc.RetryInfo","value":"CgIQAQ","debug":{"retryDelay":"0.000000001s"}},)"
            R"({"type":"no.such.Message","value":"AQ"}]})");
  EXPECT_EQ(RetryAfterSeconds(error), 1);
  EXPECT_EQ(RetryAfterSeconds({.code = kNotFound}), std::nullopt);
  EXPECT_EQ(EndOfStream(std::nullopt, {}), "{}");
  EXPECT_EQ(EndOfStream(Error{.code = kAborted}, {{"a", "b"}, {"a", "c"}}),
            R"({"error":{"code":"aborted"},"metadata":{"a":["b","c"]}})");
}

}  // namespace
}  // namespace throughline::edge::connect
