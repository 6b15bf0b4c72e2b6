#pragma once

// An HTTP server whose handler echoes, holds and streams. For tests.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

#include "services/edge/http/server.h"
#include "services/edge/testing/peer.h"

namespace throughline::edge::http {

inline constexpr char kGet[] = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

// Echoes at /echo; holds at /hold until the test answers; streams at /stream.
class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override { held_.clear(); }

  void Start() {
    absl::StatusOr<std::unique_ptr<Server>> started =
        Server::Start(options, registry, [this](std::shared_ptr<Exchange> exchange) { Handle(std::move(exchange)); });
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  int port() const { return server->port(); }

  void Handle(std::shared_ptr<Exchange> exchange) {
    const Request& request = exchange->request();
    exchange->SetRoute("test");
    if (request.path == "/echo") {
      Response response{.body = absl::StrCat(request.method, " ", request.query, " ", request.body)};
      response.headers.Add("x-injected", "a\r\nSet-Cookie: b");
      if (const std::string* auth = request.headers.Find("AUTHORIZATION")) response.headers.Add("x-auth", *auth);
      return exchange->Answer(std::move(response));
    }
    if (request.path == "/large") return exchange->Answer({.body = std::string(32 << 20, 'x')});
    if (request.path == "/stream") {
      exchange->Begin({.body = "one"});
      exchange->Send("two", [exchange] { exchange->End("three"); });
      return;
    }
    if (request.path == "/drop") return;
    exchange->OnEnded([this](Exchange::Ended how) {
      absl::MutexLock lock(&mutex_);
      ended_.push_back(how);
    });
    absl::MutexLock lock(&mutex_);
    held_.push_back(std::move(exchange));
  }

  std::shared_ptr<Exchange> Held() {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(
                                +[](std::vector<std::shared_ptr<Exchange>>* held) { return !held->empty(); }, &held_),
                            absl::Seconds(10));
    if (held_.empty()) return nullptr;
    std::shared_ptr<Exchange> first = std::move(held_.front());
    held_.erase(held_.begin());
    return first;
  }
  std::optional<Exchange::Ended> EndedHow() {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(
                                +[](std::vector<Exchange::Ended>* ended) { return !ended->empty(); }, &ended_),
                            absl::Seconds(10));
    if (ended_.empty()) return std::nullopt;
    return ended_.front();
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry->Collect()); }
  // What the server answers to these bytes; it must then close the connection.
  std::string Refusal(const std::string& bytes) {
    edge::testing::Peer peer(port());
    peer.Send(bytes);
    const edge::testing::Peer::Answer answer = peer.Read();
    EXPECT_EQ(answer.header("connection"), "close") << bytes;
    EXPECT_TRUE(peer.Closed()) << bytes;
    return absl::StrCat(answer.status, " ", answer.body);
  }

  Options options;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::unique_ptr<Server> server;

 private:
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Exchange>> held_ ABSL_GUARDED_BY(mutex_);
  std::vector<Exchange::Ended> ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::edge::http
