// throughline-outage-notice: a replica of the outage-notice service, on Kafka.

#include <cmath>
#include <unistd.h>

#include "absl/time/time.h"

#include "services/outage-notice/delivery/delivery_settings.h"
#include "services/outage-notice/outage_notice.h"
#include "services/process/kafka_service.h"
#include "services/process/settings/calendars_setting.h"

int main(int argc, char** argv) {
  using namespace throughline;
  outage::Config rules;
  process::ServiceConfig config(log::Topic::kOutageNotice);
  process::Settings settings(config.program(),
                             "What is broken, who is affected, when will it end, what to do until then?");
  config.Declare(settings);
  settings.Number("max-components", rules.max_components, 1, 10'000, "How many components one watch may name");
  settings.Text(
      "fallback-owner", rules.fallback_owner,
      "Stands above those whom no supervisor stands above: hears of their broken promises and takes over what "
      "they owe; \"\": nobody does");
  process::DeclareCalendars(settings, rules.calendars);
  const absl::Duration kYears = absl::Hours(24 * 365 * 2);
  settings.Period("next-update-limit", rules.limits.next_update, absl::Minutes(1), kYears,
                  "How far ahead the next update of a notice may be, from now or from its beginning");
  settings.Period("past-limit", rules.limits.past, absl::Hours(1), kYears * 5, "How long ago a notice may have begun");
  settings.Period("ahead-limit", rules.limits.ahead, absl::Hours(1), kYears, "How far ahead a notice may begin");
  int64_t one_in = std::llround(1 / rules.suspicion.probability);
  settings.Number("suspicion-one-in", one_in, 1000, 1'000'000'000'000,
                  "An outage is suspected when by chance so many cases would come in once in so many times");
  settings.Number("suspicion-least-cases", rules.suspicion.least_cases, 2, 1'000'000,
                  "Fewer cases within an hour are never suspicious");
  settings.Period("suspicion-quiet", rules.suspicion.quiet, absl::ZeroDuration(), absl::Hours(24 * 7),
                  "For how long nothing is suspected after a person dismissed a suspicion");
  outage::DeclareDelivery(settings, rules.delivery);
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  rules.suspicion.probability = 1.0 / static_cast<double>(one_in);
  return process::RunOnKafka(config, [&] {
    process::Service service = process::ServiceOf(outage::Define, outage::MakeApi, rules);
    service.start_work = [&rules](runtime::Streams& streams) { return outage::StartSending(streams, rules); };
    return service;
  });
}
