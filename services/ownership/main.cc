// throughline-ownership: a replica of the ownership service, on Kafka.

#include <unistd.h>

#include "libs/calendar/calendars_file.h"
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
  settings.Period("reply-within", rules.periods.reply_within, absl::Minutes(1), absl::Hours(24 * 365),
                  "Until when the owner answers what a customer said");
  settings.Period("next-update-within", rules.periods.next_update_within, absl::Minutes(1), absl::Hours(24 * 365),
                  "Until when a customer hears from us next, if nothing else was said to them");
  settings.Period("close-unanswered-after", rules.periods.close_unanswered_after, absl::ZeroDuration(),
                  absl::Hours(24 * 365), "When a case is closed unconfirmed if the customer stays silent; 0: never");
  settings.Period("closing-announced-before", rules.periods.closing_announced_before, absl::Minutes(1),
                  absl::Hours(24 * 365), "How long before that the owner is asked to tell the customer");
  settings.Text(
      "fallback-owner", rules.fallback_owner,
      "Stands above those whom no supervisor stands above: hears of their broken promises and takes over what "
      "they owe; \"\": nobody does");
  std::string calendars;
  settings.Text("calendars", calendars,
                "A TOML file of business calendars, which due times in words count by; \"\": one, open at all times");
  settings.Check([&](const process::Settings::Complain& complain) {
    if (calendars.empty()) return;
    auto read = calendar::ReadCalendars(calendars);
    if (!read.ok()) return complain("calendars", read.status().message());
    rules.calendars = *std::move(read);
  });
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  rules.search_directory = process::SearchPath(config.process.data);
  return process::RunOnKafka(config, [&] {
    return process::ServiceOf(ownership::Define, ownership::MakeApi, rules, ownership::FollowCredentials());
  });
}
