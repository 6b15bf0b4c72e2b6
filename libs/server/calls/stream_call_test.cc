// Streams as a client sees them: windows, slow readers, ends.

#include <algorithm>
#include <thread>

#include "libs/runtime/domain/refusal.h"
#include "libs/server/testing/fixture.h"

namespace throughline::server::testing {
namespace {

class StreamCallTest : public ServerTest {};

PushRequest Number(int64_t number) {
  PushRequest request;
  request.set_number(number);
  return request;
}

PushResponse Acknowledge(int64_t number) {
  PushResponse response;
  response.set_number(number);
  return response;
}

TEST_F(StreamCallTest, AcknowledgesEachMessageInOrder) {
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  for (int64_t number = 1; number <= 100; ++number) {
    ASSERT_TRUE(stream->Write(Number(number)));
    EXPECT_EQ(session->messages.Take().number(), number);
    EXPECT_TRUE(session->writer->Write(Acknowledge(number)));
    session->writer->Release();
    PushResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.number(), number);
  }
  stream->WritesDone();
  session->half_closed.WaitForNotification();
  session->writer->Finish(absl::OkStatus());
  EXPECT_TRUE(stream->Finish().ok());
  session->over.WaitForNotification();
  EXPECT_FALSE(session->writer->Write(Acknowledge(0)));
}

TEST_F(StreamCallTest, ReadsNoMoreThanTheWindow) {
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  for (int64_t number = 1; number <= kWindow + 2; ++number) ASSERT_TRUE(stream->Write(Number(number)));
  for (int64_t number = 1; number <= kWindow; ++number) EXPECT_EQ(session->messages.Take().number(), number);
  // The next one comes because of the release and not before: if the window were wider, the client's fourth message
  // would lie in the mailbox by the time that a later stream has made a full round trip.
  {
    auto other_context = As("usps");
    auto other = client->Push(other_context.get());
    auto other_session = pushes.Take();
    ASSERT_TRUE(other->Write(Number(1)));
    other_session->messages.Take();
    other_session->writer->Finish(absl::OkStatus());
    EXPECT_TRUE(other->Finish().ok());
  }
  EXPECT_EQ(session->messages.size(), 0u);
  session->writer->Release(1);
  EXPECT_EQ(session->messages.Take().number(), kWindow + 1);
  EXPECT_EQ(session->messages.size(), 0u);
  session->writer->Release(kWindow);
  EXPECT_EQ(session->messages.Take().number(), kWindow + 2);
  session->writer->Finish(absl::OkStatus());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamCallTest, StopsReadingFromAClientThatDoesNotRead) {
  options.max_queued_messages = 64;
  options.max_queued_bytes = 64 << 20;
  options.requests.max_message_bytes = 1 << 20;
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  constexpr int64_t kMessages = 5000;
  std::thread handler([&] {
    for (int64_t number = 1; number <= kMessages; ++number) {
      PushResponse response = Acknowledge(session->messages.Take().number());
      response.set_padding(std::string(10'000, 'x'));
      EXPECT_TRUE(session->writer->Write(response));
      session->writer->Release();  // before it was sent: the window alone does not bound the queue
    }
    session->writer->Finish(absl::OkStatus());
  });
  std::thread sender([&] {
    for (int64_t number = 1; number <= kMessages; ++number) EXPECT_TRUE(stream->Write(Number(number)));
    stream->WritesDone();
  });
  PushResponse response;
  int64_t read = 0;
  while (stream->Read(&response)) EXPECT_EQ(response.number(), ++read);
  sender.join();
  handler.join();
  EXPECT_EQ(read, kMessages);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamCallTest, EndsOnAMessageThatBreaksTheRules) {
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  PushRequest bad;
  bad.set_command_id("\xff");
  ASSERT_TRUE(stream->Write(bad));
  const absl::Status status = FromGrpc(stream->Finish());
  EXPECT_THAT(runtime::BadFieldsOf(status), ::testing::ElementsAre("command_id"));
  session->over.WaitForNotification();
  EXPECT_EQ(session->messages.size(), 0u);
}

TEST_F(StreamCallTest, RefusesTheWrongRoleBeforeAnythingIsRead) {
  Start();
  auto client = Client();
  auto context = As("ana");
  auto stream = client->Push(context.get());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(pushes.size(), 0u);
}

TEST_F(StreamCallTest, NotifiesTheSessionThatTheClientHasGone) {
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  context->TryCancel();
  EXPECT_TRUE(session->over.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  session.reset();
  EXPECT_EQ(Handled("Push", "CANCELLED"), 1);
}

TEST_F(StreamCallTest, SendsASlowReaderTheLatestStateOfEachKey) {
  Start();
  auto client = Client();
  auto context = As("dashboard");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  // Far more than flow control and the queue hold together, so most of it must be replaced before it is sent.
  constexpr int64_t kLast = 2001;
  WatchResponse update;
  update.set_text(std::string(50'000, 'x'));
  for (int64_t number = 1; number <= kLast; ++number) {
    update.set_number(number);
    ASSERT_TRUE(writer->WriteLatest(number % 2 == 0 ? "even" : "odd", update));
  }
  writer->Finish(absl::OkStatus());
  std::vector<int64_t> seen;
  while (stream->Read(&update)) seen.push_back(update.number());
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_GE(seen.size(), 2u);
  EXPECT_LT(seen.size(), 500u);
  EXPECT_THAT(seen, ::testing::Contains(kLast));
  EXPECT_THAT(seen, ::testing::Contains(kLast - 1));
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "in the order in which they were written";
}

TEST_F(StreamCallTest, SendsAMessageThatIsLargerThanTheQueueMayBe) {
  options.max_queued_bytes = 1000;
  Start();
  auto client = Client();
  auto context = As("dashboard");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  WatchResponse update;
  update.set_text(std::string(50'000, 'x'));
  EXPECT_TRUE(writer->Write(update));
  writer->Finish(absl::OkStatus());
  ASSERT_TRUE(stream->Read(&update));
  EXPECT_EQ(update.text().size(), 50'000u);
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamCallTest, EndsWhenASlowReaderFillsTheQueue) {
  options.max_queued_bytes = 1 << 20;
  Start();
  auto client = Client();
  auto context = As("dashboard");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  absl::Notification over;
  writer->context().OnOver([&over] { over.Notify(); });
  WatchResponse update;
  update.set_text(std::string(50'000, 'x'));
  int written = 0;
  while (written < 2000 && writer->Write(update)) ++written;
  EXPECT_LT(written, 2000);
  over.WaitForNotification();
  while (stream->Read(&update)) {
  }
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(stream->Finish())), "READER_TOO_SLOW");
}

TEST_F(StreamCallTest, SendsTheQueueBeforeTheEnd) {
  Start();
  auto client = Client();
  auto context = As("dashboard");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  WatchResponse update;
  for (int64_t number = 1; number <= 200; ++number) {
    update.set_number(number);
    ASSERT_TRUE(writer->Write(update));
  }
  writer->Finish(absl::NotFoundError("gone"));
  for (int64_t number = 1; number <= 200; ++number) {
    ASSERT_TRUE(stream->Read(&update));
    EXPECT_EQ(update.number(), number);
  }
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(StreamCallTest, EndsWhenTheHandlerDropsTheResponseStream) {
  Start();
  auto client = Client();
  auto context = As("dashboard");
  auto stream = client->Watch(context.get(), WatchRequest());
  watches.Take().reset();
  WatchResponse update;
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INTERNAL);
}

// How long a revoked stream may go on, for reading and for writing.
constexpr absl::Duration kRevokedWithin = absl::Seconds(2);

class RevokedStreamTest : public StreamCallTest {
 protected:
  // Revokes the credential of `name`; the time from then is what counts.
  void Revoke(const std::string& name) {
    ASSERT_TRUE(identity::RevokeToken(identity::TokensPath(directory), name).ok());
    revoked_ = absl::Now();
  }
  void ExpectSoonAfter() const { EXPECT_LT(absl::Now() - revoked_, kRevokedWithin); }

 private:
  absl::Time revoked_;
};

TEST_F(RevokedStreamTest, SendsNothingMore) {
  Start();
  auto client = Client();
  auto context = As("ana"), other_context = As("ben");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  auto other = client->Watch(other_context.get(), WatchRequest());
  auto other_writer = watches.Take();
  WatchResponse response;
  EXPECT_TRUE(writer->Write(response));
  EXPECT_TRUE(stream->Read(&response));
  Revoke("ana");
  EXPECT_FALSE(stream->Read(&response));
  ExpectSoonAfter();
  const absl::Status status = FromGrpc(stream->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
  EXPECT_EQ(runtime::ReasonOf(status), "TOKEN_DISABLED");
  EXPECT_FALSE(writer->Write(response));
  // Nobody else's stream ends.
  EXPECT_TRUE(other_writer->Write(response));
  EXPECT_TRUE(other->Read(&response));
  other_writer->Finish(absl::OkStatus());
  EXPECT_TRUE(other->Finish().ok());
}

TEST_F(RevokedStreamTest, ReadsNothingMore) {
  Start();
  auto client = Client();
  auto context = As("ups");
  auto stream = client->Push(context.get());
  auto session = pushes.Take();
  ASSERT_TRUE(stream->Write(Number(1)));
  EXPECT_EQ(session->messages.Take().number(), 1);
  Revoke("ups");
  session->over.WaitForNotification();
  ExpectSoonAfter();
  stream->Write(Number(2));
  EXPECT_FALSE(session->writer->Write(Acknowledge(1)));
  const absl::Status status = FromGrpc(stream->Finish());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
  EXPECT_EQ(runtime::ReasonOf(status), "TOKEN_DISABLED");
  EXPECT_EQ(session->messages.size(), 0u);
}

// A client that does not read must not keep its stream by that.
TEST_F(RevokedStreamTest, IsCancelledIfItsClientDoesNotRead) {
  options.max_queued_bytes = 64 << 20;
  Start();
  auto client = Client();
  auto context = As("ana");
  auto stream = client->Watch(context.get(), WatchRequest());
  auto writer = watches.Take();
  WatchResponse response;
  response.set_text(std::string(1 << 20, 'x'));
  absl::Notification over;
  writer->context().OnOver([&over] { over.Notify(); });
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(writer->Write(response));  // far more than the windows of HTTP/2
  Revoke("ana");
  over.WaitForNotification();
  ExpectSoonAfter();
  // Handled waits for the call to be gone, up to five seconds.
  EXPECT_EQ(Handled("Watch", "UNAUTHENTICATED"), 1);
  ExpectSoonAfter();
  while (stream->Read(&response)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(RevokedStreamTest, EndsIfItsCredentialIsRemovedOrChangesIdentity) {
  Start();
  auto client = Client();
  const std::string path = identity::TokensPath(directory);
  auto records = *identity::ReadTokenFile(path);
  for (const auto& [name, reason] : {std::pair("ups", "TOKEN_CHANGED"), std::pair("usps", "BAD_TOKEN")}) {
    auto context = As(name);
    auto stream = client->Push(context.get());
    auto session = pushes.Take();
    for (auto record = records.begin(); record != records.end(); ++record) {
      if (record->identity.name != name) continue;
      if (name == std::string("ups")) {
        record->identity.party = "dhl";
      } else {
        records.erase(record);
      }
      break;
    }
    ASSERT_TRUE(identity::WriteTokenFile(path, records).ok());
    PushResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const absl::Status status = FromGrpc(stream->Finish());
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
    EXPECT_EQ(runtime::ReasonOf(status), reason);
    session->over.WaitForNotification();
  }
}

}  // namespace
}  // namespace throughline::server::testing
