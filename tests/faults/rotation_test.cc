// Every secret and certificate of a running suite is exchanged while clients give commands with each kind of
// credential: no command fails, and what was there before is refused afterwards.

#include <algorithm>
#include <atomic>
#include <iostream>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/jwt_issuer.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kCommandsPerClient = 20;
constexpr int kCommandsBetween = 60;  // of every caller, between two steps

// Opens cases as fast as it may, with new clients time and again; or, as a program that runs long does, with one.
class Caller {
 public:
  Caller(std::string name, client::Options options, int commands_per_client = kCommandsPerClient)
      : name_(std::move(name)),
        commands_per_client_(commands_per_client),
        options_(std::move(options)),
        thread_([this] { Run(); }) {}
  ~Caller() {
    stop_ = true;
    thread_.join();
  }

  // What it uses from its next connection on; returns once it does.
  void Use(const client::Options& options) {
    int next = 0;
    {
      absl::MutexLock lock(&mu_);
      options_ = options;
      next = ++changes_;
    }
    EXPECT_TRUE(Eventually([&] { return used_.load() >= next; })) << name_;
  }
  // The channel of its last command.
  const grpc::Channel* channel() const { return channel_.load(); }
  client::Options options() const {
    absl::MutexLock lock(&mu_);
    return options_;
  }
  void AwaitMore(int commands) const {
    const int64_t enough = done_.load() + commands;
    EXPECT_TRUE(Eventually([&] { return done_.load() >= enough; }, absl::Seconds(120))) << name_;
  }
  std::vector<std::string> failures() const {
    absl::MutexLock lock(&mu_);
    return failures_;
  }
  int64_t done() const { return done_.load(); }

 private:
  void Run() {
    while (!stop_) {
      int change = 0;
      client::Options options;
      {
        absl::MutexLock lock(&mu_);
        options = options_;
        change = changes_;
      }
      const client::Client client(options);
      for (int i = 0; i < commands_per_client_ && !stop_; ++i) {
        intake::v1::OpenCaseRequest request;
        request.set_customer_id(absl::StrCat(name_, "-", done_.load()));
        request.set_subject("s");
        request.set_text("t");
        request.set_channel(intake::v1::CHANNEL_WEB);
        const absl::Status status = client.Call<intake::v1::OpenCaseResponse>(request).status();
        if (!status.ok()) {
          absl::MutexLock lock(&mu_);
          failures_.push_back(absl::StrCat(name_, ": ", status.ToString()));
        }
        channel_ = client.channel().get();
        ++done_;
      }
      used_ = change;
    }
  }

  const std::string name_;
  const int commands_per_client_;
  mutable absl::Mutex mu_;
  client::Options options_ ABSL_GUARDED_BY(mu_);
  int changes_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mu_);
  std::atomic<int> used_{-1};
  std::atomic<const grpc::Channel*> channel_{nullptr};
  std::atomic<int64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses the others
};

class Rotation : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Read(const std::string& name) const { return files::ReadFile(Path(name)).value_or(""); }
  // As an operator does it: a file beside it, then mv.
  void Put(const std::string& name, const std::string& content) const {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  std::string Jwt(const JwtIssuer& issuer) const {
    return issuer.Sign({{"iss", "https://issuer.test"},
                        {"aud", "throughline"},
                        {"sub", "jay"},
                        {"roles", {"rep"}},
                        {"exp", absl::ToUnixSeconds(absl::Now()) + 3600}});
  }
  // Puts files in place that `caller` reads by itself, and awaits a connection with them.
  void Renew(const Caller& caller, const std::vector<std::pair<std::string, std::string>>& files) const {
    const grpc::Channel* before = caller.channel();
    for (const auto& [name, content] : files) Put(name, content);
    Await("a connection with the new files", [&] { return caller.channel() != before; });
  }
  static std::string Identities(const std::vector<std::string>& uris) {
    std::string toml;
    for (const std::string& uri : uris)
      absl::StrAppend(&toml, "[\"", uri, "\"]\nname = \"shop\"\nroles = [\"service\"]\n");
    return toml;
  }
  client::Options With(const std::string& certificate, const std::string& token) const {
    client::Options options;
    options.address = suite_.address();
    options.token = token;
    options.ca_pem = Read("first.pem") + Read("second.pem");
    options.certificate_pem = Read(certificate + ".pem");
    options.key_pem = Read(certificate + ".key");
    options.timeout = absl::Seconds(20);
    return options;
  }
  static absl::Status Ask(const client::Options& options) {
    client::Options once = options;
    once.timeout = absl::Seconds(3);
    once.tries = 1;
    ownership::v1::ListWorklistRequest request;
    request.set_scope(ownership::v1::WORKLIST_SCOPE_UNASSIGNED);
    return client::Client(once).Call<ownership::v1::ListWorklistResponse>(request).status();
  }
  static std::string ReasonOf(const client::Options& options) {
    const absl::Status status = Ask(options);
    return status.ok() ? "OK" : runtime::ReasonOf(status).value_or(status.ToString());
  }
  std::string Metrics(const std::string& ca, const std::string& token) const {
    const Finished ended = testing::Run({"/bin/sh", "-c",
                                         absl::StrCat("curl -s -m 5 -o /dev/null -w '%{http_code}' --cacert ",
                                                      Path(ca + ".pem"), " -H 'Authorization: Bearer ", token,
                                                      "' https://", suite_.metrics_address(), "/intake/metrics")});
    return ended.out;
  }
  static void Await(const std::string& what, const std::function<bool()>& holds) {
    EXPECT_TRUE(Eventually(holds, absl::Seconds(30))) << what;
  }

  const TestDirectory directory_;
  SuiteProcess suite_{Path("data")};
};

TEST_F(Rotation, OfEverySecretUnderLoad) {
  const std::string& in = directory_.path();
  const CertificateAuthority first(in, "first"), second(in, "second");
  first.Sign("server-old", "/CN=server", "IP:127.0.0.1");
  second.Sign("server-new", "/CN=server", "IP:127.0.0.1");
  const CertificateAuthority clients(in, "clients"), clients_next(in, "clients-next");
  for (const char* who : {"ana", "jay"}) {
    clients.Sign(absl::StrCat(who, "-old"), absl::StrCat("/CN=", who), "");
    clients_next.Sign(absl::StrCat(who, "-new"), absl::StrCat("/CN=", who), "");
  }
  clients.Sign("shop-old", "/CN=shop", "URI:spiffe://test/shop");
  clients_next.Sign("shop-new", "/CN=shop", "URI:spiffe://test/shop");
  clients_next.Sign("shop-next", "/CN=shop", "URI:spiffe://test/shop/next");
  clients.Sign("edge-old", "/CN=edge", "URI:spiffe://test/edge");
  clients_next.Sign("edge-new", "/CN=edge", "URI:spiffe://test/edge");
  const JwtIssuer key = JwtIssuer::Ec("one"), next_key = JwtIssuer::Rsa("two");
  Put("server.pem", Read("server-old.pem"));
  Put("server.key", Read("server-old.key"));
  Put("authorities.pem", Read("clients.pem"));
  Put("identities.toml", Identities({"spiffe://test/shop", "spiffe://test/edge"}));
  Put("edge.pem", Read("edge-old.pem"));
  Put("edge.key", Read("edge-old.key"));
  Put("edge-trusts.pem", Read("first.pem"));
  Put("keys.json", KeySetOf({key}));
  Put("metrics-tokens", "metrics-token-of-before\n");
  ASSERT_EQ(suite_.Start({"--tls-cert", Path("server.pem"), "--tls-key", Path("server.key"), "--tls-client-ca",
                          Path("authorities.pem"), "--tls-identities", Path("identities.toml"), "--jwt-keys",
                          Path("keys.json"), "--jwt-issuer", "https://issuer.test", "--jwt-audience", "throughline",
                          "--metrics-tls", "--metrics-tokens", Path("metrics-tokens")}),
            absl::OkStatus());
  const std::string old_token = suite_.token("ana"), old_jwt = Jwt(key);
  // A person of another issuer is known by their first call, a moment later.
  ASSERT_EQ(Ask(With("jay-old", old_jwt)), absl::OkStatus());
  ownership::v1::GetPersonRequest jay;
  jay.set_person("jay");
  Await("jay is known",
        [&] { return client::Client(With("jay-old", old_jwt)).Call<ownership::v1::GetPersonResponse>(jay).ok(); });

  Caller ana("ana", With("ana-old", old_token)), person("jay", With("jay-old", old_jwt)),
      shop("shop", With("shop-old", ""));
  client::Options by_files;
  by_files.address = suite_.address();
  by_files.ca_file = Path("edge-trusts.pem");
  by_files.certificate_file = Path("edge.pem");
  by_files.key_file = Path("edge.key");
  by_files.timeout = absl::Seconds(20);
  const Caller edge("edge", by_files, std::numeric_limits<int>::max());
  const std::vector<const Caller*> callers = {&ana, &person, &shop, &edge};
  const auto go_on = [&] {
    for (const Caller* caller : callers) caller->AwaitMore(kCommandsBetween);
  };
  go_on();

  std::cout << "the server's certificate and key\n";
  EXPECT_EQ(Metrics("first", "metrics-token-of-before"), "200");
  Renew(edge, {{"edge-trusts.pem", Read("first.pem") + Read("second.pem")}});
  Put("server.key", Read("server-new.key"));
  Put("server.pem", Read("server-new.pem"));
  client::Options trusts_old = With("ana-old", old_token), trusts_new = trusts_old;
  trusts_old.ca_pem = Read("first.pem");
  trusts_new.ca_pem = Read("second.pem");
  Await("the new certificate is served", [&] { return Ask(trusts_new).ok(); });
  EXPECT_FALSE(Ask(trusts_old).ok());
  Await("the new certificate is served with the metrics",
        [&] { return Metrics("second", "metrics-token-of-before") == "200"; });
  EXPECT_EQ(Metrics("first", "metrics-token-of-before"), "000");
  Renew(edge, {{"edge-trusts.pem", Read("second.pem")}});
  go_on();

  std::cout << "the clients' authority, and their certificates\n";
  Put("authorities.pem", Read("clients.pem") + Read("clients-next.pem"));
  Await("both authorities count", [&] { return Ask(With("ana-new", old_token)).ok(); });
  client::Client on_an_old_connection(With("ana-old", old_token));
  ownership::v1::ListWorklistRequest worklist;
  ASSERT_TRUE(on_an_old_connection.Call<ownership::v1::ListWorklistResponse>(worklist).ok());
  ana.Use(With("ana-new", old_token));
  person.Use(With("jay-new", old_jwt));
  shop.Use(With("shop-new", ""));
  Renew(edge, {{"edge.key", Read("edge-new.key")}, {"edge.pem", Read("edge-new.pem")}});
  Put("authorities.pem", Read("clients-next.pem"));
  Await("the old authority does not count", [&] { return !Ask(With("ana-old", old_token)).ok(); });
  // The handshake and the calls look at the file on their own.
  Await("nor on a connection from before", [&] {
    return runtime::ReasonOf(on_an_old_connection.Call<ownership::v1::ListWorklistResponse>(worklist).status()) ==
           "CERTIFICATE_NOT_TRUSTED";
  });
  go_on();

  std::cout << "whom a certificate stands for\n";
  EXPECT_EQ(ReasonOf(With("shop-next", "")), "CERTIFICATE_UNKNOWN");
  Put("identities.toml", Identities({"spiffe://test/shop", "spiffe://test/shop/next", "spiffe://test/edge"}));
  Await("both are known", [&] { return ReasonOf(With("shop-next", "")) == "OK"; });
  shop.Use(With("shop-next", ""));
  Put("identities.toml", Identities({"spiffe://test/shop/next", "spiffe://test/edge"}));
  Await("the old one is unknown", [&] { return ReasonOf(With("shop-new", "")) == "CERTIFICATE_UNKNOWN"; });
  go_on();

  std::cout << "a token of the file\n";
  const Finished rotated =
      testing::Run({Program("throughline"), "--data", suite_.data(), "token", "rotate", "ana", "--overlap", "10s"});
  EXPECT_EQ(rotated.exit_code, 0) << rotated.err;
  const std::string new_token = suite_.token("ana");
  ASSERT_NE(new_token, old_token);
  ana.Use(With("ana-new", new_token));
  Await("the old token ends", [&] { return ReasonOf(With("ana-new", old_token)) == "TOKEN_EXPIRED"; });
  go_on();

  std::cout << "the key of the issuer\n";
  const std::string new_jwt = Jwt(next_key);
  EXPECT_EQ(ReasonOf(With("jay-new", new_jwt)), "TOKEN_KEY_UNKNOWN");
  Put("keys.json", KeySetOf({key, next_key}));
  Await("both keys count", [&] { return ReasonOf(With("jay-new", new_jwt)) == "OK"; });
  person.Use(With("jay-new", new_jwt));
  Put("keys.json", KeySetOf({next_key}));
  Await("the old key does not count", [&] { return ReasonOf(With("jay-new", old_jwt)) == "TOKEN_KEY_UNKNOWN"; });
  go_on();

  std::cout << "the token of the metrics\n";
  Put("metrics-tokens", "metrics-token-of-before\nmetrics-token-of-after\n");
  Await("both tokens count", [&] { return Metrics("second", "metrics-token-of-after") == "200"; });
  EXPECT_EQ(Metrics("second", "metrics-token-of-before"), "200");
  Put("metrics-tokens", "metrics-token-of-after\n");
  Await("the old token is refused", [&] { return Metrics("second", "metrics-token-of-before") == "401"; });
  EXPECT_EQ(Metrics("second", "metrics-token-of-after"), "200");
  go_on();

  for (const Caller* caller : callers) {
    EXPECT_THAT(caller->failures(), IsEmpty());
    std::cout << caller->done() << " commands, none failed\n";
  }
  EXPECT_EQ(suite_.Terminate(), 0);
}

}  // namespace
}  // namespace throughline::testing
