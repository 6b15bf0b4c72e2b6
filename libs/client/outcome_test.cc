#include "gtest/gtest.h"

#include "libs/client/connection.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::client {
namespace {

TEST(Outcome, OfACallCancelledByTheServerIsUnknown) {
  const absl::Status status = OutcomeOf(grpc::Status(grpc::StatusCode::CANCELLED, "CANCELLED"));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(TryElsewhere(status));
}

TEST(Outcome, OtherwiseIsTheServersStatus) {
  EXPECT_TRUE(OutcomeOf(grpc::Status::OK).ok());
  EXPECT_EQ(OutcomeOf(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such case")), absl::NotFoundError("no such case"));
}

TEST(Outcome, OverloadIsRetriedAfterTheRequestedDelay) {
  const absl::Status much = absl::ResourceExhaustedError("too many");
  EXPECT_FALSE(TryLater(much)) << "nothing says that it will pass";
  const absl::Status later = runtime::WithRetryAfter(much, absl::Seconds(7));
  EXPECT_TRUE(TryLater(later));
  EXPECT_EQ(PauseBefore(2, later), absl::Seconds(7));
  EXPECT_EQ(PauseBefore(3, runtime::WithRetryAfter(much, absl::Milliseconds(1))), absl::Milliseconds(200));
  EXPECT_EQ(PauseBefore(2, absl::UnavailableError("gone")), absl::Milliseconds(100));
  EXPECT_FALSE(TryLater(absl::InvalidArgumentError("no")));
}

}  // namespace
}  // namespace throughline::client
