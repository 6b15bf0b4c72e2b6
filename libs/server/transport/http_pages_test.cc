#include "libs/server/transport/http_pages.h"

#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/http_get.h"
#include "tests/support/loopback.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using throughline::testing::HttpGet;
using throughline::testing::Loopback;

class HttpPagesTest : public ::testing::Test {
 protected:
  void Start(HttpPages::Limits limits = {}) {
    auto sockets = ListenSockets::Open("metrics", "127.0.0.1", 0);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    pages_.emplace(*std::move(sockets),
                   HttpPages::Pages{{"/metrics", [] { return "up 1\n"; }},
                                    {"/large", [] { return std::string(32 << 20, 'x'); }},
                                    {"/broken", []() -> std::string { throw std::runtime_error("no"); }}},
                   limits);
  }
  absl::StatusOr<std::string> Get(const std::string& path) const {
    return HttpGet(JoinHostPort("127.0.0.1", pages_->port()), path);
  }
  // A connection that has sent `request`.
  int Connect(const std::string& request = "") {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    open_.push_back(fd);
    Reach(fd);
    EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    return fd;
  }
  void Reach(int fd) {
    const sockaddr_in address = Loopback(pages_->port());
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  // What comes until the server ends the connection, or nothing comes for ten seconds.
  static std::string ReadAll(int fd) {
    std::string all;
    char buffer[4096];
    pollfd end{fd, POLLIN, 0};
    while (poll(&end, 1, 10'000) > 0) {
      const ssize_t n = read(fd, buffer, sizeof buffer);
      if (n <= 0) return all;
      all.append(buffer, static_cast<size_t>(n));
    }
    ADD_FAILURE() << "the connection does not end";
    return all;
  }
  ~HttpPagesTest() override {
    for (const int fd : open_) close(fd);
  }

  std::optional<HttpPages> pages_;
  std::vector<int> open_;
};

TEST_F(HttpPagesTest, AnswersKnownPathsAndRefusesOthers) {
  Start();
  EXPECT_EQ(*Get("/metrics"), "up 1\n");
  EXPECT_EQ(*Get("/metrics?name=up"), "up 1\n");
  EXPECT_EQ(Get("/large")->size(), size_t{32} << 20);
  EXPECT_THAT(ReadAll(Connect("GET / HTTP/1.1\r\n\r\n")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ReadAll(Connect("GET /broken HTTP/1.1\r\n\r\n")), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(ReadAll(Connect("POST /metrics HTTP/1.1\r\n\r\n")), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ReadAll(Connect("\r\n\r\n")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ReadAll(Connect(std::string(9000, 'x'))), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ReadAll(Connect("GET /metrics HTTP/1.0\r\n\r\n")), HasSubstr("version=0.0.4"));
}

TEST_F(HttpPagesTest, SilentClientsKeepNobodyOut) {
  Start({.connections = 4});
  for (int i = 0; i < 20; ++i) Connect("GET /met");
  EXPECT_EQ(*Get("/metrics"), "up 1\n");
}

TEST_F(HttpPagesTest, ClosesSilentConnections) {
  Start({.request_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(ReadAll(Connect()), "");
  EXPECT_EQ(ReadAll(Connect("GET /metrics")), "");
}

TEST_F(HttpPagesTest, ClosesConnectionsThatAreNotRead) {
  Start({.connections = 1, .answer_time = std::chrono::milliseconds(50)});
  const int slow = Connect("GET /large HTTP/1.1\r\n\r\n");
  while (!Get("/metrics").ok()) {
  }
  EXPECT_LT(ReadAll(slow).size(), size_t{32} << 20);
}

TEST_F(HttpPagesTest, AcceptsAgainAfterDescriptorsRanOut) {
  Start();
  const int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  open_.push_back(waiting);
  std::vector<int> hoard;
  for (int fd; (fd = dup(0)) >= 0;) hoard.push_back(fd);
  ASSERT_EQ(errno, EMFILE);
  Reach(waiting);
  const std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  ASSERT_EQ(write(waiting, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  pollfd answer{waiting, POLLIN, 0};
  EXPECT_EQ(poll(&answer, 1, 200), 0) << "there was a descriptor left";
  for (const int fd : hoard) close(fd);
  EXPECT_THAT(ReadAll(waiting), HasSubstr("up 1\n"));
  EXPECT_EQ(*Get("/metrics"), "up 1\n");
}

}  // namespace
}  // namespace throughline::server
