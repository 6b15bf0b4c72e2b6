// The authority of the collector's certificate is exchanged while commands are traced: commands go on all the time,
// spans arrive whenever the collector shows a certificate that is trusted, and those that cannot are counted.

#include <atomic>
#include <iostream>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/tracing/testing/receiver.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::testing {
namespace {

using ::testing::IsEmpty;
using tracing::testing::Receiver;

class TracingRotation : public ::testing::Test {
 protected:
  ~TracingRotation() override { EndLoad(); }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Read(const std::string& name) const { return files::ReadFile(Path(name)).value_or(""); }
  void Put(const std::string& name, const std::string& content) const {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  static void Await(const std::string& what, const std::function<bool()>& holds) {
    EXPECT_TRUE(Eventually(holds, absl::Seconds(60))) << what;
  }

  // The collector ends, and one with this certificate begins at its port.
  void Collect(const std::string& certificate) {
    const int port = collector_ ? collector_->port() : 0;
    collector_.reset();
    collector_.emplace(Receiver::Tls{Read(certificate + ".pem"), Read(certificate + ".key")}, port);
  }
  double Metric(const std::string& begin) const {
    const auto page = HttpGet(suite_.metrics_address(), "/intake/metrics");
    const size_t at = page.ok() ? page->find(begin + " ") : std::string::npos;
    return at == std::string::npos ? 0 : std::stod(page->substr(at + begin.size() + 1));
  }
  double Dropped() const { return Metric("throughline_spans_dropped_total{reason=\"not_taken\"}"); }

  void BeginLoad() {
    load_ = std::thread([this] {
      const client::Client ana(suite_.OptionsFor("ana"));
      while (!stop_) {
        intake::v1::OpenCaseRequest request;
        request.set_customer_id(absl::StrCat("kim-", done_.load()));
        request.set_subject("s");
        request.set_text("t");
        request.set_channel(intake::v1::CHANNEL_WEB);
        const absl::Status status = ana.Call<intake::v1::OpenCaseResponse>(request).status();
        if (!status.ok()) {
          absl::MutexLock lock(&mu_);
          failures_.push_back(status.ToString());
        }
        ++done_;
      }
    });
  }
  void EndLoad() {
    stop_ = true;
    if (load_.joinable()) load_.join();
  }
  void AwaitCommands() const {
    const int64_t enough = done_ + 50;
    Await("commands go on", [&] { return done_ >= enough; });
  }
  void AwaitSpans() {
    const size_t enough = collector_->spans().size() + 100;
    Await("spans arrive", [&] { return collector_->spans().size() >= enough; });
    AwaitCommands();
  }

  const TestDirectory directory_;
  SuiteProcess suite_{Path("data")};
  std::optional<Receiver> collector_;
  absl::Mutex mu_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mu_);
  std::atomic<int64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::thread load_;
};

TEST_F(TracingRotation, OfTheCollectorsAuthorityUnderLoad) {
  const CertificateAuthority first(directory_.path(), "first"), second(directory_.path(), "second");
  first.Sign("old", "/CN=collector", "IP:127.0.0.1");
  second.Sign("new", "/CN=collector", "IP:127.0.0.1");
  Put("trusts.pem", Read("first.pem"));
  Collect("old");
  ASSERT_EQ(suite_.Start({"--tracing-endpoint", collector_->endpoint(), "--tracing-ca", Path("trusts.pem")}),
            absl::OkStatus());
  BeginLoad();
  AwaitSpans();

  std::cout << "both authorities are trusted, and the collector gets a certificate of the new one\n";
  Put("trusts.pem", Read("first.pem") + Read("second.pem"));
  AwaitSpans();
  Collect("new");
  AwaitSpans();

  std::cout << "a file that is bad changes nothing\n";
  Put("trusts.pem", "no certificate\n");
  AwaitCommands();
  AwaitSpans();

  std::cout << "the new authority alone\n";
  Put("trusts.pem", Read("second.pem"));
  AwaitSpans();

  std::cout << "a collector with a certificate of the old one gets nothing\n";
  const double dropped = Dropped();
  Collect("old");
  Await("spans are dropped and counted", [&] { return Dropped() > dropped; });
  AwaitCommands();
  EXPECT_THAT(collector_->spans(), IsEmpty());
  Collect("new");
  AwaitSpans();

  std::cout << "a connection from before is not used any more\n";
  Put("trusts.pem", Read("first.pem"));
  const double then = Dropped();
  Await("it ends", [&] { return Dropped() > then; });
  const size_t arrived = collector_->spans().size();
  AwaitCommands();
  EXPECT_EQ(collector_->spans().size(), arrived);

  EndLoad();
  absl::MutexLock lock(&mu_);
  EXPECT_THAT(failures_, IsEmpty());
  std::cout << done_ << " commands, none failed\n";
  EXPECT_EQ(suite_.Terminate(), 0);
}

}  // namespace
}  // namespace throughline::testing
