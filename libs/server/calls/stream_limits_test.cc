// What one identity may do on its streams, as clients see it.

#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/quota.h"
#include "libs/server/testing/fixture.h"

namespace throughline::server::testing {
namespace {

class StreamLimitsTest : public ServerTest {
 protected:
  static PushRequest Number(int64_t number) {
    PushRequest request;
    request.set_number(number);
    return request;
  }
  static PushResponse Acknowledge(int64_t number) {
    PushResponse response;
    response.set_number(number);
    return response;
  }
};

TEST_F(StreamLimitsTest, AnswersAcceptedMessagesBeforeItRefuses) {
  options.quota.events_per_second = 3;  // the stream itself is one
  Start();
  auto client = Client();
  auto context = As("ups"), other_context = As("usps");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  for (int64_t number = 1; number <= 3; ++number) ASSERT_TRUE(stream->Write(Number(number)));
  for (int64_t number = 1; number <= 2; ++number) EXPECT_EQ(session->messages.Take().number(), number);
  session->half_closed.WaitForNotification();
  EXPECT_EQ(session->messages.size(), 0u) << "the third is not taken";
  // Another's are its own.
  auto other = client->Push(other_context.get());
  auto other_session = pushes.Take();
  ASSERT_TRUE(other->Write(Number(1)));
  EXPECT_EQ(other_session->messages.Take().number(), 1);
  other_session->writer->Finish(absl::OkStatus());
  EXPECT_TRUE(other->Finish().ok());

  for (int64_t number = 1; number <= 2; ++number) EXPECT_TRUE(session->writer->Write(Acknowledge(number)));
  session->writer->Finish(absl::OkStatus());
  PushResponse response;
  for (int64_t number = 1; number <= 2; ++number) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.number(), number);
  }
  EXPECT_FALSE(stream->Read(&response));
  const absl::Status status = FromGrpc(stream->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_EVENTS");
  EXPECT_GT(runtime::RetryAfterOf(status).value_or(absl::ZeroDuration()), absl::ZeroDuration());
}

class LargeMessageTest : public StreamLimitsTest {
 protected:
  LargeMessageTest() { options.quota.events_per_second = 10; }

  // Of two messages, of which the first is taken and leaves a debt of about a thousand events.
  void ExpectOnlyTheFirst(const PushRequest& first, const PushRequest& second) {
    Start();
    auto client = Client();
    auto context = As("ups");
    auto stream = client->Push(context.get());
    auto session = pushes.Take();
    ASSERT_TRUE(stream->Write(first));
    EXPECT_EQ(session->messages.Take().number(), first.number());
    stream->Write(second);
    session->half_closed.WaitForNotification();
    EXPECT_EQ(session->messages.size(), 0u);
    EXPECT_TRUE(session->writer->Write(Acknowledge(first.number())));
    session->writer->Finish(absl::OkStatus());
    PushResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.number(), first.number());
    EXPECT_FALSE(stream->Read(&response));
    ExpectToldToWaitForThousand(FromGrpc(stream->Finish()));
    // A debtor is told so before it sends anything, and another is not concerned.
    auto again_context = As("ups"), other_context = As("usps");
    ExpectToldToWaitForThousand(FromGrpc(client->Push(again_context.get())->Finish()));
    SayResponse said;
    EXPECT_TRUE(client->Say(other_context.get(), SayRequest(), &said).ok());
  }

  static void ExpectToldToWaitForThousand(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_EVENTS");
    EXPECT_GT(runtime::RetryAfterOf(status).value_or(absl::ZeroDuration()), absl::Seconds(75)) << status;
  }
};

TEST_F(LargeMessageTest, CostsAsManyEventsAsItHolds) {
  PushRequest first = Number(1);
  first.add_events(1000);
  ExpectOnlyTheFirst(first, Number(2));
}

TEST_F(LargeMessageTest, IsRefusedWithADebtOfAnother) {
  Start();
  auto client = Client();
  auto context = As("ups"), other_context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  auto other_stream = client->Push(other_context.get());
  auto other_session = pushes.Take();
  ASSERT_TRUE(stream->Write(Number(1)) && other_stream->Write(Number(1)));
  session->messages.Take();
  other_session->messages.Take();
  EXPECT_TRUE(other_session->writer->TakeEvents(1000));
  EXPECT_FALSE(session->writer->TakeEvents(1000));
  session->writer->Finish(absl::OkStatus());
  ExpectToldToWaitForThousand(FromGrpc(stream->Finish()));
  other_session->writer->Finish(absl::OkStatus());
  EXPECT_TRUE(other_stream->Finish().ok());
}

TEST_F(LargeMessageTest, CostsByItsSize) {
  PushRequest first = Number(1);
  first.set_padding(std::string(1000 * Quota::kBytesPerEvent, 'x'));
  api.AllowLargerField("throughline.server.testing.PushRequest.padding", first.padding().size());
  ExpectOnlyTheFirst(first, Number(2));
}

TEST_F(StreamLimitsTest, LimitsTheStreamsOfOneIdentity) {
  options.quota.streams = 1;
  Start();
  auto client = Client();
  auto context = As("ana"), second_context = As("ana"), other_context = As("ben");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  auto second = client->Watch(second_context.get(), WatchRequest());
  const absl::Status status = FromGrpc(second->Finish());
  EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_CALLS_OF_YOURS") << status;
  auto other = client->Watch(other_context.get(), WatchRequest());
  watches.Take()->Finish(absl::OkStatus());
  EXPECT_TRUE(other->Finish().ok());
  writer->Finish(absl::OkStatus());
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace throughline::server::testing
