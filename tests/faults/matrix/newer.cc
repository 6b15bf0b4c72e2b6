#include "tests/faults/matrix/newer.h"

#include "absl/time/clock.h"
#include <prometheus/registry.h>

#include "libs/log/kafka/kafka_log.h"
#include "libs/runtime/engine/host.h"
#include "libs/runtime/fold/fold.h"
#include "services/intake/intake.h"
#include "services/process/process.h"
#include "tests/support/eventually.h"
#include "throughline/ownership/v1/availability.pb.h"

namespace throughline::faults {

// Uses an existing message as the new event.
void FillNewerEvent(throughline::log::v1::CommittedEvent& event) {
  ownership::v1::AvailabilityEvent content;
  content.mutable_set()->set_person("ana");
  event.set_type("throughline.ownership.v1.AvailabilitySet");
  event.set_data(content.SerializeAsString());
}

absl::StatusOr<NewerIntake::Seen> NewerIntake::Run(const std::string& brokers, const std::string& prefix,
                                                   const std::string& data, const log::Partition& partition) {
  log::KafkaLog::Options options;
  options.cluster.brokers = brokers;
  options.cluster.topic_prefix = prefix;
  auto log = log::KafkaLog::Open(options);
  if (!log.ok()) return log.status();
  auto definition = intake::Define(intake::Config());
  definition->types.Add(
      runtime::StreamType::Foreign<ownership::v1::AvailabilityEvent>(log::Topic::kIntake, kNewerKind));
  runtime::Host::Options host_options;
  host_options.store_path = process::StorePath(data, log::Topic::kIntake);
  const runtime::SystemClock clock;
  prometheus::Registry registry;
  auto host = runtime::Host::Start(std::move(definition), **log, nullptr, clock, registry, host_options);
  if (!host.ok()) return host.status();
  const auto place = [&] {
    return runtime::ReadFoldedPositions((*host)->store(), partition.topic,
                                        partition.index + 1)[static_cast<size_t>(partition.index)]
        .next;
  };
  Seen seen;
  seen.from = place();
  if (!Eventually([&] { return (*host)->Ready(); }, absl::Seconds(30))) {
    return absl::DeadlineExceededError("a newer intake does not become ready");
  }
  seen.folded = place() - seen.from;
  (*host)->Stop();
  return seen;
}

}  // namespace throughline::faults
