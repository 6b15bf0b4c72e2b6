// Row 25: poison from inside: commands whose record could not be read back, and such commits in the log.

#include <atomic>
#include <random>
#include <thread>

#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "tests/faults/matrix/foreign.h"
#include "tests/faults/matrix/scene.h"
#include "tests/hostile/attacks.h"
#include "tests/hostile/raw_client.h"
#include "tests/hostile/samples.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::faults {
namespace {

using testing::Replica;

// A unary method, all rule violations of its request's fields, and the caller to use.
struct Target {
  hostile::Sample sample;
  std::vector<hostile::Attack> attacks;
  std::string authorization;
  std::vector<const hostile::RawClient*> replicas;
};

class Attackers {
 public:
  explicit Attackers(testing::KafkaSuite& suite) {
    // Without this, protobuf logs every text that is not UTF-8 when we serialize it.
    google::protobuf::SetLogHandler(nullptr);
    for (const Replica& replica : suite.replicas()) {
      clients_.emplace_back(replica.service, std::make_unique<hostile::RawClient>(suite.address(replica)));
    }
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    for (hostile::Sample& sample : hostile::Samples({.case_id = "0123456789ABCDEFGHJKMNPQRS",
                                   .promise_id = "P1",
                                   .handoff_id = "H1",
                                   .notice_id = "N1",
                                   .future_seconds = now + 3600})) {
      if (sample.method->client_streaming() || sample.method->server_streaming()) continue;
      Target target;
      target.attacks = hostile::AttacksOn(*sample.method->input_type(), now);
      target.authorization = "Bearer " + suite.token(sample.as);
      for (const auto& [service, client] : clients_) {
        if (ServiceOf(sample) == service) target.replicas.push_back(client.get());
      }
      target.sample = std::move(sample);
      if (!target.attacks.empty()) targets_.push_back(std::move(target));
    }
  }

  // Sends this many requests from several threads; each has one field that breaks its rule.
  void Send(int64_t count, uint64_t seed) {
    std::atomic<int64_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int64_t n = next++; n < count; n = next++) SendOne(seed + static_cast<uint64_t>(n));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  int64_t accepted() const { return accepted_; }
  // Neither accepted nor refused as a bad argument: unavailable, or an internal error.
  int64_t otherwise() const { return otherwise_; }

 private:
  static log::Topic ServiceOf(const hostile::Sample& sample) {
    const std::string& package = sample.method->file()->package();
    if (package == "throughline.intake.v1") return log::Topic::kIntake;
    if (package == "throughline.ownership.v1") return log::Topic::kOwnership;
    if (package == "throughline.outage.v1") return log::Topic::kOutageNotice;
    return log::Topic::kSupplierTracking;
  }

  void SendOne(uint64_t seed) {
    std::mt19937_64 random(seed);
    const Target& target = targets_[random() % targets_.size()];
    const std::unique_ptr<google::protobuf::Message> request = target.sample.Copy();
    target.attacks[random() % target.attacks.size()].apply(*request);
    const hostile::RawAnswer answer =
        target.replicas[random() % target.replicas.size()]->Call({.path = target.sample.path,
                                                                  .messages = {request->SerializeAsString()},
                                                                  .authorization = target.authorization});
    if (answer.status.ok()) {
      ++accepted_;
    } else if (!absl::IsInvalidArgument(answer.status)) {
      ++otherwise_;
    }
  }

  std::vector<std::pair<log::Topic, std::unique_ptr<hostile::RawClient>>> clients_;
  std::vector<Target> targets_;
  std::atomic<int64_t> accepted_{0}, otherwise_{0};
};

// The next commits of these streams, each with an event that cannot be parsed.
std::vector<ForeignRecord> Unreadable(const std::vector<log::Record>& last, int32_t partitions) {
  std::vector<ForeignRecord> records;
  for (const log::Record& record : last) {
    throughline::log::v1::Commit commit;
    if (!commit.ParseFromString(record.value) || commit.events().empty()) continue;
    commit.set_follows(crypto::Sha256(record.value));
    commit.set_version(commit.version() + 1);
    commit.set_command_id("unreadable");
    commit.mutable_events(0)->set_data("\xff noise");
    records.push_back(
        {{record.partition.topic, log::PartitionFor(record.key, partitions)}, record.key, commit.SerializeAsString()});
  }
  return records;
}

void RunPoisonFromInside(const Context& context, Outcome& outcome) {
  Scene scene(context, outcome);
  if (!scene.Begin(1)) return;
  const auto& options = scene.suite().options();
  Attackers attackers(scene.suite());
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  load.AwaitAcknowledged(context.settings.commands / 10);
  attackers.Send(context.settings.commands / 2, context.seed());

  Audit before(options.brokers, scene.suite().prefix(), options.partitions);
  if (!outcome.Holds(before.Read(), "reading the topics")) return;
  std::vector<log::Record> last(before.records().end() - 50, before.records().end());
  const std::vector<ForeignRecord> unreadable = Unreadable(last, options.partitions);
  if (!outcome.Holds(Produce(options.brokers, scene.suite().prefix(), unreadable), "writing unreadable commits"))
    return;

  attackers.Send(context.settings.commands - context.settings.commands / 2, context.seed() + 1'000'000'007);
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(context.settings.commands, " requests with a field that breaks its rule (not UTF-8, ",
                                  "control characters, extreme values); ", unreadable.size(),
                                  " commits that follow and that nobody can read, by a foreign producer");
  if (attackers.accepted() > 0) outcome.Problem(absl::StrCat(attackers.accepted(), " bad requests were accepted"));
  if (attackers.otherwise() > 0) {
    outcome.Problem(absl::StrCat(attackers.otherwise(), " bad requests were not called bad"));
  }
  const Replica intake{log::Topic::kIntake, 0};
  const double counted = scene.suite().Number(intake, "throughline_records_quarantined_total");
  if (counted != static_cast<double>(unreadable.size())) {
    outcome.Problem(absl::StrCat("quarantined ", counted, " records instead of ", unreadable.size()));
  }
  for (const Replica& replica : scene.suite().replicas()) {
    if (!scene.suite().running(replica)) outcome.Problem(NameOf(replica) + " is gone");
    const double refused = scene.suite().Number(replica, "throughline_commits_unreadable_total");
    if (refused > 0) outcome.Note(absl::StrCat(NameOf(replica), " refused ", refused, " commits before the log"));
  }
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

}  // namespace

std::vector<Row> PoisonRows() {
  return {{25, "poison from inside: records that could not be read back", 1, RunPoisonFromInside}};
}

}  // namespace throughline::faults
