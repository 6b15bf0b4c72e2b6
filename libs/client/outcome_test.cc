#include "gtest/gtest.h"

#include "libs/client/connection.h"

namespace throughline::client {
namespace {

TEST(Outcome, OfACallThatTheServerCancelledIsUnknown) {
  const absl::Status status = OutcomeOf(grpc::Status(grpc::StatusCode::CANCELLED, "CANCELLED"));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(TryElsewhere(status));
}

TEST(Outcome, OfOthersIsWhatTheServerSays) {
  EXPECT_TRUE(OutcomeOf(grpc::Status::OK).ok());
  EXPECT_EQ(OutcomeOf(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such case")), absl::NotFoundError("no such case"));
}

}  // namespace
}  // namespace throughline::client
