// Ports that are taken, and ports that receive garbage.

#include <arpa/inet.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hostile/up.h"
#include "tests/hostile/world.h"
#include "tests/support/network/loopback.h"

namespace throughline::hostile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using throughline::testing::Loopback;

// A port on which another program listens.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 1), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(fd_); }
  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

int PortOf(const std::string& address) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
  return port;
}

class Connection {
 public:
  explicit Connection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = Loopback(port);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Connection() { close(fd_); }
  bool connected() const { return connected_; }

  void Say(const std::string& bytes) const { (void)!send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // What arrives until the other side closes, or until the time is over.
  std::string Hear(absl::Duration patience) const {
    std::string heard;
    const absl::Time end = absl::Now() + patience;
    char buffer[4096];
    pollfd readable{fd_, POLLIN, 0};
    while (poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(end - absl::Now()))) > 0) {
      const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      heard.append(buffer, static_cast<size_t>(n));
      if (absl::Now() >= end) break;
    }
    return heard;
  }

 private:
  const int fd_;
  bool connected_ = false;
};

std::string Scrape(const World&, int port) {
  const Connection connection(port);
  connection.Say("GET /intake/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return connection.Hear(absl::Seconds(10));
}

// Returns how many connections were accepted.
int Shout(int port, const std::vector<std::string>& preambles, int connections, std::mt19937& random) {
  int accepted = 0;
  std::uniform_int_distribution<int> byte(0, 255);
  for (int i = 0; i < connections; ++i) {
    const Connection connection(port);
    accepted += connection.connected();
    std::string bytes = preambles[i % preambles.size()];
    const int length = std::uniform_int_distribution<int>(0, 3000)(random);
    for (int n = 0; n < length; ++n) bytes.push_back(static_cast<char>(byte(random)));
    connection.Say(bytes);
    if (i % 4 == 0) connection.Hear(absl::Milliseconds(5));
  }
  return accepted;
}

class Ports : public ::testing::Test {
 protected:
  void ExpectRefused(const testing::Finished& up, int port) {
    EXPECT_EQ(up.exit_code, 1) << up.out << up.err;
    EXPECT_THAT(up.err, AllOf(HasSubstr("throughline up: "), HasSubstr(absl::StrCat(":", port)),
                              HasSubstr("choose another port")));
    EXPECT_NE(access((data_ + "/endpoint").c_str(), F_OK), 0) << "it left an endpoint behind";
  }

  TestDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
  World& world_ = World::Shared();
};

TEST_F(Ports, TheGrpcPortIsTaken) {
  const Listener other;
  ExpectRefused(RefusedUp(data_, {"--port", absl::StrCat(other.port())}), other.port());
}

TEST_F(Ports, TheMetricsPortIsTaken) {
  const Listener other;
  ExpectRefused(RefusedUp(data_, {"--metrics-port", absl::StrCat(other.port())}), other.port());
}

// Two suites must not share a port, which gRPC would allow.
TEST_F(Ports, AnotherSuiteHasThePort) {
  const int port = PortOf(world_.suite().address());
  ExpectRefused(RefusedUp(data_, {"--port", absl::StrCat(port)}), port);
  const int metrics = PortOf(world_.suite().metrics_address());
  ExpectRefused(RefusedUp(data_, {"--metrics-port", absl::StrCat(metrics)}), metrics);
  EXPECT_EQ(world_.Works(), absl::OkStatus());
}

TEST_F(Ports, NoiseOnTheGrpcPort) {
  std::mt19937 random(20'240'601);
  const std::string http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const std::string settings("\x00\x00\x00\x04\x00\x00\x00\x00\x00", 9);
  const std::string huge_frame("\xff\xff\xff\x00\x00\x00\x00\x00\x01", 9);
  const std::string bad_headers("\x00\x00\x10\x01\x05\x00\x00\x00\x01", 9);
  const int port = PortOf(world_.suite().address());
  EXPECT_EQ(Shout(port,
                  {"", http2, http2 + settings, http2 + settings + huge_frame, http2 + settings + bad_headers,
                   "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00"},
                  300, random),
            300);
  EXPECT_EQ(world_.Works(), absl::OkStatus());
}

TEST_F(Ports, NoiseOnTheMetricsPort) {
  std::mt19937 random(20'240'602);
  const int port = PortOf(world_.suite().metrics_address());
  Shout(port,
        {"", "GET ", "GET /intake/metrics HTTP/1.1\r\n", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
         "POST /intake/metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
         "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00"},
        200, random);
  EXPECT_THAT(Scrape(world_, port), AllOf(HasSubstr("200 OK"), HasSubstr("throughline_")));
  const Connection connection(port);
  connection.Say("GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(connection.Hear(absl::Seconds(5)), ::testing::Not(HasSubstr("root:")));
}

// A silent connection does not keep Prometheus out.
TEST_F(Ports, SilenceOnTheMetricsPort) {
  const int port = PortOf(world_.suite().metrics_address());
  const Connection silent(port);
  const Connection slow(port);
  slow.Say("GET /intake/metrics HT");
  EXPECT_THAT(Scrape(world_, port), HasSubstr("200 OK"));
}

}  // namespace
}  // namespace throughline::hostile
