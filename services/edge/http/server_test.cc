#include "services/edge/http/server.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/edge/http/testing.h"
#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"

namespace throughline::edge::http {
namespace {

using edge::testing::Peer;
using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace throughline::edge::http
