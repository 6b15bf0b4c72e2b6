// Commands sent wrongly: a command id used twice, a deadline that has passed or is too short.

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/messages.h"
#include "tests/hostile/world.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using absl::StatusCode;

class Commands : public ::testing::Test {
 protected:
  World& world_ = World::Shared();
};

struct Reuse {
  const char* method;
  const char* field;
};

// The same request again gets the same answer. Another request with the same command id is an error.
TEST_F(Commands, AnIdReusedForAnotherRequestIsRefused) {
  for (const Reuse& reuse :
       {Reuse{"OpenCase", "text"}, Reuse{"RecordInteraction", "text"}, Reuse{"MakePromise", "text"},
        Reuse{"AddWorkNote", "text"}, Reuse{"PlaceOrder", "customer_id"}, Reuse{"DefineComponent", "name"},
        Reuse{"PublishNotice", "title"}}) {
    const Sample& sample = world_.sample(reuse.method);
    auto request = sample.Copy();
    SetString(*request, "command_id", absl::StrCat("used-again-", reuse.method));
    if (std::string(reuse.method) == "PlaceOrder") SetString(*request, "order_id", "SO-used-again");
    if (std::string(reuse.method) == "DefineComponent") SetString(*request, "component_id", "used-again");
    const RawAnswer first = world_.Send(sample, *request);
    ASSERT_TRUE(first.status.ok()) << sample.path << ": " << first.status;
    const RawAnswer second = world_.Send(sample, *request);
    EXPECT_TRUE(second.status.ok()) << sample.path << ": " << second.status;
    EXPECT_EQ(first.messages, second.messages) << sample.path;
    SetString(*request, reuse.field, "something else");
    const absl::Status third = world_.Send(sample, *request).status;
    EXPECT_TRUE(IsRefusal(third, StatusCode::kInvalidArgument)) << sample.path;
    EXPECT_EQ(runtime::ReasonOf(third), "COMMAND_ID_REUSED") << sample.path;
  }
}

TEST_F(Commands, ADeadlineThatHasPassed) {
  for (const Sample& sample : world_.samples()) {
    const RawAnswer answer = world_.raw().Call({.path = sample.path,
                                                .messages = {sample.request->SerializeAsString()},
                                                .authorization = world_.authorization(sample.as),
                                                .timeout = absl::Milliseconds(-1)});
    EXPECT_EQ(answer.status.code(), StatusCode::kDeadlineExceeded) << sample.path << ": " << answer.status;
  }
}

// A retry settles every command that a deadline cut off: exactly one effect each.
TEST_F(Commands, ADeadlineTooShortLeavesOneEffect) {
  constexpr int kCases = 60, kMost = 900;  // more on a machine that is too fast for the deadlines
  const Sample& sample = world_.sample("OpenCase");
  std::vector<std::string> requests;
  int cut_off = 0;
  for (int i = 0; i < kCases || (cut_off == 0 && i < kMost); ++i) {
    intake::v1::OpenCaseRequest request;
    request.set_command_id(absl::StrCat("in-a-hurry-", i));
    request.set_customer_id("in-a-hurry");
    request.set_subject("s");
    request.set_text("t");
    request.set_channel(intake::v1::CHANNEL_PHONE);
    requests.push_back(request.SerializeAsString());
    const RawAnswer answer = world_.raw().Call({.path = sample.path,
                                                .messages = {requests.back()},
                                                .authorization = world_.authorization("ana"),
                                                .timeout = absl::Microseconds(10 + 100 * (i % 20))});
    if (answer.status.ok()) continue;
    EXPECT_EQ(answer.status.code(), StatusCode::kDeadlineExceeded) << answer.status;
    ++cut_off;
  }
  EXPECT_GT(cut_off, 0) << "no deadline was too short: the test shows nothing";
  absl::flat_hash_set<std::string> ids;
  std::string token;
  for (const std::string& request : requests) {
    const RawAnswer settled = world_.Send(sample, request);
    ASSERT_TRUE(settled.status.ok()) << settled.status;
    intake::v1::OpenCaseResponse response;
    ASSERT_TRUE(response.ParseFromString(settled.messages.at(0)));
    ids.insert(response.case_id());
  }
  EXPECT_EQ(ids.size(), requests.size());
  intake::v1::ListCasesRequest list;
  list.set_customer_id("in-a-hurry");
  list.set_page_size(1000);
  const auto listed = world_.as("ana").Call<intake::v1::ListCasesResponse>(list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->cases_size(), static_cast<int>(requests.size()));
}

TEST_F(Commands, MethodsAndServicesThatDoNotExist) {
  for (const char* path : {"/throughline.intake.v1.IntakeService/NoSuchMethod", "/no.such.Service/Method", "/", "//",
                           "/throughline.intake.v1.IntakeService/"}) {
    const RawAnswer answer =
        world_.raw().Call({.path = path, .messages = {""}, .authorization = world_.authorization("admin")});
    EXPECT_EQ(answer.status.code(), StatusCode::kUnimplemented) << path << ": " << answer.status;
  }
}

TEST_F(Commands, MoreOrFewerMessagesThanTheMethodTakes) {
  for (const Sample& sample : world_.samples()) {
    if (sample.method->client_streaming()) continue;
    const RawAnswer none =
        world_.raw().Call({.path = sample.path, .messages = {}, .authorization = world_.authorization(sample.as)});
    EXPECT_FALSE(none.status.ok()) << sample.path;
    EXPECT_NE(none.status.code(), StatusCode::kDeadlineExceeded) << sample.path << ": " << none.status;
    const std::string bytes = sample.request->SerializeAsString();
    world_.raw().Call({.path = sample.path,
                       .messages = {bytes, bytes, bytes},
                       .authorization = world_.authorization(sample.as),
                       .timeout = absl::Seconds(1),
                       .one_answer = true});
  }
  EXPECT_EQ(world_.Works(), absl::OkStatus());
}

}  // namespace
}  // namespace throughline::hostile
