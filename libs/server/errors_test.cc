#include "libs/server/errors.h"

#include "grpcpp/support/status.h"
#include "gtest/gtest.h"

#include "google/rpc/status.pb.h"
#include "libs/runtime/refusal.h"

namespace throughline::server {
namespace {

TEST(Errors, SurviveTheWayThereAndBack) {
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
  EXPECT_EQ(wire.error_message().size(), 2048u);
  EXPECT_EQ(ToGrpc(absl::NotFoundError("a\xff")).error_message(), "a?");
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
