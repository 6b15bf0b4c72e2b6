#include "services/throughline/cli/options/fields.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "libs/client/services.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/exit_code.h"
#include "services/throughline/cli/options/input_file.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/testing_time.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/search.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::tool {
namespace {

using ::testing::HasSubstr;

TEST(SetField, TakesEveryKindThatRequestsHave) {
  intake::v1::OpenCaseRequest open;
  ASSERT_TRUE(SetField(open, "order_id", "SO-1", kNow).ok());
  ASSERT_TRUE(SetField(open, "channel", "phone", kNow).ok());
  EXPECT_EQ(open.order_id(), "SO-1");
  EXPECT_EQ(open.channel(), intake::v1::CHANNEL_PHONE);

  supplier::v1::RecordVendorUpdateRequest update;
  ASSERT_TRUE(SetField(update, "line_ids", "1", kNow).ok());
  ASSERT_TRUE(SetField(update, "line_ids", "2", kNow).ok());
  ASSERT_TRUE(SetField(update, "backordered.expected_restock", "+1h", kNow).ok());
  ASSERT_TRUE(SetField(update, "backordered.expected_delivery", "2026-11-24", kNow).ok());
  EXPECT_EQ(update.line_ids_size(), 2);
  ownership::v1::SearchCasesRequest search;
  ASSERT_TRUE(SetField(search, "statuses", "open", kNow).ok());
  ASSERT_TRUE(SetField(search, "statuses", "closed-confirmed", kNow).ok());
  EXPECT_EQ(search.statuses_size(), 2);
  EXPECT_EQ(search.statuses(1), ownership::v1::CASE_STATUS_CLOSED_CONFIRMED);
  EXPECT_EQ(runtime::FromProto(update.backordered().expected_restock()), kNow + absl::Hours(1));
  EXPECT_EQ(update.backordered().expected_delivery().date(), "2026-11-24");
  EXPECT_EQ(update.update_case(), supplier::v1::RecordVendorUpdateRequest::kBackordered);
}

TEST(SetField, SaysWhatItTakes) {
  intake::v1::OpenCaseRequest open;
  const absl::Status status = SetField(open, "channel", "pigeon", kNow);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("phone, email, web"));
}

TEST(ExitCode, TellsAScriptWhatToDo) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::AlreadyExistsError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 5);
  EXPECT_EQ(ExitCodeOf(Unreadable("--events", "cannot open x")), 2);
  EXPECT_EQ(ExitCodeOf(runtime::Refuse(absl::StatusCode::kInvalidArgument, client::kNoAddress, "")), 2);
}

TEST(ErrorJson, HasTheDetailsForScripts) {
  const absl::Status refusal = runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kResourceExhausted, "TOO_MUCH", "say \"less\"\n"), absl::Seconds(2));
  const auto json = nlohmann::json::parse(ErrorJson(refusal, "c-1", 3));
  EXPECT_EQ(json["code"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(json["reason"], "TOO_MUCH");
  EXPECT_EQ(json["message"], "say \"less\"\n");
  EXPECT_EQ(json["retry_after_seconds"], 2.0);
  EXPECT_EQ(json["command_id"], "c-1");
  EXPECT_EQ(json["exit_code"], 3);
  const auto plain = nlohmann::json::parse(ErrorJson(runtime::BadField("text", "is empty"), "", 1));
  EXPECT_EQ(plain["fields"], nlohmann::json({"text"}));
  EXPECT_FALSE(plain.contains("command_id"));
}

// Never `{}`: a reader would take it for an empty answer.
TEST(Json, UnprintableMessagesAreAnError) {
  supplier::v1::Eta eta;
  eta.mutable_latest()->set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ToJson(eta).status().code(), absl::StatusCode::kInternal);
}

TEST(Json, UsesTheSchemasNamesAndShowsUnsetFields) {
  intake::v1::RecordInteractionResponse response;
  response.set_case_id("01J9");
  const auto json = nlohmann::json::parse(WithMember(*ToJson(response), "more", "{\"a\":1}"));
  EXPECT_EQ(json["case_id"], "01J9");
  EXPECT_EQ(json["repeated_contact"], false);
  EXPECT_EQ(json["more"]["a"], 1);
  EXPECT_FALSE(FromJson("{\"case_id\": 1, \"nonsense\": 2}", response).ok());
}

}  // namespace
}  // namespace throughline::tool
