// The errors of failed TLS connections, with every kind of mismatch against real servers.

#include "libs/client/tls_problem.h"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/test_directory.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::client {
namespace {

using ::testing::Optional;

std::string Content(const std::string& path) { return files::ReadFile(path).value_or(""); }

// A CA with certificates, as an operator makes them.
class Authority {
 public:
  explicit Authority(const std::string& name) : path_(directory_.path() + "/" + name) {
    Run(absl::StrCat("openssl req -x509 -newkey rsa:2048 -nodes -keyout ", path_, ".key -out ", path_,
                     ".pem -subj /CN=", name, " -days 2"));
  }
  std::string pem() const { return Content(path_ + ".pem"); }

  // Writes a key and a certificate for these names.
  grpc::SslServerCredentialsOptions::PemKeyCertPair Sign(const std::string& names, int days = 2) const {
    const std::string one = absl::StrCat(path_, ".", ++count_);
    std::ofstream(one + ".ext") << "subjectAltName=" << names << "\n";
    Run(absl::StrCat("openssl req -newkey rsa:2048 -nodes -keyout ", one, ".key -out ", one, ".csr -subj /CN=server"));
    Run(absl::StrCat("openssl x509 -req -in ", one, ".csr -CA ", path_, ".pem -CAkey ", path_,
                     ".key -CAcreateserial -out ", one, ".pem -days ", days, " -extfile ", one, ".ext"));
    return {Content(one + ".key"), Content(one + ".pem")};
  }

 private:
  static void Run(const std::string& command) {
    ASSERT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command;  // NOLINT(concurrency-mt-unsafe)
  }

  TestDirectory directory_;
  const std::string path_;
  mutable int count_ = 0;
};

// A server without services: a client that reaches it gets UNIMPLEMENTED.
class Listening {
 public:
  explicit Listening(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

std::shared_ptr<grpc::ServerCredentials> Tls(const grpc::SslServerCredentialsOptions::PemKeyCertPair& own,
                                             const std::string& client_authority = "") {
  grpc::SslServerCredentialsOptions options(client_authority.empty()
                                                ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = client_authority;
  options.pem_key_cert_pairs.push_back(own);
  return grpc::SslServerCredentials(options);
}

absl::Status Ask(Options options) {
  options.timeout = absl::Seconds(20);
  return Client(std::move(options)).Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest()).status();
}

class TlsProblem : public ::testing::Test {
 protected:
  const Authority ours_{"ours"};
  const Authority others_{"others"};
};

TEST_F(TlsProblem, IsNoneIfEverythingMatches) {
  const Listening server(Tls(ours_.Sign("IP:127.0.0.1")));
  EXPECT_TRUE(absl::IsUnimplemented(Ask({.address = server.address(), .ca_pem = ours_.pem()})));
}

TEST_F(TlsProblem, ACertificateThatIsNotTrusted) {
  const Listening server(Tls(ours_.Sign("IP:127.0.0.1")));
  const absl::Status status = Ask({.address = server.address(), .ca_pem = others_.pem()});
  EXPECT_THAT(runtime::ReasonOf(status), Optional(std::string("TLS_NOT_TRUSTED"))) << status;
  EXPECT_TRUE(IsTlsProblem(status));
}

TEST_F(TlsProblem, ACertificateForAnotherName) {
  const Listening server(Tls(ours_.Sign("DNS:elsewhere.example")));
  const absl::Status status = Ask({.address = server.address(), .ca_pem = ours_.pem()});
  EXPECT_THAT(runtime::ReasonOf(status), Optional(std::string("TLS_WRONG_NAME"))) << status;
}

TEST_F(TlsProblem, TlsAgainstAServerWithoutIt) {
  const Listening server(grpc::InsecureServerCredentials());
  const absl::Status status = Ask({.address = server.address(), .ca_pem = ours_.pem()});
  EXPECT_THAT(runtime::ReasonOf(status), Optional(std::string("TLS_NOT_SERVED"))) << status;
}

TEST_F(TlsProblem, NoTlsAgainstAServerWithIt) {
  const Listening server(Tls(ours_.Sign("IP:127.0.0.1")));
  const absl::Status status = Ask({.address = server.address()});
  EXPECT_TRUE(IsClosedAtOnce(status)) << status;
  EXPECT_TRUE(absl::IsUnavailable(status)) << "it may be another cause, that passes";
}

TEST_F(TlsProblem, AMissingClientCertificate) {
  const Listening server(Tls(ours_.Sign("IP:127.0.0.1"), ours_.pem()));
  EXPECT_TRUE(IsClosedAtOnce(Ask({.address = server.address(), .ca_pem = ours_.pem()})));
  const auto own = others_.Sign("DNS:client");
  EXPECT_TRUE(IsClosedAtOnce(Ask({.address = server.address(),
                                  .ca_pem = ours_.pem(),
                                  .certificate_pem = own.cert_chain,
                                  .key_pem = own.private_key})));
}

TEST_F(TlsProblem, FilesThatCannotBeUsed) {
  const Listening server(Tls(ours_.Sign("IP:127.0.0.1")));
  const absl::Status status = Ask({.address = server.address(), .ca_pem = "-----BEGIN nothing\n"});
  EXPECT_THAT(runtime::ReasonOf(status), Optional(std::string("TLS_FILES_UNUSABLE"))) << status;
}

TEST_F(TlsProblem, IsNotReportedForAnUnreachableServer) {
  const absl::Status status = Ask({.address = "127.0.0.1:1", .ca_pem = ours_.pem()});
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_FALSE(IsTlsProblem(status)) << status;
  EXPECT_FALSE(IsClosedAtOnce(status)) << status;
}

}  // namespace
}  // namespace throughline::client
