#include "libs/server/transport/http_pages.h"

#include <filesystem>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/network/loopback.h"

namespace throughline::server {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using throughline::testing::HttpGet;
using throughline::testing::Loopback;

class HttpPagesTest : public ::testing::Test {
 protected:
  void Start(HttpPages::Limits limits = {}) {
    auto sockets = ListenSockets::Open("metrics", "127.0.0.1", 0);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    pages_.emplace(
        *std::move(sockets),
        HttpPages::Pages{{"/metrics", [] { return HttpPage{.type = "text/plain; version=0.0.4", .body = "up 1\n"}; }},
                         {"/readyz", [] { return HttpPage{.status = 503, .body = "starting\n"}; }},
                         {"/large", [] { return HttpPage{.body = std::string(32 << 20, 'x')}; }},
                         {"/broken", []() -> HttpPage { throw std::runtime_error("no"); }}},
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
  // Those open in this process, in which both ends are.
  static int Descriptors() {
    const auto open = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<int>(std::distance(begin(open), end(open)));
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
  EXPECT_THAT(
      ReadAll(Connect("GET / HTTP/1.1\r\n\r\n")),
      AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\n404 Not Found: the pages are /broken /large /metrics "
                                                  "/readyz\n")));
  EXPECT_THAT(ReadAll(Connect("GET /readyz HTTP/1.1\r\n\r\n")),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nstarting\n")));
  EXPECT_THAT(ReadAll(Connect("HEAD /metrics HTTP/1.1\r\n\r\n")),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ReadAll(Connect("HEAD /no HTTP/1.1\r\n\r\n")), AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ReadAll(Connect("GET /broken HTTP/1.1\r\n\r\n")), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(ReadAll(Connect("POST /metrics HTTP/1.1\r\n\r\n")),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n"),
                    EndsWith("\r\n\r\n405 Method Not Allowed: only GET and HEAD are\n")));
  EXPECT_THAT(ReadAll(Connect("\r\n\r\n")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ReadAll(Connect(std::string(9000, 'x'))), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ReadAll(Connect("GET /metrics HTTP/1.0\r\n\r\n")), HasSubstr("version=0.0.4"));
}

TEST_F(HttpPagesTest, SilentClientsKeepNobodyOut) {
  Start({.connections = 4});
  for (int i = 0; i < 20; ++i) Connect("GET /met");
  EXPECT_EQ(*Get("/metrics"), "up 1\n");
}

// Scrapers that do not read their answer: by the time that they are given up, an orchestrator would have killed the
// process.
TEST_F(HttpPagesTest, ClientsThatDoNotReadKeepNobodyOut) {
  Start({.connections = 4, .answer_time = std::chrono::hours(1)});
  std::vector<int> slow;
  for (int i = 0; i < 4; ++i) slow.push_back(Connect("GET /large HTTP/1.1\r\n\r\n"));
  for (const int fd : slow) {
    pollfd begun{fd, POLLIN, 0};
    ASSERT_EQ(poll(&begun, 1, 10'000), 1) << "its answer has not begun";
  }
  EXPECT_EQ(*Get("/metrics"), "up 1\n");
}

TEST_F(HttpPagesTest, ClosesSilentConnections) {
  Start({.request_time = std::chrono::milliseconds(50)});
  EXPECT_EQ(ReadAll(Connect()), "");
  EXPECT_EQ(ReadAll(Connect("GET /metrics")), "");
}

TEST_F(HttpPagesTest, ClosesConnectionsThatAreNotRead) {
  Start({.answer_time = std::chrono::milliseconds(50)});
  const int before = Descriptors();
  const int slow = Connect("GET /large HTTP/1.1\r\n\r\n");
  pollfd begun{slow, POLLIN, 0};
  ASSERT_EQ(poll(&begun, 1, 10'000), 1);
  EXPECT_TRUE(Eventually([&] { return Descriptors() == before + 1; })) << "its own end stays open, and only that";
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
