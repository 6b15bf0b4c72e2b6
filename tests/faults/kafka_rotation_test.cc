// Every secret and certificate between the services and Kafka is exchanged while commands are given: none fails,
// nothing is restarted but the broker, and what was there before is refused afterwards.

#include <atomic>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/log/kafka/settings.h"
#include "libs/log/kafka/topics/describe.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/failover.h"
#include "tests/support/kafka/kafka_process.h"
#include "tests/support/kafka/kafka_suite.h"
#include "tests/support/test_directory.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kCommandsBetween = 60;  // between two steps
constexpr char kAccepted[] = "the brokers accept it";

// Opens cases, each once: a command that fails counts, also if another try of it would succeed later.
class Caller {
 public:
  explicit Caller(const KafkaSuite& suite) : ana_(suite, "ana"), thread_([this] { Run(); }) {}
  ~Caller() {
    stop_ = true;
    thread_.join();
  }
  void AwaitMore() const {
    const int64_t enough = done_.load() + kCommandsBetween;
    EXPECT_TRUE(Eventually([&] { return done_.load() >= enough; }, absl::Seconds(120)));
  }
  int64_t done() const { return done_.load(); }
  std::vector<std::string> failures() const {
    absl::MutexLock lock(&mu_);
    return failures_;
  }

 private:
  void Run() {
    while (!stop_) {
      intake::v1::OpenCaseRequest request;
      request.set_command_id(absl::StrCat("rotation-", done_.load()));
      request.set_customer_id(absl::StrCat("customer-", done_.load()));
      request.set_subject("s");
      request.set_text("t");
      request.set_channel(intake::v1::CHANNEL_WEB);
      const absl::Status status = ana_.Call<intake::v1::OpenCaseResponse>(request).status();
      if (!status.ok()) {
        absl::MutexLock lock(&mu_);
        failures_.push_back(status.ToString());
      }
      ++done_;
    }
  }

  const Failover ana_;
  mutable absl::Mutex mu_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mu_);
  std::atomic<int64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses the others
};

class KafkaRotation : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Read(const std::string& name) const { return files::ReadFile(Path(name)).value_or(""); }
  void Put(const std::string& name, const std::string& content) const {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  // As the brokers see the services.
  log::KafkaSettings Settings(const std::string& user, const std::string& password,
                              const std::string& certificate) const {
    return {{"security.protocol", "SASL_SSL"},
            {"sasl.mechanism", "SCRAM-SHA-512"},
            {"sasl.username", user},
            {"sasl.password", password},
            {"ssl.ca.location", Path("brokers.pem")},
            {"ssl.certificate.location", Path(certificate + ".pem")},
            {"ssl.key.location", Path(certificate + ".key")}};
  }
  bool Admitted(const log::KafkaSettings& settings) const {
    const auto client = log::kafka::NewQueryClient({.brokers = kafka_.secured(), .settings = settings});
    if (!client.ok()) return false;
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(client->get(), 0, nullptr, &found, 3000);
    const log::kafka::Metadata metadata(found);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  int HowOftenSaid(const Replica& replica, const std::string& what) const {
    const std::vector<std::string> parts = absl::StrSplit(suite_.said(replica), what);
    return static_cast<int>(parts.size()) - 1;
  }
  // Every process has said it so often.
  void AwaitSaid(const std::string& what, int times) const {
    for (const Replica& replica : suite_.replicas()) {
      ASSERT_TRUE(Eventually([&] { return HowOftenSaid(replica, what) >= times; }, absl::Seconds(60)))
          << NameOf(replica) << " has not said so " << times << " times: " << what << "; its log:\n"
          << suite_.said(replica);
    }
  }
  void AwaitAccepted() { AwaitSaid(kAccepted, ++changes_); }

  const TestDirectory directory_;
  KafkaProcess kafka_;
  KafkaSuite suite_;
  int changes_ = 0;
};

TEST_F(KafkaRotation, OfEverySecretUnderLoad) {
  const std::string& in = directory_.path();
  const CertificateAuthority brokers(in, "brokers-old"), brokers_next(in, "brokers-new");
  const CertificateAuthority clients(in, "clients-old"), clients_next(in, "clients-new");
  brokers.Sign("broker-old", "/CN=broker", "IP:127.0.0.1");
  brokers_next.Sign("broker-new", "/CN=broker", "IP:127.0.0.1");
  clients.Sign("client-old", "/CN=throughline", "");
  clients_next.Sign("client-new", "/CN=throughline", "");
  Put("server.pem", Read("broker-old.key") + Read("broker-old.pem"));
  Put("ca.pem", Read("clients-old.pem") + Read("clients-new.pem"));
  SKIP_WITHOUT_KAFKA(kafka_.Up({.secure = in}));
  ASSERT_EQ(kafka_.SetUser("throughline", "first"), absl::OkStatus());
  Put("user", "throughline");
  Put("password", "first");
  Put("brokers.pem", Read("brokers-old.pem"));
  Put("client.pem", Read("client-old.pem"));
  Put("client.key", Read("client-old.key"));
  KafkaSuite::Options options;
  options.brokers = kafka_.bootstrap();  // for making the topics
  options.brokers_of = [this](const Replica&) { return kafka_.secured(); };
  options.services = {log::Topic::kIntake, log::Topic::kOwnership};
  for (const std::string& setting :
       {std::string("security.protocol=SASL_SSL"), std::string("sasl.mechanism=SCRAM-SHA-512"),
        "sasl.username.file=" + Path("user"), "sasl.password.file=" + Path("password"),
        "ssl.ca.location=" + Path("brokers.pem"), "ssl.certificate.location=" + Path("client.pem"),
        "ssl.key.location=" + Path("client.key")}) {
    options.flags.insert(options.flags.end(), {"--kafka-client", setting});
  }
  ASSERT_EQ(suite_.Start(options), absl::OkStatus());
  const Caller caller(suite_);
  caller.AwaitMore();

  std::cout << "the password\n";
  ASSERT_EQ(kafka_.SetUser("throughline", "second"), absl::OkStatus());
  EXPECT_FALSE(Admitted(Settings("throughline", "first", "client-old")));
  Put("password", "mistyped");
  AwaitSaid("Connections stay as they were", 1);
  caller.AwaitMore();
  Put("password", "second");
  AwaitAccepted();
  caller.AwaitMore();

  std::cout << "the user\n";
  ASSERT_EQ(kafka_.SetUser("throughline-next", "third"), absl::OkStatus());
  Put("user", "throughline-next");
  Put("password", "third");
  AwaitAccepted();
  // Not removed: Kafka 3.9.2 then forgets the other users, too, when it starts again.
  ASSERT_EQ(kafka_.SetUser("throughline", "withdrawn"), absl::OkStatus());
  EXPECT_FALSE(Admitted(Settings("throughline", "second", "client-old")));
  caller.AwaitMore();

  std::cout << "the services' certificate and key\n";
  Put("client.key", Read("client-new.key"));
  AwaitSaid("Connections stay as they were", 2);  // the key is not that of the certificate
  caller.AwaitMore();
  Put("client.pem", Read("client-new.pem"));
  AwaitAccepted();
  caller.AwaitMore();

  std::cout << "the brokers' authority and certificate, and an end of what was trusted before\n";
  Put("brokers.pem", Read("brokers-old.pem") + Read("brokers-new.pem"));
  AwaitAccepted();
  caller.AwaitMore();
  Put("server.pem", Read("broker-new.key") + Read("broker-new.pem"));
  Put("ca.pem", Read("clients-new.pem"));
  ASSERT_EQ(kafka_.Stop({1}, KafkaProcess::How::kCleanly), absl::OkStatus());
  ASSERT_EQ(kafka_.Start({1}), absl::OkStatus());  // every connection is made again, with what the clients have now
  Put("brokers.pem", Read("brokers-new.pem"));
  AwaitAccepted();
  caller.AwaitMore();
  EXPECT_TRUE(Admitted(Settings("throughline-next", "third", "client-new")));
  EXPECT_FALSE(Admitted(Settings("throughline-next", "third", "client-old")));
  EXPECT_FALSE(Admitted(Settings("throughline-next", "second", "client-new")));

  // The log and the feed of a process watch the files together.
  for (const Replica& replica : suite_.replicas()) EXPECT_EQ(HowOftenSaid(replica, kAccepted), changes_);
  EXPECT_THAT(caller.failures(), IsEmpty());
  std::cout << caller.done() << " commands, none failed\n";
  EXPECT_THAT(suite_.TerminateAll(), IsEmpty());
}

}  // namespace
}  // namespace throughline::testing
