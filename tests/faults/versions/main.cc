// later_version: a replica of a later version of a service; version 1 is today's, with another layout of its store. The
// remaining arguments are those of the service's own program.
//
//   later_version intake 3 ignorable --data ... --kafka-brokers ...

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/credentials.h"
#include "services/ownership/ownership.h"
#include "services/process/kafka_service.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "tests/faults/versions/feedback.h"

namespace throughline::faults {
namespace {

process::Service TodaysService(log::Topic topic) {
  switch (topic) {
    case log::Topic::kIntake:
      return process::ServiceOf(intake::Define, intake::MakeApi, intake::Config());
    case log::Topic::kOwnership:
      return process::ServiceOf(ownership::Define, ownership::MakeApi, ownership::Config(),
                                ownership::FollowCredentials());
    case log::Topic::kOutageNotice:
      return process::ServiceOf(outage::Define, outage::MakeApi, outage::Config());
    case log::Topic::kSupplierTracking:
      return process::ServiceOf(supplier::Define, supplier::MakeApi, supplier::Config());
  }
  std::abort();
}

int Run(int argc, char** argv) {
  constexpr int kOwnArguments = 3;
  std::optional<log::Topic> topic;
  for (log::Topic candidate : log::kTopics) {
    if (argc > kOwnArguments && log::ServiceName(candidate) == argv[1]) topic = candidate;
  }
  const int version = argc > kOwnArguments ? std::atoi(argv[2]) : 0;
  const std::optional<Writes> writes = argc > kOwnArguments ? ParseWrites(argv[3]) : std::nullopt;
  if (!topic || !writes || version < 1 || version > 3) {
    std::fprintf(stderr, "later_version SERVICE 1|2|3 nothing|ignorable|all OPTION...\n");
    return 2;
  }
  process::ServiceConfig config(*topic);
  process::Settings settings(config.program(), "As a later version of it is.");
  config.Declare(settings);
  argv[kOwnArguments] = argv[0];
  if (std::optional<int> over = settings.Read(argc - kOwnArguments, argv + kOwnArguments, environ)) return *over;
  return process::RunOnKafka(config, [&] {
    process::Service service = TodaysService(*topic);
    if (version == 1) {
      service.definition->layout += "-other";
    } else {
      MakeLater(*service.definition, version, *writes);
    }
    return service;
  });
}

}  // namespace
}  // namespace throughline::faults

int main(int argc, char** argv) { return throughline::faults::Run(argc, argv); }
