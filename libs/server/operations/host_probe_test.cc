#include "libs/server/operations/host_probe.h"

#include <fstream>
#include <map>
#include <memory>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/support/test_directory.h"

namespace throughline::server {
namespace {

std::string CertificateThatLasts(absl::Duration time) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), absl::ToInt64Seconds(time));
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(pem.get(), certificate.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(pem.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

// Values by name and label.
std::map<std::string, double> Shown(const prometheus::Registry& registry) {
  std::map<std::string, double> values;
  for (const auto& family : registry.Collect()) {
    for (const auto& metric : family.metric) {
      std::string name = family.name;
      for (const auto& label : metric.label) name += "/" + label.value;
      values[name] = metric.gauge.value + metric.counter.value;
    }
  }
  return values;
}

TEST(HostProbe, ShowsTheProcess) {
  prometheus::Registry registry;
  HostProbe probe(registry, {}, std::nullopt);
  const auto first = Shown(registry);
  const double now = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  EXPECT_GT(first.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(first.at("process_virtual_memory_bytes"), first.at("process_resident_memory_bytes"));
  EXPECT_GE(first.at("process_threads"), 1);
  EXPECT_GT(first.at("process_max_fds"), first.at("process_open_fds"));
  EXPECT_LE(first.at("process_start_time_seconds"), now + 1);
  EXPECT_GT(first.at("process_start_time_seconds"), now - 3600);
  const double fds = first.at("process_open_fds");
  const std::ifstream one("/proc/self/stat"), another("/proc/self/stat");
  probe.Update(absl::Now() + absl::Seconds(2));
  EXPECT_EQ(Shown(registry).at("process_open_fds"), fds + 2);
  EXPECT_GE(Shown(registry).at("process_cpu_seconds_total"), first.at("process_cpu_seconds_total"));
}

TEST(HostProbe, ShowsTheRoomOnDisks) {
  const TestDirectory directory;
  prometheus::Registry registry;
  const HostProbe probe(registry, {{"data", directory.path()}, {"backup", ""}}, std::nullopt);
  const auto shown = Shown(registry);
  EXPECT_GT(shown.at("throughline_disk_free_bytes/data"), 0);
  EXPECT_GE(shown.at("throughline_disk_size_bytes/data"), shown.at("throughline_disk_free_bytes/data"));
  EXPECT_EQ(shown.count("throughline_disk_free_bytes/backup"), 0u);  // there are no backups
  EXPECT_FALSE(RoomOn("/no/such/place"));
}

TEST(HostProbe, ACertificateThatIsRenewedIsReadAgain) {
  const TestDirectory directory;
  const std::string file = directory.path() + "/server.pem";
  std::ofstream(file) << CertificateThatLasts(absl::Hours(48));
  prometheus::Registry registry;
  HostProbe probe(registry, {}, TlsOptions{.certificate_file = file, .key_file = file, .client_ca_file = ""});
  const double in_two_days = static_cast<double>(absl::ToUnixSeconds(absl::Now() + absl::Hours(48)));
  const auto expiry = [&] { return Shown(registry).at("throughline_certificate_expiry_timestamp_seconds/server"); };
  EXPECT_NEAR(expiry(), in_two_days, 60);
  EXPECT_EQ(Shown(registry).count("throughline_certificate_expiry_timestamp_seconds/client_ca"), 0u);
  std::ofstream(file) << CertificateThatLasts(absl::Hours(96));
  probe.Update(absl::Now() + absl::Seconds(61));
  EXPECT_NEAR(expiry(), in_two_days + 48 * 3600, 60);
  std::ofstream(file) << "torn";
  probe.Update(absl::Now() + absl::Seconds(122));
  EXPECT_EQ(expiry(), 0);
}

}  // namespace
}  // namespace throughline::server
