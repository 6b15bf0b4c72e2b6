#include "tests/stories/premises.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "tests/stories/log_lines.h"
#include "tests/support/http_get.h"
#include "tests/support/kafka/kafka_process.h"
#include "tests/support/kafka/kafka_suite.h"
#include "tests/support/suite_process.h"

namespace throughline::stories {
namespace {

absl::Status RunVerify(std::vector<std::string> arguments) {
  std::vector<std::string> command = {testing::Program("throughline"), "verify"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const testing::Finished verify = testing::Run(command);
  if (verify.exit_code == 0) return absl::OkStatus();
  return absl::DataLossError("`throughline verify`: " + verify.out + verify.err);
}

// The carriers' maps of the project, with what UPS calls our store (kOurStore).
std::string MapsWithOurStore(const TestDirectory& directory) {
  const std::string maps = directory.path() + "/maps";
  std::filesystem::copy("services/supplier-tracking/carriers/maps", maps);
  std::ofstream(maps + "/ups.textproto", std::ios::app)
      << "\nown_stores { store: \"" << kOurStore << "\" facility: \"Hearth & Home, Main Street\" }\n";
  return maps;
}

// Settings of supplier-tracking's rules.
std::vector<std::string> SupplierFlags(const TestDirectory& directory) {
  return {"--carrier-maps", MapsWithOurStore(directory), "--customer-contact", "Call 0800 555 0100"};
}

std::vector<std::string> Joined(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

class Embedded : public Premises {
 public:
  bool needs_kafka() const override { return false; }
  absl::Status Start(const std::vector<std::string>& ownership_flags) override {
    suite_.LogTo(log_file());
    return suite_.Start(Joined(Joined({"--log-level", "debug"}, ownership_flags), supplier_flags_));
  }
  void Kill() override { suite_.Kill(); }
  void LoseStores() override {
    std::filesystem::remove_all(suite_.data() + "/stores");
    std::filesystem::remove_all(suite_.data() + "/search");
  }
  absl::Status Terminate() override {
    const int code = suite_.Terminate();
    return code == 0 ? absl::OkStatus() : absl::InternalError(absl::StrCat("`throughline up` ended with ", code));
  }
  absl::Status Verify() override { return RunVerify({"--data", suite_.data()}); }
  absl::Status LogIsDiscreet() override { return FindSaidIn(log_file(), suite_.data()); }
  client::Options OptionsFor(const std::string& person) const override { return suite_.OptionsFor(person); }

  double Number(const std::string& service, const std::string& gauge) const override {
    const absl::StatusOr<std::string> page = testing::HttpGet(suite_.metrics_address(), "/" + service + "/metrics");
    if (!page.ok()) return -1;
    for (const absl::string_view line : absl::StrSplit(*page, '\n')) {
      const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
      double value = -1;
      if (parts.first == gauge && absl::SimpleAtod(parts.second, &value)) return value;
    }
    return -1;
  }

 private:
  std::string log_file() const { return directory_.path() + "/log.txt"; }

  TestDirectory directory_;
  const std::vector<std::string> supplier_flags_ = SupplierFlags(directory_);
  testing::SuiteProcess suite_{directory_.path() + "/data"};
};

class OnKafka : public Premises {
 public:
  bool needs_kafka() const override { return true; }
  absl::Status Start(const std::vector<std::string>& ownership_flags) override {
    if (started_) return suite_.RestartAll();
    const absl::StatusOr<std::string> kafka = testing::SharedKafka();
    if (!kafka.ok()) return kafka.status();
    started_ = true;
    return suite_.Start(
        {.brokers = *kafka, .flags_of = [ownership_flags, supplier_flags = supplier_flags_](log::Topic service) {
           if (service == log::Topic::kSupplierTracking) return supplier_flags;
           return service == log::Topic::kOwnership ? ownership_flags : std::vector<std::string>();
         }});
  }
  void Kill() override {
    for (const testing::Replica& replica : suite_.replicas()) suite_.Kill(replica);
  }
  void LoseStores() override {
    for (const testing::Replica& replica : suite_.replicas()) {
      std::filesystem::remove_all(suite_.store(replica));
      std::filesystem::remove_all(suite_.data(replica) + "/search");
    }
  }
  absl::Status Terminate() override {
    const std::vector<std::string> complaints = suite_.TerminateAll();
    return complaints.empty() ? absl::OkStatus() : absl::InternalError(absl::StrJoin(complaints, "; "));
  }

  // Compared with the stores of every service's first replica, then with those of the second ones.
  absl::Status Verify() override {
    for (int number : {0, 1}) {
      std::vector<std::string> arguments = {"--brokers", suite_.options().brokers, "--prefix", suite_.prefix()};
      for (const testing::Replica& replica : suite_.replicas()) {
        if (replica.number != number) continue;
        arguments.push_back("--compare");
        arguments.push_back(suite_.data(replica));
      }
      if (absl::Status status = RunVerify(std::move(arguments)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  client::Options OptionsFor(const std::string& person) const override {
    std::vector<std::string> addresses;
    for (log::Topic service : log::kTopics) {
      std::vector<std::string> of_service;
      for (const testing::Replica& replica : suite_.replicas(service)) of_service.push_back(suite_.address(replica));
      addresses.push_back(absl::StrCat(std::string(log::ServiceName(service)), "=", absl::StrJoin(of_service, ",")));
    }
    client::Options options = suite_.OptionsFor(suite_.replicas().front(), person);
    options.address = absl::StrJoin(addresses, ",");
    return options;
  }

  double Number(const std::string& service, const std::string& gauge) const override {
    for (const testing::Replica& replica : suite_.replicas()) {
      if (log::ServiceName(replica.service) == service) return suite_.Number(replica, gauge);
    }
    return -1;
  }

 private:
  TestDirectory directory_;
  const std::vector<std::string> supplier_flags_ = SupplierFlags(directory_);
  testing::KafkaSuite suite_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Premises> Premises::Choose() {
  const char* on = std::getenv("THROUGHLINE_STORIES_ON");
  if (on != nullptr && std::string(on) == "kafka") return std::make_unique<OnKafka>();
  return std::make_unique<Embedded>();
}

}  // namespace throughline::stories
