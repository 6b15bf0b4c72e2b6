#include "libs/server/calls/errors.h"

#include "gmock/gmock.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"

#include "google/rpc/status.pb.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::server {
namespace {

using ::testing::StartsWith;

TEST(Errors, SurviveARoundTrip) {
  const absl::Status status = runtime::WithRetryAfter(runtime::BadField("text", "is empty"), absl::Seconds(3));
  const grpc::Status wire = ToGrpc(status);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(wire.error_details()));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.details_size(), 3);
  EXPECT_EQ(FromGrpc(wire), status);
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
}

TEST(Errors, SendOnlyWhatIsValid) {
  const grpc::Status wire = ToGrpc(absl::NotFoundError(std::string(3000, 'x').append("\xff")));
  EXPECT_EQ(wire.error_message().size(), 1024u);
  EXPECT_EQ(ToGrpc(absl::NotFoundError("a\xff")).error_message(), "a?");
}

// gRPC's clients take no answer whose metadata are longer than 8 KiB: they would see RESOURCE_EXHAUSTED.
TEST(Errors, FitIntoTheMetadataLimitOfClients) {
  const auto travels = [](const grpc::Status& wire) {
    size_t encoded = 0;  // bytes that are not ASCII travel as three
    for (const char c : wire.error_message()) encoded += static_cast<unsigned char>(c) < 0x80 ? 1 : 3;
    return encoded + wire.error_details().size() * 4 / 3;
  };
  std::string text;
  while (text.size() < 5000) text += "caf\xc3\xa9 ";
  runtime::FieldViolations bad;
  for (int i = 0; i < 300; ++i) bad.Add("lines[" + std::to_string(i) + "]." + text, text);
  const absl::Status many = runtime::WithRetryAfter(bad.ToStatus(), absl::Seconds(3));
  EXPECT_LT(travels(ToGrpc(many)), 7000u);
  const absl::Status received = FromGrpc(ToGrpc(many));
  EXPECT_EQ(runtime::ReasonOf(received), "BAD_FIELD");
  EXPECT_EQ(runtime::RetryAfterOf(received), absl::Seconds(3));
  EXPECT_THAT(runtime::BadFieldsOf(received).front(), StartsWith("lines[0]."));

  const absl::Status long_entry =
      runtime::WithMetadata(runtime::Refuse(absl::StatusCode::kAborted, "VERSION_CONFLICT", text), "stream", text);
  EXPECT_LT(travels(ToGrpc(long_entry)), 7000u);
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(ToGrpc(long_entry))), "VERSION_CONFLICT");
}

TEST(Errors, AreExplainedInOneLine) {
  EXPECT_EQ(Explain(runtime::Refuse(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED", "reopen it first")),
            "FAILED_PRECONDITION (CASE_CLOSED): reopen it first");
  EXPECT_EQ(Explain(runtime::WithRetryAfter(absl::UnavailableError("busy"), absl::Seconds(2))),
            "UNAVAILABLE: busy [try again in 2s]");
  EXPECT_EQ(Explain(FromGrpc(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""))),
            "UNIMPLEMENTED: the server gave no reason");
}

}  // namespace
}  // namespace throughline::server
