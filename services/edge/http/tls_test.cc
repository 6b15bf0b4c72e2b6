// The server with TLS: its certificate, and those of its clients.

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/edge/http/testing.h"
#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/test_directory.h"

namespace throughline::edge::http {
namespace {

using edge::testing::Peer;
using ::testing::HasSubstr;

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
