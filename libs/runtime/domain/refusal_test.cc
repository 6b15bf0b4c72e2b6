#include "libs/runtime/domain/refusal.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Refusal, CarriesItsReason) {
  const absl::Status status = Refuse(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED", "reopen it first");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "reopen it first");
  EXPECT_EQ(ReasonOf(status), "CASE_CLOSED");
  EXPECT_EQ(ReasonOf(absl::NotFoundError("bare")), std::nullopt);
}

TEST(Refusal, NamesEveryBadField) {
  FieldViolations bad;
  EXPECT_TRUE(bad.ToStatus().ok());
  bad.Add("text", "is empty").Add("lines[2].quantity", "must be at least 1");
  const absl::Status status = bad.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "text is empty; lines[2].quantity must be at least 1");
  EXPECT_EQ(ReasonOf(status), "BAD_FIELD");
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("text", "lines[2].quantity"));
}

TEST(Refusal, NamesTheFirstOfManyBadFieldsAndCountsTheRest) {
  FieldViolations bad;
  for (int i = 0; i < 300; ++i) bad.Add("lines[" + std::to_string(i) + "].sku", "is empty");
  const absl::Status status = bad.ToStatus();
  EXPECT_THAT(BadFieldsOf(status), SizeIs(16));
  EXPECT_THAT(std::string(status.message()),
              StartsWith("300 fields are wrong, the first 16 are: lines[0].sku is empty; "));
}

TEST(Refusal, KeepsWhatItHasWhenMoreIsAdded) {
  const absl::Status status = WithRetryAfter(
      WithMetadata(WithMetadata(Refuse(absl::StatusCode::kUnavailable, "LOG_DOWN", "later"), "a", "1"), "b", "2"),
      absl::Milliseconds(1500));
  EXPECT_EQ(ReasonOf(status), "LOG_DOWN");
  EXPECT_EQ(MetadataOf(status, "a"), "1");
  EXPECT_EQ(MetadataOf(status, "b"), "2");
  EXPECT_EQ(MetadataOf(status, "c"), std::nullopt);
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(1500));
  EXPECT_TRUE(WithMetadata(absl::OkStatus(), "a", "1").ok());
  EXPECT_EQ(ReasonOf(WithMetadata(absl::NotFoundError("bare"), "a", "1")), "NOT_FOUND");
}

TEST(Refusal, TellsTheVersionThatWon) {
  const absl::Status status = VersionConflict("case/7", 12);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(MetadataOf(status, "current_version"), "12");
  EXPECT_THAT(status.message(), HasSubstr("case/7"));
}

TEST(Refusal, BindsAPartnerToItsParty) {
  Caller caller{.id = "ups", .roles = {common::v1::ROLE_PARTNER}, .party = "ups"};
  EXPECT_TRUE(RequireParty(caller, "ups").ok());
  EXPECT_EQ(RequireParty(caller, "usps").code(), absl::StatusCode::kPermissionDenied);
  caller.party.clear();
  EXPECT_EQ(RequireParty(caller, "").code(), absl::StatusCode::kPermissionDenied);
  caller.roles = {common::v1::ROLE_REP};
  EXPECT_TRUE(RequireParty(caller, "usps").ok());
}

}  // namespace
}  // namespace throughline::runtime
