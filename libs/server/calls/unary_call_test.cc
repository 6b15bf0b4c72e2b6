// What every unary call goes through, seen by a client.

#include <thread>

#include "absl/strings/str_cat.h"

#include "libs/identity/token_readers.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/testing/fixture.h"

namespace throughline::server::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class UnaryCallTest : public ServerTest {
 protected:
  absl::Status Say(const std::string& name, const SayRequest& request, SayResponse* response = nullptr) {
    SayResponse ignored;
    auto context = As(name);
    return FromGrpc(Client()->Say(context.get(), request, response == nullptr ? &ignored : response));
  }
};

TEST_F(UnaryCallTest, AuthenticatesTheCallerAndMakesACommandId) {
  Start();
  SayResponse response;
  SayRequest request;
  ASSERT_TRUE(Say("ana", request, &response).ok());
  EXPECT_EQ(response.caller(), "ana");
  EXPECT_EQ(response.command_id().size(), 26u);
  EXPECT_EQ(response.correlation_id().size(), 26u);
  request.set_command_id("c-1");
  ASSERT_TRUE(Say("ups", request, &response).ok());
  EXPECT_EQ(response.command_id(), "c-1");
  EXPECT_EQ(Handled("Say", "OK"), 2);
}

TEST_F(UnaryCallTest, UsesTheClientsCorrelationId) {
  Start();
  const auto correlation = [this](const std::string& key, const std::string& value) {
    auto context = As("ana");
    context->AddMetadata(key, value);
    SayResponse response;
    EXPECT_TRUE(Client()->Say(context.get(), SayRequest(), &response).ok());
    return response.correlation_id();
  };
  EXPECT_EQ(correlation("x-correlation-id", "order-17"), "order-17");
  EXPECT_EQ(correlation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(correlation("x-correlation-id", "two words").size(), 26u);  // not taken: made
}

TEST_F(UnaryCallTest, RefusesUnknownTokens) {
  Start();
  EXPECT_EQ(runtime::ReasonOf(Say("", SayRequest())), "NO_TOKEN");
  auto context = As("");
  context->AddMetadata("authorization", "Bearer tl_ana_wrong");
  SayResponse response;
  const absl::Status status = FromGrpc(Client()->Say(context.get(), SayRequest(), &response));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(runtime::ReasonOf(status), "BAD_TOKEN");
}

TEST_F(UnaryCallTest, RefusesTheWrongRoleAndLetsAnAdministratorIn) {
  Start();
  const absl::Status status = Say("dashboard", SayRequest());
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(runtime::MetadataOf(status, "allowed_roles"), "rep, partner, admin");
  EXPECT_TRUE(Say("admin", SayRequest()).ok());
}

TEST_F(UnaryCallTest, RefusesARevokedToken) {
  tokens =
      *identity::TokenStore::Load(identity::TokensPath(directory), {.look_for_changes_every = absl::ZeroDuration()});
  Start();
  EXPECT_TRUE(Say("ana", SayRequest()).ok());
  ASSERT_TRUE(identity::RevokeToken(identity::TokensPath(directory), "ana").ok());
  EXPECT_EQ(runtime::ReasonOf(Say("ana", SayRequest())), "TOKEN_DISABLED");
  EXPECT_TRUE(Say("ben", SayRequest()).ok());
}

TEST_F(UnaryCallTest, NamesTheFieldThatIsNotUtf8) {
  Start();
  SayRequest request;
  request.add_lines()->set_text("fine");
  request.add_lines()->set_text("caf\xe9");
  const absl::Status status = Say("ana", request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(runtime::BadFieldsOf(status), ElementsAre("lines[1].text"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("UTF-8"));
}

// A later version may give the number a meaning, and could then not read the event that it was copied into.
TEST_F(UnaryCallTest, DiscardsUnknownFields) {
  Start();
  SayRequest request;
  request.set_command_id("c-1");
  request.set_page_size(7);
  request.add_lines()->set_text("known");
  SayRequest with_more = request;
  with_more.GetReflection()->MutableUnknownFields(&with_more)->AddLengthDelimited(900, "\xff");
  SayLine& line = *with_more.mutable_lines(0);
  line.GetReflection()->MutableUnknownFields(&line)->AddLengthDelimited(900, "\xff");
  SayResponse response;
  ASSERT_TRUE(Say("ana", with_more, &response).ok());
  EXPECT_EQ(response.request(), request.SerializeAsString());
}

TEST_F(UnaryCallTest, RefusesFieldsThatAreTooLong) {
  options.requests.max_field_bytes = 1000;
  api.AllowLargerField("throughline.server.testing.SayRequest.payload", 5000);
  Start();
  SayRequest request;
  request.set_text(std::string(1000, 'x'));
  request.set_payload(std::string(5000, 'x'));
  EXPECT_TRUE(Say("ana", request).ok());
  request.set_text(std::string(1001, 'x'));
  request.set_payload(std::string(5001, 'x'));
  EXPECT_THAT(runtime::BadFieldsOf(Say("ana", request)), ElementsAre("text", "payload"));
  request.Clear();
  request.set_command_id(std::string(129, 'x'));
  EXPECT_THAT(runtime::BadFieldsOf(Say("ana", request)), ElementsAre("command_id"));
  request.set_command_id("a\nb");
  EXPECT_THAT(runtime::BadFieldsOf(Say("ana", request)), ElementsAre("command_id"));
}

TEST_F(UnaryCallTest, RefusesMessagesThatAreTooLarge) {
  options.requests.max_message_bytes = 10'000;
  Start();
  SayRequest request;
  request.set_text(std::string(15'000, 'x'));
  const absl::Status status = Say("ana", request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);  // it would not do to try again
  EXPECT_EQ(runtime::ReasonOf(status), "MESSAGE_TOO_LARGE");
  request.set_text(std::string(1'000'000, 'x'));  // beyond what gRPC itself takes in
  EXPECT_EQ(Say("ana", request).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Say("ana", SayRequest()).ok());
}

TEST_F(UnaryCallTest, AcceptsALargerMessageForALargerField) {
  options.requests.max_message_bytes = 10'000;
  options.requests.max_field_bytes = 1000;
  api.AllowLargerField("throughline.server.testing.SayRequest.payload", 100'000);
  Start();
  SayRequest request;
  request.set_payload(std::string(100'000, 'x'));
  request.set_text(std::string(1000, 'x'));
  const absl::Status taken = Say("ana", request);
  EXPECT_TRUE(taken.ok()) << taken;
  request.set_payload(std::string(115'000, 'x'));
  EXPECT_EQ(runtime::ReasonOf(Say("ana", request)), "MESSAGE_TOO_LARGE");
}

TEST_F(UnaryCallTest, LimitsThePageSizeToItsRange) {
  options.requests.default_page_size = 10;
  options.requests.max_page_size = 20;
  Start();
  const auto given = [this](int size) {
    SayRequest request;
    SayResponse response;
    request.set_page_size(size);
    EXPECT_TRUE(Say("ana", request, &response).ok());
    return response.page_size();
  };
  EXPECT_EQ(given(0), 10);
  EXPECT_EQ(given(7), 7);
  EXPECT_EQ(given(1000), 20);
  server->Shutdown(absl::Seconds(5));
  options.requests.max_page_size = 5;
  Start();
  EXPECT_EQ(given(0), 5);
  SayRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(runtime::BadFieldsOf(Say("ana", request)), ElementsAre("page_size"));
}

TEST_F(UnaryCallTest, EndsWhenTheHandlerDropsTheReply) {
  Start();
  absl::Notification dropped;
  std::thread handler([&] { held.Take().reset(); });
  auto context = As("ana");
  HoldResponse response;
  const absl::Status status = FromGrpc(Client()->Hold(context.get(), HoldRequest(), &response));
  handler.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(runtime::ReasonOf(status), "NO_ANSWER");
}

TEST_F(UnaryCallTest, EndsAtTheServersDeadlineAndDropsALateReply) {
  options.default_deadline = absl::Milliseconds(50);
  Start();
  auto context = As("ana", absl::InfiniteDuration());
  HoldResponse response;
  const absl::Status status = FromGrpc(Client()->Hold(context.get(), HoldRequest(), &response));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(runtime::ReasonOf(status), "DEADLINE_EXCEEDED");
  auto reply = held.Take();
  EXPECT_TRUE(reply->context().over());
  (*reply)(HoldResponse());
  EXPECT_EQ(Handled("Hold", "DEADLINE_EXCEEDED"), 1);
  EXPECT_EQ(Handled("Hold", "OK"), 0);
}

TEST_F(UnaryCallTest, EndsAtTheClientsDeadline) {
  Start();
  auto context = As("ana", absl::Milliseconds(50));
  HoldResponse response;
  EXPECT_EQ(Client()->Hold(context.get(), HoldRequest(), &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  auto reply = held.Take();
  absl::Notification over;
  reply->context().OnOver([&over] { over.Notify(); });
  EXPECT_TRUE(over.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_EQ(Handled("Hold", "DEADLINE_EXCEEDED"), 1);
}

TEST_F(UnaryCallTest, NotifiesTheHandlerOfACancellation) {
  Start();
  auto context = As("ana");
  absl::Notification over;
  std::thread canceller([&] {
    auto reply = held.Take();
    reply->context().OnOver([&over] { over.Notify(); });
    context->TryCancel();
    EXPECT_TRUE(over.WaitForNotificationWithTimeout(absl::Seconds(10)));
    (*reply)(HoldResponse());
  });
  HoldResponse response;
  EXPECT_EQ(Client()->Hold(context.get(), HoldRequest(), &response).error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
  EXPECT_EQ(Handled("Hold", "CANCELLED"), 1);
}

TEST_F(UnaryCallTest, LimitsConcurrentCallsOfTheServer) {
  options.max_in_flight = 1;
  Start();
  auto client = Client();
  absl::Notification done;
  auto first = As("ana");
  HoldRequest request;
  HoldResponse first_response;
  client->async()->Hold(first.get(), &request, &first_response, [&done](grpc::Status status) {
    EXPECT_TRUE(status.ok());
    done.Notify();
  });
  auto reply = held.Take();
  const absl::Status status = Say("ana", SayRequest());
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_IN_FLIGHT");
  EXPECT_TRUE(runtime::RetryAfterOf(status).has_value());
  (*reply)(HoldResponse());
  done.WaitForNotification();
}

TEST_F(UnaryCallTest, APartnerThatFloodsSlowsOnlyItself) {
  options.quota.events_per_second = 3;
  Start();
  absl::Status status;
  for (int calls = 0; calls < 1000 && status.ok(); ++calls) status = Say("ups", SayRequest());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_EVENTS");
  EXPECT_TRUE(runtime::RetryAfterOf(status).has_value());
  EXPECT_TRUE(Say("usps", SayRequest()).ok());
  for (int calls = 0; calls < 10; ++calls) EXPECT_TRUE(Say("ana", SayRequest()).ok()) << "people are not counted so";
}

TEST_F(UnaryCallTest, APartnersLongRequestCostsMore) {
  options.quota.events_per_second = 3;
  Start();
  SayRequest request;
  request.set_payload(std::string(60 * 1024, 'x'));
  EXPECT_TRUE(Say("ups", request).ok());
  const absl::Status status = Say("ups", SayRequest());
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_EVENTS") << status;
}

TEST_F(UnaryCallTest, LimitsConcurrentCallsOfOneIdentity) {
  options.quota.calls = 1;
  Start();
  auto client = Client();
  absl::Notification done;
  auto first = As("ana");
  HoldRequest request;
  HoldResponse first_response;
  client->async()->Hold(first.get(), &request, &first_response, [&done](grpc::Status status) {
    EXPECT_TRUE(status.ok());
    done.Notify();
  });
  auto reply = held.Take();
  const absl::Status status = Say("ana", SayRequest());
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_CALLS_OF_YOURS") << status;
  EXPECT_TRUE(runtime::RetryAfterOf(status).has_value());
  EXPECT_TRUE(Say("ben", SayRequest()).ok());
  (*reply)(HoldResponse());
  done.WaitForNotification();
}

TEST_F(UnaryCallTest, ForwardsAllDetailsOfARefusal) {
  Start();
  std::thread handler([&] { (*held.Take())(runtime::VersionConflict("case/1", 7)); });
  auto context = As("ana");
  HoldResponse response;
  const absl::Status status = FromGrpc(Client()->Hold(context.get(), HoldRequest(), &response));
  handler.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(runtime::MetadataOf(status, "current_version"), "7");
  EXPECT_THAT(Explain(status), HasSubstr("ABORTED (VERSION_CONFLICT): case/1"));
}

TEST_F(UnaryCallTest, AnswersDataLossForARowThatCannotBeRead) {
  Start();
  SayRequest request;
  request.set_text("a damaged row");
  const absl::Status status = Say("ana", request);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(runtime::ReasonOf(status), "ROW_UNREADABLE");
  EXPECT_THAT(std::string(status.message()), HasSubstr("delete its store's directory"));
}

TEST_F(UnaryCallTest, ForwardsARefusalOfManyFields) {
  Start();
  runtime::FieldViolations bad;
  for (int i = 0; i < 500; ++i)
    bad.Add(absl::StrCat("lines[", i, "].sku"), "is empty: give the vendor's article number");
  std::thread handler([&] { (*held.Take())(bad.ToStatus()); });
  auto context = As("ana");
  HoldResponse response;
  const absl::Status status = FromGrpc(Client()->Hold(context.get(), HoldRequest(), &response));
  handler.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(runtime::BadFieldsOf(status), SizeIs(16));
  EXPECT_THAT(std::string(status.message()), HasSubstr("500 fields are wrong"));
}

// Whoever changes the credentials can wait until the change is in force, for calls and for open streams.
TEST_F(UnaryCallTest, ReportsWhenAChangeOfCredentialsIsInForce) {
  Start();
  auto client = Client();
  auto stream_context = As("ana");
  auto stream = client->Watch(stream_context.get(), WatchRequest());
  auto writer = watches.Take();
  const std::string path = identity::TokensPath(directory);
  ASSERT_TRUE(identity::RevokeToken(path, "ana").ok());
  EXPECT_EQ(*identity::AwaitReaders(path, absl::Seconds(20)), 1);
  SayResponse response;
  const auto say = [&](const std::string& name) {
    return FromGrpc(client->Say(As(name).get(), SayRequest(), &response));
  };
  EXPECT_EQ(runtime::ReasonOf(say("ana")), "TOKEN_DISABLED");
  EXPECT_TRUE(writer->context().over());
  const auto again = identity::CreateToken(path, {"ana", {common::v1::ROLE_REP}, "", "care"}, absl::UnixEpoch());
  ASSERT_TRUE(identity::WritePrivateFile(identity::CredentialPath(directory, "ana"), *again + "\n").ok());
  EXPECT_EQ(*identity::AwaitReaders(path, absl::Seconds(20)), 1);
  EXPECT_TRUE(say("ana").ok());
  server.reset();
  EXPECT_EQ(*identity::AwaitReaders(path, absl::ZeroDuration()), 0);
}

}  // namespace
}  // namespace throughline::server::testing
