// The built tool on an installation that is broken in nine ways at once, and on one that is well.

#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "libs/server/transport/http_pages.h"
#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline::doctor {
namespace {

using ::testing::HasSubstr;

struct Said {
  int exit_code;
  std::map<std::string, std::map<std::string, nlohmann::json>> by_state;  // state, check: the first finding
};

Said Ask(std::vector<std::string> words) {
  std::vector<std::string> command = {throughline::testing::Program("throughline"), "--json", "doctor"};
  command.insert(command.end(), words.begin(), words.end());
  const throughline::testing::Finished ended = throughline::testing::Run(command);
  Said said{.exit_code = ended.exit_code};
  for (const absl::string_view line : absl::StrSplit(ended.out, '\n', absl::SkipEmpty())) {
    const auto finding = nlohmann::json::parse(line.begin(), line.end());
    EXPECT_EQ(finding["mend"] == "", finding["state"] == "good") << line;
    said.by_state[finding["state"].get<std::string>()].emplace(finding["check"].get<std::string>(), finding);
  }
  EXPECT_EQ(ended.err, "");
  return said;
}

void WriteCertificate(const std::string& file, absl::Duration lasts) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -1000);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), absl::ToInt64Seconds(lasts));
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  FILE* out = fopen(file.c_str(), "w");
  PEM_write_X509(out, certificate.get());
  fclose(out);
}

// A replica's operations port that shows this page.
server::HttpPages Replica(const std::string& page) {
  return {*server::ListenSockets::Open("metrics", "127.0.0.1", 0),
          {{"/metrics", [page] { return server::HttpPage{.body = page}; }}}};
}

TEST(Doctor, NamesEachOfNineFaults) {
  const TestDirectory directory;
  const std::string& root = directory.path();
  // Configuration: a setting that there is not, and a number that is none.
  const std::string settings = root + "/intake.toml";
  std::ofstream(settings) << "data = \"" << root << "/data\"\nprot = 7070\n[limits]\ncalls = \"many\"\n";
  const std::string certificate = root + "/server.crt";
  WriteCertificate(certificate, -absl::Seconds(10));
  std::filesystem::create_directories(root + "/backups");
  const server::HttpPages sick = Replica(R"(throughline_replica_info{service="intake",replica="a",version="0.0.1"} 1
throughline_fold_lag_seconds{topic="t",partition="0"} 600
process_open_fds 990
process_max_fds 1000
throughline_disk_free_bytes{directory="data"} 1
throughline_disk_size_bytes{directory="data"} 100
)");
  const Said said = Ask({"--settings", "intake=" + settings, "--certificate", certificate, "--backups",
                         root + "/backups", "--replica", absl::StrCat("127.0.0.1:", sick.port()), "--replica",
                         "127.0.0.1:1", "--brokers", "127.0.0.1:1"});
  EXPECT_EQ(said.exit_code, 1);
  const auto& faults = said.by_state.at("fault");
  const auto what = [&](const std::string& check) {
    const auto found = faults.find(check);
    return found == faults.end() ? "no fault of " + check : found->second["what"].get<std::string>();
  };
  EXPECT_THAT(what("configuration"), HasSubstr("prot"));
  EXPECT_THAT(what("certificates"), HasSubstr("expired"));
  EXPECT_THAT(what("topics"), HasSubstr("does not answer"));
  EXPECT_THAT(what("lag"), HasSubstr("10m"));
  EXPECT_THAT(what("disk"), HasSubstr("(1 %)"));
  EXPECT_THAT(what("descriptors"), HasSubstr("990 of 1000"));
  EXPECT_THAT(what("versions"), HasSubstr("0.0.1"));
  EXPECT_THAT(what("backups"), HasSubstr("none"));
  EXPECT_THAT(what("replicas"), HasSubstr("nobody answers"));
  EXPECT_EQ(said.by_state.at("not known").count("clock"), 1u) << "nobody could be asked";
}

TEST(Doctor, FindsNothingWrongWithASuiteThatIsWell) {
  const TestDirectory directory;
  throughline::testing::SuiteProcess suite(directory.path() + "/data");
  ASSERT_TRUE(suite.Start({"--backup-dir", directory.path() + "/backups", "--backup-every", "1s"}).ok());
  const auto has_backup = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(directory.path() + "/backups")) {
      if (entry.path().filename().string().find(".partial") == std::string::npos) return true;
    }
    return false;
  };
  for (const absl::Time end = absl::Now() + absl::Seconds(30); !has_backup() && absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  const Said said = Ask({"--data", suite.data(), "--replica", suite.metrics_address() + "/intake/metrics", "--backups",
                         directory.path() + "/backups"});
  EXPECT_EQ(said.exit_code, 0);
  for (const auto& [check, finding] :
       said.by_state.count("fault") != 0 ? said.by_state.at("fault") : std::map<std::string, nlohmann::json>()) {
    ADD_FAILURE() << finding;
  }
  for (const char* check :
       {"configuration", "lag", "disk", "descriptors", "cache", "versions", "backups", "replicas"}) {
    EXPECT_EQ(said.by_state.at("good").count(check), 1u) << check;
  }
}

}  // namespace
}  // namespace throughline::doctor
