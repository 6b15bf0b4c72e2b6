#include "libs/identity/certificates.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/test_directory.h"

namespace throughline::identity {
namespace {

using ::testing::HasSubstr;

class Certificates : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  absl::StatusOr<CertificateMap> Read(const std::string& content) const {
    std::ofstream(Path("map.toml")) << content;
    chmod(Path("map.toml").c_str(), 0600);
    return ReadCertificateMap(Path("map.toml"));
  }
  void Shell(const std::string& line) const {
    // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): openssl, in a test of one thread
    EXPECT_EQ(std::system(("cd " + directory_.path() + " && " + line + " 2>/dev/null").c_str()), 0) << line;
  }

  const TestDirectory directory_;
};

TEST_F(Certificates, StandForAnIdentityByUriOrSubject) {
  const auto map = Read(R"(
["spiffe://example.com/webshop"]
name = "webshop"
roles = ["service"]

["CN=edi,O=United Parcel Service"]
name = "ups"
roles = ["partner"]
party = "ups"
)");
  ASSERT_TRUE(map.ok()) << map.status();
  const auto who = [&](PeerCertificate certificate) {
    const std::string* key = map->KeyOf(certificate);
    return key == nullptr ? "nobody" : map->identities.at(*key)->name;
  };
  EXPECT_EQ(who({.uris = {"https://example.com", "spiffe://example.com/webshop"}}), "webshop");
  EXPECT_EQ(who({.subject = "CN=edi,O=United Parcel Service"}), "ups");
  EXPECT_EQ(who({.subject = "CN=edi,O=United Parcel Service", .uris = {"spiffe://example.com/webshop"}}), "webshop");
  EXPECT_EQ(who({.subject = "CN=edi"}), "nobody");
  EXPECT_EQ(who({}), "nobody");
}

TEST_F(Certificates, OfAMapWithMistakesAreRefused) {
  for (const auto& [content, says] : std::vector<std::pair<std::string, const char*>>{
           {"nonsense", "line 1"},
           {"[\"a\"]\nname = \"x\"\nroles = [\"cook\"]\n", "name, roles, party and team"},
           {"[\"a\"]\nname = \"x\"\nroles = [\"rep\"]\nrole = \"rep\"\n", "name, roles, party and team"},
           {"[\"a\"]\nname = \"x\"\n", "at least one role"},
           {"[\"a\"]\nname = \"ups\"\nroles = [\"partner\"]\n", "party"},
           {"a = 1\n", "name, roles, party and team"},
       }) {
    EXPECT_THAT(std::string(Read(content).status().message()), HasSubstr(says)) << content;
  }
  chmod(Path("map.toml").c_str(), 0622);
  EXPECT_THAT(std::string(ReadCertificateMap(Path("map.toml")).status().message()), HasSubstr("chmod"));
  EXPECT_EQ(ReadCertificateMap(Path("none")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Certificates, AreCheckedAgainstTheAuthoritiesThatAreInForce) {
  for (const char* ca : {"old", "new"}) {
    Shell(std::string("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ") + ca +
          ".key -out " + ca + ".pem -subj /CN=" + ca + " -days 2");
  }
  Shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout c.key -out c.csr -subj /CN=c");
  Shell("openssl x509 -req -in c.csr -CA old.pem -CAkey old.key -CAcreateserial -out c.pem -days 2");
  Shell(
      "openssl x509 -req -in c.csr -CA old.pem -CAkey old.key -CAcreateserial -out expired.pem -days -1 || "
      "openssl x509 -req -in c.csr -CA old.pem -CAkey old.key -out expired.pem -days 0");
  const auto old_ca = ReadClientAuthorities(Path("old.pem")), new_ca = ReadClientAuthorities(Path("new.pem"));
  ASSERT_TRUE(old_ca.ok() && new_ca.ok());
  const std::string certificate = files::ReadFile(Path("c.pem")).value_or("");
  EXPECT_TRUE(CheckCertificate(*old_ca, certificate).ok()) << CheckCertificate(*old_ca, certificate);
  EXPECT_EQ(runtime::ReasonOf(CheckCertificate(*new_ca, certificate)), "CERTIFICATE_NOT_TRUSTED");
  EXPECT_EQ(runtime::ReasonOf(CheckCertificate(*old_ca, "")), "CERTIFICATE_NOT_TRUSTED");
  const absl::Status expired = CheckCertificate(*old_ca, files::ReadFile(Path("expired.pem")).value_or(""));
  EXPECT_THAT(std::string(expired.message()), HasSubstr("expired"));
  EXPECT_FALSE(ReadClientAuthorities(Path("c.key")).ok());
}

}  // namespace
}  // namespace throughline::identity
