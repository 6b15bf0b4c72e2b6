#pragma once

// For tests: a server with the echo service on a free port, credentials, and a client.

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/server/api.h"
#include "libs/server/calls/errors.h"
#include "libs/server/server.h"
#include "libs/server/testing/echo.grpc.pb.h"
#include "tests/support/test_directory.h"

namespace throughline::server::testing {

// Passes objects from handlers to the test.
template <class T>
class Mailbox {
 public:
  void Put(T value) {
    absl::MutexLock lock(&mu_);
    values_.push_back(std::move(value));
  }
  // Waits for a value. After ten seconds, fails the test and returns T().
  T Take() {
    absl::MutexLock lock(&mu_);
    const bool came = mu_.AwaitWithTimeout(absl::Condition(
                                               +[](std::deque<T>* values) { return !values->empty(); }, &values_),
                                           absl::Seconds(10));
    EXPECT_TRUE(came) << "nothing came";
    if (!came) return T();
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }
  size_t size() {
    absl::MutexLock lock(&mu_);
    return values_.size();
  }

 private:
  absl::Mutex mu_;
  std::deque<T> values_;
};

// A push session that passes its messages and events to the test.
struct PushSession : Session<PushRequest> {
  explicit PushSession(std::shared_ptr<ResponseStream<PushResponse>> w) : writer(std::move(w)) {}
  void OnMessage(PushRequest message) override {
    for (const int events : message.events()) {
      if (!writer->TakeEvents(events)) return;
    }
    messages.Put(std::move(message));
  }
  void OnHalfClose() override { half_closed.Notify(); }
  void OnOver() override { over.Notify(); }

  std::shared_ptr<ResponseStream<PushResponse>> writer;
  Mailbox<PushRequest> messages;
  absl::Notification half_closed;
  absl::Notification over;
};

class ServerTest : public ::testing::Test {
 protected:
  static constexpr int kWindow = 3;

  ServerTest();
  ~ServerTest() override;

  void Start() { ASSERT_NO_FATAL_FAILURE(StartOn(0)); }
  void StartOn(int port);

  std::unique_ptr<EchoService::Stub> Client();
  // The context of a call with the token of `name`; empty: without a token.
  std::unique_ptr<grpc::ClientContext> As(const std::string& name, absl::Duration deadline = absl::Seconds(20));

  // The number of calls of `method` that ended with `code`, once all calls have ended.
  double Handled(const std::string& method, const std::string& code);

  ServerOptions options;
  const TestDirectory scratch;
  const std::string directory = scratch.path();
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::shared_ptr<prometheus::Registry> process_registry = std::make_shared<prometheus::Registry>();
  std::unique_ptr<identity::TokenStore> tokens;
  identity::AuthenticatorOptions authentication;
  std::unique_ptr<identity::Authenticator> authenticator;
  Api api{"throughline.server.testing.EchoService"};
  Mailbox<std::shared_ptr<Reply<HoldResponse>>> held;
  Mailbox<std::shared_ptr<ResponseStream<WatchResponse>>> watches;
  Mailbox<std::shared_ptr<ResponseStream<FollowResponse>>> follows;
  Mailbox<std::shared_ptr<PushSession>> pushes;
  std::unique_ptr<Server> server;
};

}  // namespace throughline::server::testing
