// Unknown names in every RPC, and page sizes, page tokens and consistency tokens that were never issued.

#include <limits>

#include "absl/strings/escaping.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/messages.h"
#include "tests/hostile/world.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/log/v1/rows.pb.h"

namespace throughline::hostile {
namespace {

using absl::StatusCode;

class Reads : public ::testing::Test {
 protected:
  // A token issued by the suite.
  std::string Token() {
    const auto opened = world_.as("ana").Call<intake::v1::OpenCaseResponse>(*world_.sample("OpenCase").request);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? opened->consistency_token() : "";
  }

  World& world_ = World::Shared();
};

log::v1::Token Decode(const std::string& text) {
  std::string bytes;
  log::v1::Token token;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &bytes));
  EXPECT_TRUE(token.ParseFromString(bytes));
  EXPECT_GT(token.places_size(), 0);
  return token;
}

TEST_F(Reads, UnknownIdsAreNotFoundEverywhere) {
  for (const Sample& sample : world_.samples()) {
    for (const std::string& field : sample.ids) {
      for (const char* unknown : {"no-such-thing", "../../etc/passwd", "case/x", "%00", "\xf0\x9f\x92\xa9"}) {
        auto request = sample.Copy();
        const bool list = sample.method->input_type()->FindFieldByName(field)->is_repeated();
        const bool plain = std::string(unknown) == "no-such-thing";
        std::string value = unknown;
        if (field == "shipment" && plain) value = "shipment/ups/1Z999AA19999999999/1";
        SetString(*request, list ? field + "[0]" : field, value);
        const absl::Status status = world_.Send(sample, *request).status;
        // A name inside another object may also be refused as a bad field, or because of that object's state.
        const bool inner =
            list || field == "handoff_id" || field == "promise_id" || field == "commitment_id" || field == "to";
        if (plain && !inner) {
          EXPECT_TRUE(IsRefusal(status, StatusCode::kNotFound)) << sample.path << " " << field << " " << value;
        } else {
          EXPECT_TRUE(IsRefusal(status, {StatusCode::kNotFound, StatusCode::kInvalidArgument,
                                         StatusCode::kFailedPrecondition, StatusCode::kPermissionDenied}))
              << sample.path << " " << field << " " << value;
        }
      }
    }
  }
}

TEST_F(Reads, PageSizes) {
  int pages = 0;
  for (const Sample& sample : world_.samples()) {
    if (!HasField(*sample.request, "page_size")) continue;
    ++pages;
    auto request = sample.Copy();
    for (const int32_t size : {-1, -1000, std::numeric_limits<int32_t>::min()}) {
      SetInt32(*request, "page_size", size);
      EXPECT_TRUE(IsBadField(world_.Send(sample, *request).status, "page_size")) << sample.path << " " << size;
    }
    for (const int32_t size : {0, 1, 1001, std::numeric_limits<int32_t>::max()}) {
      SetInt32(*request, "page_size", size);
      const absl::Status status = world_.Send(sample, *request).status;
      EXPECT_TRUE(status.ok()) << sample.path << " " << size << ": " << status;
    }
  }
  EXPECT_GE(pages, 8);
}

TEST_F(Reads, ForgedPageTokensAreRefused) {
  for (const Sample& sample : world_.samples()) {
    if (!HasField(*sample.request, "page_token")) continue;
    for (const std::string& token :
         {std::string("garbage"), std::string("AAAA"), std::string(3000, 'A'), std::string("%%%"),
          absl::WebSafeBase64Escape(std::string(40, '\xff')), std::string("-1")}) {
      auto request = sample.Copy();
      SetString(*request, "page_token", token);
      EXPECT_TRUE(IsBadField(world_.Send(sample, *request).status, "page_token")) << sample.path << " " << token;
    }
  }
}

TEST_F(Reads, APageTokenIsValidForItsQueryOnly) {
  for (int i = 0; i < 2; ++i) Token();
  intake::v1::ListCasesRequest request;
  request.set_customer_id("c-1");
  request.set_page_size(1);
  const auto first = world_.as("ana").Call<intake::v1::ListCasesResponse>(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_NE(first->next_page_token(), "");
  request.set_page_token(first->next_page_token());
  EXPECT_TRUE(world_.as("ana").Call<intake::v1::ListCasesResponse>(request).ok());
  request.set_customer_id("somebody-else");
  EXPECT_TRUE(IsBadField(world_.as("ana").Call<intake::v1::ListCasesResponse>(request).status(), "page_token"));
  request.clear_customer_id();
  EXPECT_TRUE(IsBadField(world_.as("ana").Call<intake::v1::ListCasesResponse>(request).status(), "page_token"));
}

TEST_F(Reads, MalformedTokensAreRefused) {
  int reads = 0;
  for (const Sample& sample : world_.samples()) {
    if (!HasField(*sample.request, "consistency_token")) continue;
    ++reads;
    for (const std::string& token : {std::string("garbage"), std::string("!!!"), std::string("AAAA"),
                                     std::string(5000, 'Q'), absl::WebSafeBase64Escape(std::string(100, '\xff'))}) {
      auto request = sample.Copy();
      SetString(*request, "consistency_token", token);
      EXPECT_TRUE(IsBadField(world_.Send(sample, *request).status, "consistency_token")) << sample.path << " " << token;
    }
  }
  EXPECT_EQ(reads, 39);
}

TEST_F(Reads, TokensOfTheFutureAndOfOtherLogsAreRefused) {
  const std::string given = Token();
  log::v1::Token future = Decode(given);
  for (auto& place : *future.mutable_places()) place.set_offset(place.offset() + 1'000'000);
  log::v1::Token end_of_time = Decode(given);
  for (auto& place : *end_of_time.mutable_places()) place.set_offset(std::numeric_limits<int64_t>::max());
  log::v1::Token negative = Decode(given);
  for (auto& place : *negative.mutable_places()) place.set_offset(-1);
  log::v1::Token elsewhere = Decode(given);
  elsewhere.set_log("\x01\x02\x03\x04\x05\x06\x07\x08");
  log::v1::Token no_partition = Decode(given);
  no_partition.mutable_places(0)->set_partition(5000);
  log::v1::Token no_topic = Decode(given);
  no_topic.mutable_places(0)->set_topic(77);
  for (const Sample& sample : world_.samples()) {
    if (!HasField(*sample.request, "consistency_token")) continue;
    auto request = sample.Copy();
    SetString(*request, "consistency_token", given);
    const absl::Status status = world_.Send(sample, *request).status;
    EXPECT_TRUE(status.ok() || runtime::ReasonOf(status) == "LINK_UNKNOWN") << sample.path << status;
    for (const log::v1::Token* token : {&future, &end_of_time, &negative, &elsewhere, &no_partition, &no_topic}) {
      SetString(*request, "consistency_token", absl::WebSafeBase64Escape(token->SerializeAsString()));
      EXPECT_TRUE(IsBadField(world_.Send(sample, *request).status, "consistency_token"))
          << sample.path << " " << token->ShortDebugString();
    }
  }
}

}  // namespace
}  // namespace throughline::hostile
