// 10,000 requests that are almost right: the edge refuses them or answers them, and goes on. EDGE_FUZZ_SEED repeats a
// run.

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "services/edge/connect/envelope.h"
#include "services/edge/connect/gzip.h"
#include "services/edge/edge.h"
#include "services/edge/testing/peer.h"
#include "tests/support/test_directory.h"

namespace throughline::edge {
namespace {

constexpr int kRequests = 10'000;
constexpr int64_t kMostGrowthMib = 64;

using testing::Peer;

std::string Post(const std::string& path, const std::string& type, const std::string& body,
                 const std::string& headers = "") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\nContent-Type: ", type,
                      "\r\n", headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

// One of each kind that the edge answers.
std::vector<std::string> Requests() {
  const std::string intake = "/throughline.intake.v1.IntakeService/";
  const std::string json = R"({"caseId":"c-1","consistencyToken":"abc"})";
  return {
      Post(intake + "GetCase", "application/json", json),
      Post(intake + "GetCase", "application/proto",
           std::string("\x0a\x03"
                       "c-1")),
      Post(intake + "GetCase", "application/json", connect::Compress(json), "Content-Encoding: gzip\r\n"),
      Post(intake + "OpenCase", "application/json",
           R"({"customerId":"C-7","subject":"Where?","text":"Friday","channel":"CHANNEL_PHONE"})",
           "Connect-Timeout-Ms: 500\r\nOrigin: https://shop.example\r\n"),
      Post("/throughline.outage.v1.OutageNoticeService/WatchNotices", "application/connect+json",
           connect::Enclose(0, "{}")),
      absl::StrCat("GET ", intake, "GetCase?connect=v1&encoding=json&message=%7B%22caseId%22%3A%22c-1%22%7D",
                   " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0.5\r\n\r\n"),
      absl::StrCat(
          "POST ", intake, "GetCase HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
          "Transfer-Encoding: chunked\r\n\r\n4;x=y\r\n{\"ca\r\n10\r\nseId\":\"12345678\"}\r\n0\r\nT: v\r\n\r\n"),
      "OPTIONS /docs HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\nAccess-Control-Request-Method: "
      "POST\r\n\r\n",
      Post("/webhooks/ups/e1", "application/json", R"({"trackingNumber":"1Z204W4R0308071865"})",
           "credential: secret-of-ups\r\n"),
      Post("/webhooks/shippo/e1?token=secret-of-ups", "application/json", R"({"event":"track_updated"})"),
      "GET /webhooks/ups/e1?challenge=a1 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /openapi.json HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/\"a\"\r\nConnection: keep-alive\r\n\r\n",
  };
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Mutated(const std::vector<std::string>& requests) {
    std::string request = requests[Below(requests.size())];
    for (size_t times = 1 + Below(4); times > 0; --times) Mutate(request, requests);
    return request;
  }

 private:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

  void Mutate(std::string& request, const std::vector<std::string>& requests) {
    static const std::vector<std::string> kPieces = {"\r\n",
                                                     "\n",
                                                     "\r",
                                                     "\r\n\r\n",
                                                     ":",
                                                     " ",
                                                     "\t",
                                                     std::string(1, '\0'),
                                                     "\xff",
                                                     "%",
                                                     "%00",
                                                     "%zz",
                                                     "?",
                                                     "#",
                                                     "//",
                                                     "Transfer-Encoding: chunked\r\n",
                                                     "Transfer-Encoding: gzip, chunked\r\n",
                                                     "Content-Length: 3\r\n",
                                                     "Content-Length: 99999999999999999999\r\n",
                                                     "Content-Length: -1\r\n",
                                                     "Host: b\r\n",
                                                     "Expect: 100-continue\r\n",
                                                     "Content-Encoding: gzip\r\n",
                                                     "Content-Encoding: br\r\n",
                                                     "Connect-Timeout-Ms: 99999999999\r\n",
                                                     "Connection: close\r\n",
                                                     "Upgrade: h2c\r\n",
                                                     "HTTP/1.0",
                                                     "HTTP/2.0",
                                                     "ffffffffffffffff\r\n",
                                                     "{",
                                                     "\"",
                                                     "[[[[",
                                                     "1e999",
                                                     "\\ud800",
                                                     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
    const size_t at = Below(request.size() + 1);
    switch (Below(7)) {
      case 0:
        if (at < request.size()) request[at] = static_cast<char>(Below(256));
        return;
      case 1:
        request.insert(at, kPieces[Below(kPieces.size())]);
        return;
      case 2:
        request.erase(at, Below(20));
        return;
      case 3:
        request.resize(at);
        return;
      case 4:
        request.insert(at, request.substr(Below(request.size() + 1), Below(80)));
        return;
      case 5:
        request.insert(at, std::string(Below(40'000), kPieces[Below(kPieces.size())][0]));
        return;
      default:
        request += requests[Below(requests.size())];  // on the same connection
    }
  }

  std::mt19937_64 random_;
};

int64_t ResidentMib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib / 1024;
  }
  return 0;
}

TEST(EdgeFuzz, SurvivesTenThousandRequestsThatAreAlmostRight) {
  uint64_t seed = std::random_device()();
  if (const char* given = std::getenv("EDGE_FUZZ_SEED")) ASSERT_TRUE(absl::SimpleAtoi(given, &seed));
  std::cout << "EDGE_FUZZ_SEED=" << seed << "\n";
  const TestDirectory directory;
  const auto write = [&](const char* name, const char* content) {
    std::ofstream(directory.path() + "/" + name) << content;
    return directory.path() + "/" + name;
  };
  write("secret", "secret-of-ups");
  const std::string endpoints = write("webhooks.toml", R"(
    endpoint = [
      {carrier = "ups", id = "e1", format = "ups-track-alert", scheme = "ups", secrets = ["secret"], challenge = "challenge"},
      {carrier = "shippo", id = "e1", format = "shippo-webhook", scheme = "shippo-token", secrets = ["secret"]},
    ])");
  // Nobody is at the services' address, so a call that is right is answered with 503.
  auto started = Edge::Start({.client = {.address = "127.0.0.1:1"},
                              .http = {.threads = 2, .limits = {.head_time = absl::Seconds(1)}},
                              .origins = {"https://shop.example"},
                              .token_file = write("token", "tl_edge_token"),
                              .webhooks = {.endpoints = endpoints}});
  ASSERT_TRUE(started.ok()) << started.status();
  Edge& edge = **started;
  const std::vector<std::string> requests = Requests();
  // Not 500: nothing that comes from outside is a fault of the edge.
  const std::set<int> known = {200, 204, 304, 400, 401, 404, 405, 408, 413,
                               414, 415, 417, 429, 431, 501, 503, 504, 505};
  Mutator mutator(seed);
  std::map<int, int> answers;
  int64_t before = 0;
  for (int i = 0; i < kRequests; ++i) {
    if (i == kRequests / 10) before = ResidentMib();  // what it needs at all is there by then
    const std::string request = mutator.Mutated(requests);
    Peer peer(edge.port());
    ASSERT_TRUE(peer.connected()) << "after " << i << " requests";
    peer.Send(request);
    peer.EndSending();
    Peer::Answer answer = peer.ReadHead();
    if (answer.status == 100) answer = peer.ReadHead();
    ++answers[answer.status];
    ASSERT_TRUE(answer.status == 0 || known.contains(answer.status)) << answer.status << " to request " << i << ":\n"
                                                                     << request.substr(0, 2000);
  }
  EXPECT_LT(ResidentMib() - before, kMostGrowthMib);
  for (const auto& [status, count] : answers) std::cout << status << ": " << count << "\n";
  // Most are understood well enough to be told what is wrong, and some get through.
  EXPECT_GT(answers[400], kRequests / 10);
  EXPECT_GT(answers[503] + answers[200], 100);
  // Everything that was held is free again, and a good request is answered as ever.
  for (const std::string& request : requests) {
    Peer peer(edge.port());
    peer.Send(request);
    EXPECT_NE(peer.ReadHead().status, 0) << request;
  }
}

}  // namespace
}  // namespace throughline::edge
