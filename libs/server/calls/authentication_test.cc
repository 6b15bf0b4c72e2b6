// Credentials besides the tokens of the file: JWTs and client certificates, their end, and what is counted.

#include <filesystem>
#include <map>

#include "libs/files/whole_file.h"
#include "libs/identity/token_file.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/testing/fixture.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/jwt_issuer.h"

namespace throughline::server {
namespace {

using testing::EchoService;
using testing::SayRequest;
using testing::SayResponse;
using throughline::testing::CertificateAuthority;
using throughline::testing::JwtIssuer;

class Authentication : public testing::ServerTest {
 protected:
  void Put(const std::string& name, const std::string& content) {
    ASSERT_TRUE(identity::WritePrivateFile(Path(name), content).ok());
  }
  std::string Path(const std::string& name) const { return directory + "/" + name; }
  std::string Read(const std::string& name) const { return files::ReadFile(Path(name)).value_or(""); }

  void TakeJwts() {
    Put("keys.json", throughline::testing::KeySetOf({issuer_}));
    authentication.jwt_keys = Path("keys.json");
    authentication.jwt.issuer = "i";
    authentication.jwt.audience = "a";
    authentication.jwt.leeway = absl::ZeroDuration();
  }
  std::string Jwt(absl::Duration lives, const std::string& issuer = "i") const {
    return issuer_.Sign({{"iss", issuer},
                         {"aud", "a"},
                         {"sub", "jay"},
                         {"roles", {"rep"}},
                         {"exp", absl::ToDoubleSeconds(absl::Now() + lives - absl::UnixEpoch())}});
  }
  static std::unique_ptr<grpc::ClientContext> With(const std::string& token) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
    return context;
  }
  // Who the server says that we are, or the reason of its refusal.
  static std::string Who(EchoService::Stub& stub, const std::string& token) {
    const auto context = With(token);
    SayResponse response;
    const grpc::Status status = stub.Say(context.get(), SayRequest(), &response);
    if (status.ok()) return response.caller();
    const absl::Status refused = FromGrpc(status);
    if (refused.code() != absl::StatusCode::kUnauthenticated) return refused.ToString();
    return runtime::ReasonOf(refused).value_or("");
  }
  std::map<std::string, double> RefusedByReason() const {
    std::map<std::string, double> reasons;
    for (const auto& family : process_registry->Collect()) {
      if (family.name != "throughline_authentications_refused_total") continue;
      for (const auto& metric : family.metric) reasons[metric.label.front().value] = metric.counter.value;
    }
    return reasons;
  }

  void ServeMutualTls(const std::string& ca) {
    options.tls = TlsOptions{Path("server.pem"), Path("server.key"), ca};
    authentication.client_ca = ca;
    authentication.certificates = Path("identities.toml");
  }
  std::unique_ptr<EchoService::Stub> Secured(const std::string& ca, const std::string& certificate) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    const auto credentials =
        grpc::SslCredentials({Read(ca + ".pem"), Read(certificate + ".key"), Read(certificate + ".pem")});
    return EchoService::NewStub(
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()), credentials, arguments));
  }

  const JwtIssuer issuer_ = JwtIssuer::Ec("one");
};

TEST_F(Authentication, TakesJwtsAndCountsRefusalsByReason) {
  TakeJwts();
  Start();
  const auto stub = Client();
  EXPECT_EQ(Who(*stub, Jwt(absl::Minutes(1))), "jay");
  EXPECT_EQ(Who(*stub, Jwt(absl::Seconds(-1))), "TOKEN_EXPIRED");
  EXPECT_EQ(Who(*stub, Jwt(absl::Minutes(1), "other")), "TOKEN_ISSUER");
  EXPECT_EQ(Who(*stub, Jwt(absl::Minutes(1), "other")), "TOKEN_ISSUER");
  EXPECT_EQ(Who(*stub, ""), "NO_TOKEN");
  EXPECT_EQ(RefusedByReason(),
            (std::map<std::string, double>{{"NO_TOKEN", 1}, {"TOKEN_EXPIRED", 1}, {"TOKEN_ISSUER", 2}}));
}

TEST_F(Authentication, AStreamEndsWithItsJwt) {
  TakeJwts();
  Start();
  const auto stub = Client();
  const auto context = With(Jwt(absl::Seconds(2)));
  const auto watch = stub->Watch(context.get(), testing::WatchRequest());
  const auto writer = watches.Take();
  testing::WatchResponse response;
  ASSERT_TRUE(writer->Write(response));
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(watch->Finish())), "TOKEN_EXPIRED");
}

TEST_F(Authentication, AStreamEndsWithTheKeyThatSigned) {
  TakeJwts();
  Start();
  const auto stub = Client();
  const auto context = With(Jwt(absl::Minutes(5)));
  const auto watch = stub->Watch(context.get(), testing::WatchRequest());
  const auto writer = watches.Take();
  Put("keys.json", throughline::testing::KeySetOf({JwtIssuer::Ec("two")}));
  testing::WatchResponse response;
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(watch->Finish())), "TOKEN_KEY_UNKNOWN");
}

TEST_F(Authentication, ACertificateStandsForAnIdentity) {
  const CertificateAuthority ours(directory, "ours"), clients(directory, "clients"), others(directory, "others");
  ours.Sign("server", "/CN=server", "IP:127.0.0.1");
  clients.Sign("uri", "/CN=whoever", "URI:spiffe://test/jay");
  clients.Sign("subject", "/O=United Parcel Service/CN=edi", "");
  clients.Sign("stranger", "/CN=stranger", "");
  others.Sign("forged", "/CN=whoever", "URI:spiffe://test/jay");
  Put("identities.toml", R"(
["spiffe://test/jay"]
name = "jay"
roles = ["rep"]
["CN=edi,O=United Parcel Service"]
name = "ups"
roles = ["partner"]
party = "ups"
)");
  ServeMutualTls(clients.path());
  Start();
  const auto uri = Secured("ours", "uri");
  EXPECT_EQ(Who(*uri, ""), "jay");
  EXPECT_EQ(Who(*Secured("ours", "subject"), ""), "ups");
  EXPECT_EQ(Who(*Secured("ours", "stranger"), ""), "CERTIFICATE_UNKNOWN");
  EXPECT_THAT(Who(*Secured("ours", "forged"), ""), ::testing::HasSubstr("UNAVAILABLE")) << "no handshake";
  std::string ben = Read("credentials/ben.token");
  ben.pop_back();
  EXPECT_EQ(Who(*uri, ben), "ben") << "a token counts before the certificate";
  EXPECT_EQ(Who(*uri, "nonsense"), "BAD_TOKEN") << "and does not leave it to the certificate";

  // The edge's certificate does not stand for its anonymous clients.
  auto anonymous = With("");
  anonymous->AddMetadata("authorization", "anonymous");
  SayResponse response;
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(uri->Say(anonymous.get(), SayRequest(), &response))), "NO_TOKEN");

  const auto context = With("");
  const auto watch = uri->Watch(context.get(), testing::WatchRequest());
  const auto writer = watches.Take();
  Put("identities.toml", "");
  testing::WatchResponse none;
  EXPECT_FALSE(watch->Read(&none));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(watch->Finish())), "CERTIFICATE_UNKNOWN");
  EXPECT_EQ(Who(*uri, ""), "CERTIFICATE_UNKNOWN");
}

// The transport checks a certificate when the connection is made; it may live on for an hour.
TEST_F(Authentication, AnAuthorityThatWasReplacedEndsItsConnections) {
  const CertificateAuthority ours(directory, "ours"), first(directory, "first"), second(directory, "second");
  ours.Sign("server", "/CN=server", "IP:127.0.0.1");
  first.Sign("before", "/CN=jay", "");
  second.Sign("after", "/CN=jay", "");
  Put("identities.toml", "[\"CN=jay\"]\nname = \"jay\"\nroles = [\"rep\"]\n");
  Put("authorities.pem", Read("first.pem"));
  ServeMutualTls(Path("authorities.pem"));
  Start();
  const auto before = Secured("ours", "before");
  EXPECT_EQ(Who(*before, ""), "jay");
  const auto context = With("");
  const auto watch = before->Watch(context.get(), testing::WatchRequest());
  const auto writer = watches.Take();
  Put("authorities.pem", Read("first.pem") + Read("second.pem"));
  EXPECT_TRUE(Eventually([&] { return Who(*Secured("ours", "after"), "") == "jay"; }));
  EXPECT_EQ(Who(*before, ""), "jay");
  Put("authorities.pem", Read("second.pem"));
  testing::WatchResponse none;
  EXPECT_FALSE(watch->Read(&none));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(watch->Finish())), "CERTIFICATE_NOT_TRUSTED");
  EXPECT_EQ(Who(*before, ""), "CERTIFICATE_NOT_TRUSTED");
  EXPECT_EQ(Who(*Secured("ours", "after"), ""), "jay");
}

}  // namespace
}  // namespace throughline::server
