// The public notices over HTTP, before a service that counts how often it is asked.

#include "services/edge/notices/notices.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/server/operations/metrics.h"
#include "services/edge/http/server.h"
#include "services/edge/notices/testing.h"
#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::edge::notices {
namespace {

using edge::testing::Peer;
using ::testing::AllOf;
using testing::Everything;
using ::testing::HasSubstr;
using testing::KnownOf;
using ::testing::Not;

// Answers every call with what it is told.
class Backend {
 public:
  // One for each server.
  std::unique_ptr<grpc::CallbackGenericService> NewService() {
    struct Service final : grpc::CallbackGenericService {
      explicit Service(Backend& b) : backend(b) {}
      grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
        return backend.CreateReactor(context);
      }
      Backend& backend;
    };
    return std::make_unique<Service>(*this);
  }
  void Tell(const outage::v1::GetStatusPageResponse& page) {
    absl::MutexLock lock(&mutex_);
    page_ = page;
  }
  void Hold(bool hold) { hold_ = hold; }
  int asked() const { return asked_; }
  int most_at_once() const { return most_at_once_; }
  std::string credential() const {
    absl::MutexLock lock(&mutex_);
    return credential_;
  }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) {
    struct Call final : grpc::ServerGenericBidiReactor {
      explicit Call(Backend& b) : backend(b) { StartRead(&request); }
      void OnReadDone(bool) override {
        if (backend.hold_) return;
        backend.Answer(request, response);
        StartWriteAndFinish(&response, {}, grpc::Status::OK);
      }
      void OnCancel() override {
        if (backend.hold_) Finish(grpc::Status::CANCELLED);
      }
      void OnDone() override {
        --backend.at_once_;
        delete this;
      }
      Backend& backend;
      grpc::ByteBuffer request, response;
    };
    ++asked_;
    most_at_once_ = std::max(most_at_once_.load(), ++at_once_);
    const auto& metadata = context->client_metadata();
    if (const auto found = metadata.find("authorization"); found != metadata.end()) {
      absl::MutexLock lock(&mutex_);
      credential_.assign(found->second.data(), found->second.size());
    }
    return new Call(*this);
  }

 private:
  void Answer(const grpc::ByteBuffer& request, grpc::ByteBuffer& response) {
    grpc::Slice bytes;
    grpc::ByteBuffer copy(request);
    EXPECT_TRUE(copy.DumpToSingleSlice(&bytes).ok());
    outage::v1::GetStatusPageRequest asked;
    EXPECT_TRUE(asked.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size())));
    absl::MutexLock lock(&mutex_);
    outage::v1::GetStatusPageResponse answer = page_;
    if (asked.known_digest() == page_.digest()) {
      answer.Clear();
      answer.set_digest(page_.digest());
    }
    const grpc::Slice slice(answer.SerializeAsString());
    response = grpc::ByteBuffer(&slice, 1);
  }

  mutable absl::Mutex mutex_;
  outage::v1::GetStatusPageResponse page_;
  std::string credential_;
  std::atomic<bool> hold_{false};
  std::atomic<int> asked_{0}, at_once_{0}, most_at_once_{0};
};

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest() {
    options.token_file = directory_.path() + "/token";
    options.poll = absl::Milliseconds(20);
    options.site.title = "Acme";
    options.site.url = "https://status.example";
    std::ofstream(options.token_file) << "tl_public_secret\n";
    backend.Tell(KnownOf(Everything()).page);
    StartBackend();
  }
  ~NoticesTest() override {
    server.reset();
    notices_.reset();
    backend_server_->Shutdown(std::chrono::system_clock::now());
  }
  void StartBackend() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", backend_port_), grpc::InsecureServerCredentials(),
                             &backend_port_);
    services_.push_back(backend.NewService());
    builder.RegisterCallbackGenericService(services_.back().get());
    backend_server_ = builder.BuildAndStart();
    ASSERT_NE(backend_server_, nullptr);
  }
  void StopBackend() { backend_server_->Shutdown(std::chrono::system_clock::now()); }
  void Start() {
    forwarder_ =
        std::make_unique<client::Forwarder>(client::Options{.address = absl::StrCat("127.0.0.1:", backend_port_)});
    notices_ = std::make_unique<Notices>(*forwarder_, options, *registry_);
    auto started = http::Server::Start({}, registry_, [this](const std::shared_ptr<http::Exchange>& exchange) {
      if (!notices_->Handle(exchange)) exchange->Answer({.status = 418});
    });
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
  }
  void StartAndRead() {
    Start();
    ASSERT_TRUE(Eventually([&] { return Ask("/notices").status == 200; }));
  }
  Peer::Answer Ask(const std::string& path, const std::string& headers = "", const std::string& method = "GET") const {
    Peer peer(server->port());
    peer.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
    return peer.Read(method == "HEAD");
  }
  std::unique_ptr<Peer> Listen(const std::string& path, const std::string& headers = "") const {
    auto peer = std::make_unique<Peer>(server->port());
    peer->Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
    const Peer::Answer head = peer->ReadHead();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-type"), "text/event-stream");
    EXPECT_EQ(peer->ReadChunk(), "retry: 3000\n\n");
    return peer;
  }
  std::string State() const {
    const std::string page = Ask("/notices").body, before = "data-state=\"";
    const size_t at = page.find(before) + before.size();
    return page.substr(at, page.find('"', at) - at);
  }

  Options options;
  Backend backend;
  std::unique_ptr<http::Server> server;
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();

 private:
  const TestDirectory directory_;
  int backend_port_ = 0;
  std::vector<std::unique_ptr<grpc::CallbackGenericService>> services_;
  std::unique_ptr<grpc::Server> backend_server_;
  std::unique_ptr<client::Forwarder> forwarder_;
  std::unique_ptr<Notices> notices_;
};

TEST_F(NoticesTest, ServeEveryAddress) {
  StartAndRead();
  EXPECT_EQ(backend.credential(), "Bearer tl_public_secret");
  const Peer::Answer page = Ask("/notices");
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("cache-control"), "public, max-age=2");
  EXPECT_THAT(page.header("content-security-policy"),
              AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'")));
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.header("set-cookie"), "");
  EXPECT_EQ(page.header("age"), "");
  EXPECT_THAT(Ask("/widget").header("content-security-policy"), HasSubstr("frame-ancestors *"));
  EXPECT_EQ(Ask("/").header("location"), "/notices");
  const Peer::Answer json = Ask("/api/v2/summary.json");
  EXPECT_EQ(json.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(json.header("access-control-allow-origin"), "*");
  EXPECT_THAT(Ask("/history.atom?component=search").header("content-type"), HasSubstr("atom"));
  EXPECT_EQ(Ask("/badge.svg").header("content-type"), "image/svg+xml");
  EXPECT_EQ(Ask("/notices/01N1").status, 200);
  const Peer::Answer missing = Ask("/notices/none");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("<html"));
  EXPECT_EQ(Ask("/noticesx").status, 418);
  EXPECT_EQ(Ask("/notices", "Content-Length: 0\r\n", "POST").status, 405);
}

TEST_F(NoticesTest, AreNotSentAgainToThoseWhoHaveThem) {
  StartAndRead();
  for (const char* path : {"/notices", "/api/v2/status.json", "/history.rss", "/badge.svg", "/widget"}) {
    const Peer::Answer whole = Ask(path);
    const Peer::Answer same = Ask(path, absl::StrCat("If-None-Match: ", whole.header("etag"), "\r\n"));
    EXPECT_EQ(same.status, 304) << path;
    EXPECT_EQ(same.body, "");
    const Peer::Answer head = Ask(path, "", "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), absl::StrCat(whole.body.size()));
  }
}

// However many look, the services are asked once in a while, one call at a time.
TEST_F(NoticesTest, ACrowdCostsTheServicesNothing) {
  options.poll = absl::Seconds(1);
  StartAndRead();
  const int before = backend.asked();
  const absl::Time began = absl::Now();
  std::atomic<int> pages{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&] {
      Peer peer(server->port());
      while (absl::Now() - began < absl::Milliseconds(2500)) {
        peer.Send("GET /notices HTTP/1.1\r\nHost: a\r\n\r\n");
        if (peer.Read().status == 200) ++pages;
      }
    });
  }
  for (std::thread& one : crowd) one.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
  EXPECT_GT(pages, 1000);
  EXPECT_LE(backend.asked() - before, static_cast<int>(seconds) + 1) << pages << " pages";
  EXPECT_EQ(backend.most_at_once(), 1);
}

TEST_F(NoticesTest, TellPagesOfChangesAtOnce) {
  StartAndRead();
  const std::string state = State();
  const auto live = Listen("/notices/events?state=" + state);
  auto changed = KnownOf(Everything("other words")).page;
  changed.set_digest("d2");
  backend.Tell(changed);
  const std::string event = live->ReadChunk();
  EXPECT_THAT(event, AllOf(HasSubstr("event: change\n"), Not(HasSubstr(state))));
  EXPECT_EQ(event, absl::StrCat("id: ", State(), "\nevent: change\ndata: ", State(), "\n\n"));
  EXPECT_THAT(Ask("/notices").body, HasSubstr("other words"));
  // One that comes back, or that was loaded before, is told what it missed; one that knows it is not.
  EXPECT_EQ(Listen("/notices/events?state=" + State(), absl::StrCat("Last-Event-ID: ", state, "\r\n"))->ReadChunk(),
            event);
  EXPECT_EQ(Listen("/notices/events?state=" + state)->ReadChunk(), event);
  const auto knows = Listen("/notices/events?state=" + State());
  changed.set_digest("d3");
  backend.Tell(changed);
  EXPECT_NE(knows->ReadChunk(), event);
}

TEST_F(NoticesTest, TellOnlySoManyPages) {
  options.live = 1;
  StartAndRead();
  auto first = Listen("/notices/events");
  const Peer::Answer second = Ask("/notices/events");
  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(second.header("retry-after"), "60");
  first.reset();
  EXPECT_TRUE(Eventually([&] {
    Peer peer(server->port());
    peer.Send("GET /notices/events HTTP/1.1\r\nHost: a\r\n\r\n");
    return peer.ReadHead().status == 200;
  }));
}

TEST_F(NoticesTest, EndTheirStreamsWhenTheServerStops) {
  StartAndRead();
  const auto live = Listen("/notices/events?state=" + State());
  EXPECT_TRUE(server->Stop(absl::Seconds(5)));
  EXPECT_EQ(live->ReadChunk(), "");
  EXPECT_TRUE(live->Closed());
}

TEST_F(NoticesTest, AreShownWithTheirAgeWhileNobodyAnswers) {
  options.fresh = absl::Milliseconds(300);
  StartAndRead();
  const std::string state = State();
  const auto live = Listen("/notices/events?state=" + state);
  StopBackend();
  ASSERT_TRUE(Eventually([&] { return Ask("/notices").body.find("As of") != std::string::npos; }));
  const Peer::Answer page = Ask("/notices");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.header("age"), "");
  EXPECT_THAT(page.body, HasSubstr("cannot reach the system behind it"));
  EXPECT_THAT(live->ReadChunk(), HasSubstr("event: change"));
  StartBackend();
  ASSERT_TRUE(Eventually([&] { return State() == state; }));
  EXPECT_THAT(live->ReadChunk(), HasSubstr(state));
}

TEST_F(NoticesTest, SayThatTheyAreNotKnownYet) {
  StopBackend();
  Start();
  const Peer::Answer page = Ask("/notices");
  EXPECT_EQ(page.status, 503);
  EXPECT_EQ(page.header("retry-after"), "5");
  EXPECT_THAT(page.body, HasSubstr("We cannot show our notices right now"));
  const Peer::Answer json = Ask("/api/v2/summary.json");
  EXPECT_EQ(json.status, 503);
  EXPECT_EQ(json.header("retry-after"), "5");
  EXPECT_THAT(json.body, HasSubstr("\"unavailable\""));
  StartBackend();
  EXPECT_TRUE(Eventually([&] { return Ask("/notices").status == 200; }));
}

TEST_F(NoticesTest, ReadTheirCredentialAgain) {
  StartAndRead();
  std::ofstream(options.token_file) << "tl_public_renewed";
  EXPECT_TRUE(Eventually([&] { return backend.credential() == "Bearer tl_public_renewed"; }));
  std::ofstream(options.token_file) << "one\r\ntwo";
  const int asked = backend.asked();
  EXPECT_EQ(Ask("/notices").status, 200);
  std::ofstream(options.token_file) << "tl_public_again";
  EXPECT_TRUE(Eventually([&] { return backend.credential() == "Bearer tl_public_again"; })) << asked;
}

TEST_F(NoticesTest, StopWhileAnAnswerIsAwaited) {
  StartAndRead();
  backend.Hold(true);
  const int asked = backend.asked();
  ASSERT_TRUE(Eventually([&] { return backend.asked() > asked; }));
  EXPECT_EQ(Ask("/notices").status, 200) << "nobody waits for the services";
  backend.Hold(true);
}

}  // namespace
}  // namespace throughline::edge::notices
