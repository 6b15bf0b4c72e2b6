#include "services/edge/http/server.h"

#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/test_directory.h"

namespace throughline::edge::http {
namespace {

using edge::testing::Peer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGet[] = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

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
    Peer peer(port());
    peer.Send(bytes);
    const Peer::Answer answer = peer.Read();
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

TEST_F(ServerTest, AnswersOneRequestAfterAnotherOnAConnection) {
  Start();
  Peer peer(port());
  for (int i = 0; i < 3; ++i) {
    peer.Send(absl::StrCat("POST /echo?n=", i, " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"));
    const Peer::Answer answer = peer.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, absl::StrCat("POST n=", i, " hello"));
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.count("set-cookie") + answer.headers.count("x-injected"), 0);
  }
  // Two at once, one byte at a time, the second in the absolute form.
  for (const char c :
       absl::StrCat("\r\n", kGet, "GET http://a/echo?b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) {
    peer.Send({&c, 1});
  }
  EXPECT_EQ(peer.Read().body, "GET  ");
  const Peer::Answer last = peer.Read();
  EXPECT_EQ(last.body, "GET b ");
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_TRUE(peer.Closed());
  EXPECT_THAT(Metrics(), HasSubstr("throughline_http_requests_total{code=\"200\",route=\"test\"} 5"));
}

TEST_F(ServerTest, ReadsChunksAndIgnoresTheirTrailers) {
  Start();
  Peer peer(port());
  peer.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  peer.Send("4;ext=1\r\ndefg\r\n0\r\nAuthorization: Bearer stolen\r\n\r\n");
  const Peer::Answer answer = peer.Read();
  EXPECT_EQ(answer.body, "POST  abcdefg");
  EXPECT_EQ(answer.header("x-auth"), "");
  peer.Send(kGet);
  EXPECT_EQ(peer.Read().body, "GET  ");
}

TEST_F(ServerTest, AnswersHeadWithoutABodyAndContinuesWhenAsked) {
  Start();
  Peer peer(port());
  peer.Send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const Peer::Answer head = peer.Read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "6");
  peer.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.ReadHead().status, 100);
  peer.Send("ok");
  EXPECT_EQ(peer.Read().body, "POST  ok");
}

TEST_F(ServerTest, SpeaksHttp10) {
  Start();
  Peer peer(port());
  peer.Send("GET /stream HTTP/1.0\r\n\r\n");
  const Peer::Answer answer = peer.Read();
  EXPECT_EQ(answer.header("transfer-encoding"), "");
  EXPECT_EQ(answer.body, "onetwothree");
}

TEST_F(ServerTest, AnswersInParts) {
  Start();
  Peer peer(port());
  for (int i = 0; i < 2; ++i) {
    peer.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(peer.Read().body, "onetwothree");
  }
  peer.Send("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.Read().status, 500);
}

TEST_F(ServerTest, RefusesWhatOthersMayReadInAnotherWay) {
  Start();
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& smuggled : {
           post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
           post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
           post + "Content-Length: 4, 4\r\n\r\nabcd",
           post + "Content-Length: +4\r\n\r\nabcd",
           post + "Content-Length : 4\r\n\r\nabcd",
           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
           std::string("POST /echo HTTP/1.1\nHost: a\n\n"),
           std::string("POST /echo HTTP/1.1\r\nHost: a\n\r\n"),
           post + "Content-Length: 99999999999999999999\r\n\r\n",
           std::string("GET /echo HTTP/1.1\r\n\r\n"),
           std::string("GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
           std::string("GET echo HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET /echo HTTP/2.0\r\nHost: a\r\n\r\n"),
           std::string("GET /echo\r\nHost: a\r\n\r\n"),
           std::string("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\r\n\r\n", 10),
       }) {
    EXPECT_THAT(Refusal(smuggled), HasSubstr("400 {\"code\":\"invalid_argument\"")) << smuggled;
  }
  EXPECT_THAT(Metrics(), HasSubstr("throughline_http_refused_total{reason=\"malformed\"} 25"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("route=\"test\""))) << "one reached the handler";
}

TEST_F(ServerTest, RefusesHeadsAndBodiesThatAreTooLarge) {
  options.limits.head_bytes = 1000;
  options.limits.body_bytes = 1000;
  Start();
  EXPECT_THAT(Refusal(absl::StrCat("GET /", std::string(2000, 'a'), " HTTP/1.1\r\n")), HasSubstr("431 "));
  EXPECT_THAT(Refusal(absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ", std::string(2000, 'a'))), HasSubstr("431 "));
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  EXPECT_THAT(Refusal(post + "Content-Length: 1001\r\n\r\n"), HasSubstr("413 "));
  EXPECT_THAT(Refusal(post + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"), HasSubstr("413 "));
  EXPECT_THAT(Refusal(absl::StrCat(post, "Transfer-Encoding: chunked\r\n\r\n7d0\r\n", std::string(2000, 'a'))),
              HasSubstr("413 "));
  Peer peer(port());
  peer.Send(absl::StrCat(post, "Content-Length: 1000\r\n\r\n", std::string(1000, 'a')));
  EXPECT_EQ(peer.Read().status, 200);
}

TEST_F(ServerTest, DoesNotWaitForSlowClients) {
  options.limits.head_time = options.limits.body_time = options.limits.idle_time = absl::Milliseconds(200);
  options.limits.write_time = absl::Milliseconds(200);
  Start();
  Peer silent(port());
  EXPECT_TRUE(silent.Closed());
  Peer slow(port());
  slow.Send("GET / HTT");
  EXPECT_EQ(slow.Read().status, 408);
  Peer slow_body(port());
  slow_body.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(slow_body.Read().status, 408);
  Peer slow_chunk(port());
  slow_chunk.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5");
  EXPECT_EQ(slow_chunk.Read().status, 408);
  // A byte now and then does not make it longer.
  Peer drip(port());
  const auto dripping = [&] { return drip.Send("x"); };
  EXPECT_TRUE(Eventually([&] { return !dripping(); })) << "it is still read";
  Peer deaf(port());
  deaf.Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; })) << "who does not read keeps a connection";
}

TEST_F(ServerTest, RefusesConnectionsAndRequestsAboveItsLimits) {
  options.limits.connections = 2;
  options.limits.requests = 1;
  options.limits.head_time = absl::Minutes(1);
  Start();
  Peer first(port()), second(port());
  first.Send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::shared_ptr<Exchange> held = Held();
  ASSERT_NE(held, nullptr);
  second.Send(kGet);
  const Peer::Answer busy = second.Read();
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("retry-after"), "1");
  ASSERT_TRUE(Eventually([&] { return second.Closed() && server->connections() == 1; }));
  Peer third(port());
  ASSERT_TRUE(Eventually([&] { return server->connections() == 2; }));
  Peer fourth(port());
  const Peer::Answer full = fourth.Read();
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.header("connection"), "close");
  EXPECT_THAT(full.body, HasSubstr("too many connections"));
  held->Answer({.body = "at last"});
  EXPECT_EQ(first.Read().body, "at last");
  third.Send(kGet);
  EXPECT_EQ(third.Read().status, 200);
}

TEST_F(ServerTest, LimitsTheBytesOfAllBodies) {
  options.limits.bodies_bytes = 100'000;
  Start();
  const std::string head = "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n";
  Peer first(port());
  first.Send(head + std::string(90000, 'a'));
  const std::shared_ptr<Exchange> held = Held();
  ASSERT_NE(held, nullptr);
  EXPECT_THAT(Refusal(head + std::string(90000, 'a')), HasSubstr("503 "));
  held->Answer({});
  EXPECT_EQ(first.Read().status, 200);
  Peer again(port());
  again.Send(head + std::string(90000, 'a'));
  EXPECT_NE(Held(), nullptr);
}

TEST_F(ServerTest, TellsTheHandlerThatNobodyListens) {
  Start();
  auto peer = std::make_unique<Peer>(port());
  peer->Send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::shared_ptr<Exchange> held = Held();
  peer.reset();
  EXPECT_EQ(EndedHow(), Exchange::Ended::kClientGone);
  held->Answer({});  // without effect
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
  EXPECT_THAT(Metrics(), HasSubstr("code=\"499\""));
}

TEST_F(ServerTest, DrainsBeforeItStops) {
  Start();
  Peer idle(port()), busy(port());
  idle.Send(kGet);
  EXPECT_EQ(idle.Read().status, 200);
  busy.Send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::shared_ptr<Exchange> held = Held();
  std::thread stop([&] { EXPECT_TRUE(server->Stop(absl::Seconds(10))); });
  EXPECT_EQ(EndedHow(), Exchange::Ended::kDraining);
  EXPECT_TRUE(idle.Closed());
  held->Answer({.body = "done"});
  const Peer::Answer answer = busy.Read();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.header("connection"), "close");
  busy.Close();
  stop.join();
  EXPECT_FALSE(Peer(port()).connected());
}

TEST_F(ServerTest, CutsOffWhatDoesNotEndInTime) {
  Start();
  Peer busy(port());
  busy.Send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::shared_ptr<Exchange> held = Held();
  EXPECT_FALSE(server->Stop(absl::Milliseconds(50)));
  server.reset();
  EXPECT_TRUE(busy.Closed());
  held->Begin({});  // the exchange outlives the server
  held->End("");
}

TEST_F(ServerTest, ServesTlsAndTakesARenewedCertificate) {
  const TestDirectory directory;
  const auto files = edge::testing::WriteCertificate(directory.path(), "first");
  options.tls = server::TlsOptions{.certificate_file = files.certificate, .key_file = files.key};
  options.limits.handshake_time = absl::Milliseconds(500);
  Start();
  Peer silent(port());
  EXPECT_TRUE(silent.Closed()) << "no handshake";
  {
    Peer peer(port(), true);
    EXPECT_EQ(peer.certificate(), "first");
    peer.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'a'));
    EXPECT_EQ(peer.Read().body.size(), 100'006);
    peer.Send("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(peer.Read().body, "GET  ");
    EXPECT_TRUE(peer.Closed());
  }
  std::ofstream(files.certificate) << "half of a";
  std::filesystem::last_write_time(files.certificate,
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_TRUE(Peer(port(), true).connected()) << "the one before is used on";
  const auto renewed = edge::testing::WriteCertificate(directory.path(), "second");
  std::filesystem::rename(renewed.key, files.key);
  std::filesystem::rename(renewed.certificate, files.certificate);
  EXPECT_TRUE(Eventually([&] { return Peer(port(), true).certificate() == "second"; }));
}

TEST_F(ServerTest, AConnectionEndsWithTheAuthorityOfItsCertificate) {
  const TestDirectory directory;
  const auto ours = edge::testing::WriteCertificate(directory.path(), "server");
  const auto before = edge::testing::WriteCertificate(directory.path(), "before");
  const auto after = edge::testing::WriteCertificate(directory.path(), "after");
  const std::string authorities = directory.path() + "/authorities.pem";
  const auto trust = [&](const edge::testing::CertificateFiles& one) {
    std::filesystem::copy_file(one.certificate, authorities + ".new");
    std::filesystem::rename(authorities + ".new", authorities);
  };
  trust(before);
  options.tls =
      server::TlsOptions{.certificate_file = ours.certificate, .key_file = ours.key, .client_ca_file = authorities};
  Start();
  Peer nobody(port(), true);
  nobody.Send(kGet);
  EXPECT_EQ(nobody.Read().status, 0) << "without a certificate";
  Peer open(port(), before), streaming(port(), before);
  open.Send(kGet);
  EXPECT_EQ(open.Read().status, 200);
  streaming.Send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::shared_ptr<Exchange> held = Held();
  held->Begin({.body = "one"});
  EXPECT_EQ(streaming.ReadHead().status, 200);
  EXPECT_EQ(streaming.ReadChunk(), "one");
  trust(after);
  // No new connection comes: those that are open are looked at all the same.
  EXPECT_EQ(EndedHow(), Exchange::Ended::kClientGone);
  EXPECT_TRUE(streaming.Closed());
  open.Send(kGet);
  const Peer::Answer refused = open.Read();
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, HasSubstr("connect again with one that the server's client CA signed"));
  EXPECT_TRUE(open.Closed());
  Peer renewed(port(), after);
  renewed.Send(kGet);
  EXPECT_EQ(renewed.Read().status, 200);
  held->End("");
}

TEST_F(ServerTest, EveryConnectionShowsItsCertificate) {
  const TestDirectory directory;
  const auto ours = edge::testing::WriteCertificate(directory.path(), "server");
  const auto theirs = edge::testing::WriteCertificate(directory.path(), "client");
  options.tls = server::TlsOptions{
      .certificate_file = ours.certificate, .key_file = ours.key, .client_ca_file = theirs.certificate};
  Start();
  const std::string session = directory.path() + "/session";
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto answer = [&](const std::string& with_session) {
      return throughline::testing::Run(
                 {"/bin/sh", "-c",
                  absl::StrCat("printf 'GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | "
                               "openssl s_client -quiet ",
                               version, " -connect 127.0.0.1:", port(), " -cert ", theirs.certificate, " -key ",
                               theirs.key, " ", with_session)})
          .out;
    };
    EXPECT_THAT(answer("-sess_out " + session), HasSubstr("HTTP/1.1 200")) << version;
    if (!std::filesystem::exists(session)) continue;  // there is nothing to go on with
    EXPECT_THAT(answer("-sess_in " + session), HasSubstr("HTTP/1.1 200")) << version << ", with the session before";
  }
}

}  // namespace
}  // namespace throughline::edge::http
