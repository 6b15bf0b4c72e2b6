#include "libs/server/transport/tls_files.h"

#include <fstream>
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "libs/server/transport/listen.h"
#include "tests/support/test_directory.h"

namespace throughline::server {
namespace {

using ::testing::HasSubstr;

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
Key EcKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }
Key RsaKey() { return {EVP_RSA_gen(2048), &EVP_PKEY_free}; }

class TlsFilesTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  std::string WriteKey(const std::string& name, EVP_PKEY* key, const char* passphrase = nullptr) const {
    FILE* file = fopen(Path(name).c_str(), "w");
    EXPECT_EQ(PEM_write_PrivateKey(file, key, passphrase == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr, 0, nullptr,
                                   const_cast<char*>(passphrase)),
              1);
    fclose(file);
    return Path(name);
  }
  std::string WriteCertificate(const std::string& name, EVP_PKEY* key) const {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), &X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    EXPECT_GT(X509_sign(certificate.get(), key, EVP_sha256()), 0);
    FILE* file = fopen(Path(name).c_str(), "w");
    EXPECT_EQ(PEM_write_X509(file, certificate.get()), 1);
    fclose(file);
    return Path(name);
  }
  static std::string Refusal(const TlsOptions& tls) {
    const absl::Status status = CheckTlsFiles(tls);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(status.message());
  }

 private:
  const TestDirectory directory_;
};

TEST_F(TlsFilesTest, AcceptsTheKeyOfItsCertificateOnly) {
  const Key ec = EcKey(), other = EcKey(), rsa = RsaKey();
  const std::string certificate = WriteCertificate("cert.pem", ec.get());
  EXPECT_EQ(CheckTlsFiles({certificate, WriteKey("key.pem", ec.get()), certificate}), absl::OkStatus());
  for (EVP_PKEY* foreign : {other.get(), rsa.get()}) {
    EXPECT_THAT(Refusal({certificate, WriteKey("foreign.pem", foreign), ""}),
                HasSubstr("foreign.pem does not belong to the certificate"));
  }
}

TEST_F(TlsFilesTest, NamesTheFileThatCannotBeUsed) {
  const Key ec = EcKey();
  const std::string certificate = WriteCertificate("cert.pem", ec.get()), key = WriteKey("key.pem", ec.get());
  std::ofstream(Path("text.pem")) << "no PEM";
  EXPECT_THAT(Refusal({Path("text.pem"), key, ""}), HasSubstr("text.pem has no certificate"));
  EXPECT_THAT(Refusal({certificate, Path("text.pem"), ""}), HasSubstr("text.pem has no private key"));
  EXPECT_THAT(Refusal({certificate, key, Path("text.pem")}), HasSubstr("text.pem has no certificates"));
  EXPECT_THAT(Refusal({certificate, WriteKey("locked.pem", ec.get(), "secret"), ""}), HasSubstr("no passphrase"));
  EXPECT_THAT(Refusal({certificate, Path("gone.pem"), ""}), HasSubstr("gone.pem"));
  EXPECT_THAT(Refusal({certificate, "", ""}), HasSubstr("give both"));
}

TEST(Listening, OnlyLoopbackIsHiddenFromOtherMachines) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(CheckNotExposed(host), absl::OkStatus());
  }
  for (const char* host : {"0.0.0.0", "::", "[::]", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1"}) {
    EXPECT_EQ(CheckNotExposed(host).code(), absl::StatusCode::kFailedPrecondition) << host;
  }
}

}  // namespace
}  // namespace throughline::server
