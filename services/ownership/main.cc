// throughline-ownership: a replica of the ownership service, on Kafka.

#include <unistd.h>

#include "services/ownership/credentials.h"
#include "services/ownership/ownership.h"
#include "services/process/kafka_service.h"

int main(int argc, char** argv) {
  using namespace throughline;
  ownership::Config rules;
  process::ServiceConfig config(log::Topic::kOwnership);
  process::Settings settings(config.program(), "Who owns a case now, what was promised, is it really solved?");
  config.Declare(settings);
  settings.Period("handoff-expiry", rules.handoff_expiry, absl::Minutes(1), absl::Hours(24 * 7),
                  "Expiry of an offer without an expiry of its own");
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  return process::RunOnKafka(config, [&] {
    return process::ServiceOf(ownership::Define, ownership::MakeApi, rules, ownership::FollowCredentials);
  });
}
