// Every secret of the edge is exchanged while a carrier pushes, programs call and people read the public page, all over
// TLS with certificates of their own: nothing is refused, and what was replaced counts no more.

#include <atomic>
#include <filesystem>
#include <iostream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/crypto/hmac.h"
#include "libs/files/whole_file.h"
#include "libs/runtime/domain/time.h"
#include "services/edge/testing/suite_and_edge.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/commands.pb.h"

namespace throughline::edge {
namespace {

using testing::CertificateFiles;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Peer;

constexpr absl::Duration kPatience = absl::Seconds(60);

class EdgeSecretsTest : public testing::SuiteAndEdge {
 protected:
  ~EdgeSecretsTest() override { EndLoad(); }

  void SetUp() override {
    StartSuite();
    if (HasFatalFailure()) return;
    server_ = testing::WriteCertificate(data_.path(), "server");
    client_ = testing::WriteCertificate(data_.path(), "client");
    Replace("authorities.pem", *files::ReadFile(client_.certificate));
    Replace("public.token", Token("dashboard"));
    Replace("easypost", carrier_secret_);
    Replace("webhooks.toml", Endpoint("'easypost'"));
    Edge::Options options = EdgeOptions(Path("webhooks.toml"));
    options.notices.token_file = Path("public.token");
    options.notices.poll = absl::Milliseconds(100);
    options.http.limits.idle_time = absl::Minutes(10);
    options.http.tls = server::TlsOptions{
        .certificate_file = server_.certificate, .key_file = server_.key, .client_ca_file = Path("authorities.pem")};
    StartEdge(std::move(options));
    if (HasFatalFailure()) return;
    caller_token_ = Token("ana");
    Publish();
    if (HasFatalFailure()) return;
    threads_.emplace_back([this] { Repeat(pushes_, [&](std::unique_ptr<Peer>& peer) { Push(peer); }); });
    threads_.emplace_back([this] { Repeat(calls_, [&](std::unique_ptr<Peer>& peer) { Call(peer); }); });
    threads_.emplace_back([this] { Repeat(reads_, [&](std::unique_ptr<Peer>& peer) { UpdateAndRead(peer); }); });
    GoOn();
  }
  void TearDown() override {
    EndLoad();
    EXPECT_THAT(failures_, IsEmpty());
    EXPECT_THAT(Metrics(),
                HasSubstr(absl::StrCat("throughline_webhooks_total{carrier=\"easypost\",outcome=\"durable\"} ",
                                       pushes_ + tries_)));
    std::cout << pushes_ << " pushes, " << calls_ << " calls and " << reads_ << " updates read by the public\n";
  }

  std::string Path(const std::string& name) const { return data_.path() + "/" + name; }
  void Replace(const std::string& name, const std::string& content) const {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  std::string Token(const std::string& name) const {
    std::string token = *files::ReadFile(TokenFile(name));
    absl::StripAsciiWhitespace(&token);
    return token;
  }
  static std::string Endpoint(const std::string& secrets) {
    return absl::StrCat("[[endpoint]]\ncarrier='easypost'\nid='e1'\nformat='easypost-webhook'\nscheme='easypost'\n",
                        "secrets=[", secrets, "]\n");
  }

  // One of those that ask all the time, each over a connection that it opens anew every few rounds, and when its own
  // certificate is exchanged.
  template <typename Round>
  void Repeat(std::atomic<int64_t>& rounds, Round round) {
    CertificateFiles shown;
    std::unique_ptr<Peer> peer;
    while (!stop_) {
      const CertificateFiles now = Client();
      if (peer == nullptr || rounds % 5 == 0 || now.certificate != shown.certificate) {
        shown = now;
        peer = std::make_unique<Peer>(edge_->port(), shown);
      }
      round(peer);
      ++rounds;
    }
  }
  CertificateFiles Client() {
    absl::MutexLock lock(&mutex_);
    return client_;
  }
  void Expect(const std::string& what, Peer& peer, const std::string& request, std::string* body = nullptr) {
    peer.Send(request);
    const Peer::Answer answer = peer.Read();
    if (body != nullptr) *body = answer.body;
    if (answer.status == 200) return;
    absl::MutexLock lock(&mutex_);
    failures_.push_back(absl::StrCat(what, ": ", answer.status, " ", answer.body));
  }

  static std::string PushOf(const std::string& body, const std::string& secret) {
    return absl::StrCat("POST /webhooks/easypost/e1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                        "X-Hmac-Signature: hmac-sha256-hex=", absl::BytesToHexString(crypto::HmacSha256(secret, body)),
                        "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  }
  void Push(std::unique_ptr<Peer>& peer) {
    std::string secret;
    {
      absl::MutexLock lock(&mutex_);
      secret = carrier_secret_;
    }
    const std::string body = absl::StrReplaceAll(sample_, {{"evt_1a2b3c4d5e6f", absl::StrCat("evt_", pushes_.load())}});
    Expect("a push", *peer, PushOf(body, secret));
  }
  std::string CallOf(const std::string& token) const {
    return absl::StrCat("POST /throughline.intake.v1.IntakeService/ListCases HTTP/1.1\r\nHost: a\r\n",
                        "Content-Type: application/json\r\nAuthorization: Bearer ", token,
                        "\r\nContent-Length: 2\r\n\r\n{}");
  }
  void Call(std::unique_ptr<Peer>& peer) { Expect("a call", *peer, CallOf(caller_token_)); }

  void Publish() {
    sam_.reset(new client::Client(As("sam")));
    outage::v1::DefineComponentRequest define;
    define.set_component_id("checkout");
    define.set_name("Paying");
    ASSERT_EQ(sam_->Call<outage::v1::DefineComponentResponse>(define).status(), absl::OkStatus());
    outage::v1::PublishNoticeRequest publish;
    publish.set_kind(outage::v1::NOTICE_KIND_OUTAGE);
    publish.add_component_ids("checkout");
    publish.set_title("Paying fails");
    publish.set_description("The page stays white.");
    publish.set_expected_end_unknown(true);
    *publish.mutable_next_update_due() = runtime::ToProto(absl::Now() + absl::Hours(1));
    const auto published = sam_->Call<outage::v1::PublishNoticeResponse>(publish);
    ASSERT_TRUE(published.ok()) << published.status();
    notice_id_ = published->notice_id();
  }
  // Something new is told, and is on the page soon: so the page is not an old one that is shown on.
  void UpdateAndRead(std::unique_ptr<Peer>& peer) {
    const std::string text = absl::StrCat("Step ", reads_.load(), " is done.");
    outage::v1::UpdateNoticeRequest update;
    update.set_notice_id(notice_id_);
    update.set_text(text);
    update.set_expected_end_unknown(true);
    *update.mutable_next_update_due() = runtime::ToProto(absl::Now() + absl::Hours(1));
    EXPECT_EQ(sam_->Call<outage::v1::UpdateNoticeResponse>(update).status(), absl::OkStatus());
    EXPECT_TRUE(Eventually(
        [&] {
          std::string page;
          Expect("the page", *peer, "GET /notices HTTP/1.1\r\nHost: a\r\n\r\n", &page);
          return stop_ || absl::StrContains(page, text);
        },
        kPatience))
        << text;
  }

  // Until everybody has asked some times more.
  void GoOn() {
    const int64_t pushes = pushes_ + 10, calls = calls_ + 10, reads = reads_ + 3;
    EXPECT_TRUE(Eventually([&] { return pushes_ >= pushes && calls_ >= calls && reads_ >= reads; }, kPatience));
  }
  void EndLoad() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Another token for who `file` lets the edge be; the one before ends soon after.
  void RotateToken(const std::string& name, const std::string& file) {
    const std::string before = Token(name);
    const auto token = identity::RotateToken(identity::TokensPath(data_.path() + "/suite"), name, absl::Now(),
                                             /*overlap=*/absl::Seconds(10));
    ASSERT_TRUE(token.ok()) << token.status();
    ASSERT_TRUE(Eventually([&] { return Counts(*token); }, kPatience));
    ASSERT_FALSE(files::ReplaceFile(file, *token, 0600));
    ASSERT_TRUE(Eventually([&] { return !Counts(before); }, kPatience));
  }
  bool Counts(const std::string& token) const {
    const auto listed = client::Client({.address = suite_->endpoint(), .token = token})
                            .Call<intake::v1::ListCasesResponse>(intake::v1::ListCasesRequest());
    return !absl::IsUnauthenticated(listed.status());
  }
  int StatusOf(const std::string& request, const CertificateFiles& shown) const {
    Peer peer(edge_->port(), shown);
    peer.Send(request);
    return peer.Read().status;
  }

  const std::string sample_ =
      *files::ReadFile("services/supplier-tracking/carriers/testdata/easypost-webhook/delivered.json");
  absl::Mutex mutex_;
  CertificateFiles server_, client_;  // client_: under mutex_
  std::string carrier_secret_ = "the-first-secret";
  std::vector<std::string> failures_;
  std::string caller_token_, notice_id_;
  std::unique_ptr<client::Client> sam_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> pushes_{0}, calls_{0}, reads_{0};
  int64_t tries_ = 0;  // pushes besides the load's that were taken
  std::vector<std::thread> threads_;
};

TEST_F(EdgeSecretsTest, ItsOwnToken) {
  RotateToken("edge", TokenFile("edge"));
  GoOn();
}

TEST_F(EdgeSecretsTest, TheTokenOfThePublicPages) {
  RotateToken("dashboard", Path("public.token"));
  GoOn();
}

TEST_F(EdgeSecretsTest, ItsCertificate) {
  const CertificateFiles renewed = testing::WriteCertificate(data_.path(), "renewed");
  std::filesystem::rename(renewed.key, server_.key);
  std::filesystem::rename(renewed.certificate, server_.certificate);
  EXPECT_TRUE(Eventually([&] { return Peer(edge_->port(), Client()).certificate() == "renewed"; }, kPatience));
  GoOn();
}

TEST_F(EdgeSecretsTest, WhoseCertificatesItTakes) {
  const CertificateFiles before = Client();
  const CertificateFiles after = testing::WriteCertificate(data_.path(), "after");
  const std::string renewed = *files::ReadFile(after.certificate);
  Replace("authorities.pem", *files::ReadFile(before.certificate) + renewed);
  EXPECT_TRUE(Eventually([&] { return StatusOf(CallOf(caller_token_), after) == 200; }, kPatience));
  Peer open(edge_->port(), before);
  open.Send(CallOf(caller_token_));
  EXPECT_EQ(open.Read().status, 200);
  {
    absl::MutexLock lock(&mutex_);
    client_ = after;
  }
  GoOn();
  Replace("authorities.pem", renewed);
  EXPECT_TRUE(Eventually([&] { return StatusOf(CallOf(caller_token_), before) == 0; }, kPatience)) << "no handshake";
  const auto asked = [&] {
    open.Send(CallOf(caller_token_));
    return open.Read().status;
  };
  EXPECT_TRUE(Eventually([&] { return asked() == 401; }, kPatience)) << "nor what was open";
  GoOn();
}

TEST_F(EdgeSecretsTest, ACarriersSecret) {
  const std::string before = carrier_secret_, after = "the-second-secret";
  const auto with = [&](const std::string& secret) {
    const int status = StatusOf(PushOf(sample_, secret), Client());
    if (status == 200) ++tries_;
    return status;
  };
  EXPECT_EQ(with(after), 401);
  Replace("easypost.new", after);
  Replace("webhooks.toml", Endpoint("'easypost.new', 'easypost'"));
  EXPECT_TRUE(Eventually([&] { return with(after) == 200; }, kPatience));
  {
    absl::MutexLock lock(&mutex_);
    carrier_secret_ = after;
  }
  GoOn();
  Replace("webhooks.toml", Endpoint("'easypost.new'"));
  EXPECT_TRUE(Eventually([&] { return with(before) == 401; }, kPatience));
  GoOn();
}

}  // namespace
}  // namespace throughline::edge
