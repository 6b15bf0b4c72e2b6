// A client and an echo server with the proxy between them.

#include "tests/support/network/tcp_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/network/loopback.h"

namespace throughline::testing {
namespace {

constexpr int kSoon = 5000;  // milliseconds; for events that must happen
constexpr int kNotYet = 50;  // for events that must not

// One end of a connection.
class End {
 public:
  explicit End(int fd) : fd_(fd) {}
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  ~End() { close(fd_); }

  void Say(const std::string& bytes) const {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  bool Stirs(int milliseconds) const {
    pollfd readable{fd_, POLLIN, 0};
    return poll(&readable, 1, milliseconds) == 1;
  }
  // Reads that many bytes; fewer at the end of the stream, "" after it.
  std::string Hear(size_t count) const {
    std::string heard;
    while (heard.size() < count && Stirs(kSoon)) {
      char buffer[4096];
      const ssize_t n = recv(fd_, buffer, std::min(sizeof buffer, count - heard.size()), 0);
      if (n <= 0) break;
      heard.append(buffer, static_cast<size_t>(n));
    }
    return heard;
  }
  bool Ended() const { return Stirs(kSoon) && Hear(1).empty(); }

 private:
  const int fd_;
};

class TcpProxyTest : public ::testing::Test {
 protected:
  TcpProxyTest() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    proxy_.ForwardTo(ntohs(address.sin_port));
  }
  ~TcpProxyTest() override { close(listener_); }

  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(proxy_.port());
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  int Accept() const { return accept(listener_, nullptr, nullptr); }

  const int listener_;
  TcpProxy proxy_;
};

TEST_F(TcpProxyTest, ForwardsBothWays) {
  const End client(Connect());
  const End server(Accept());
  client.Say("question");
  EXPECT_EQ(server.Hear(8), "question");
  server.Say("answer");
  EXPECT_EQ(client.Hear(6), "answer");
  EXPECT_EQ(proxy_.traffic().forwarded_requests, 8);
  EXPECT_EQ(proxy_.traffic().forwarded_answers, 6);
}

TEST_F(TcpProxyTest, ForwardsMoreThanItHolds) {
  const End client(Connect());
  const End server(Accept());
  std::string much(8 << 20, ' ');
  for (size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 31 + i / 4096);
  std::thread talks([&] { client.Say(much); });
  EXPECT_TRUE(server.Hear(much.size()) == much);
  talks.join();
}

TEST_F(TcpProxyTest, ForwardsTheEndOfAStream) {
  const End client(Connect());
  { const End server(Accept()); }
  EXPECT_TRUE(client.Ended());
}

TEST_F(TcpProxyTest, CutsConnectionsAndAcceptsNewOnes) {
  const End client(Connect());
  const End server(Accept());
  client.Say("a");
  EXPECT_EQ(server.Hear(1), "a");
  proxy_.CutAll();
  EXPECT_TRUE(client.Ended());
  EXPECT_TRUE(server.Ended());
  const End again(Connect());
  const End served(Accept());
  again.Say("b");
  EXPECT_EQ(served.Hear(1), "b");
}

TEST_F(TcpProxyTest, StalledBytesArriveLater) {
  const End client(Connect());
  const End server(Accept());
  proxy_.Be(TcpProxy::Mode::kStall);
  client.Say("held");
  EXPECT_FALSE(server.Stirs(kNotYet));
  proxy_.Be(TcpProxy::Mode::kForward);
  EXPECT_EQ(server.Hear(4), "held");
}

TEST_F(TcpProxyTest, DropsAnswersAndThenTheConnection) {
  const End client(Connect());
  const End server(Accept());
  proxy_.Be(TcpProxy::Mode::kDropAnswers);
  client.Say("append");
  EXPECT_EQ(server.Hear(6), "append");
  server.Say("done");
  EXPECT_TRUE(proxy_.AwaitDropped(4, absl::Seconds(5)));
  EXPECT_FALSE(client.Stirs(kNotYet));
  proxy_.Be(TcpProxy::Mode::kForward);
  EXPECT_TRUE(client.Ended());
  EXPECT_EQ(proxy_.traffic().dropped_answers, 4);
  EXPECT_EQ(proxy_.traffic().forwarded_answers, 0);
}

TEST_F(TcpProxyTest, ConnectionsThatLostNothingSurviveDroppedAnswers) {
  const End client(Connect());
  const End server(Accept());
  proxy_.Be(TcpProxy::Mode::kDropAnswers);
  proxy_.Be(TcpProxy::Mode::kForward);
  server.Say("answer");
  EXPECT_EQ(client.Hear(6), "answer");
}

TEST_F(TcpProxyTest, Refuses) {
  const End client(Connect());
  const End server(Accept());
  proxy_.Be(TcpProxy::Mode::kRefuse);
  EXPECT_TRUE(client.Ended());
  const End another(Connect());
  EXPECT_TRUE(another.Ended());
}

}  // namespace
}  // namespace throughline::testing
