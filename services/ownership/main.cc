// throughline-ownership: a replica of the ownership service, on Kafka.

#include <unistd.h>

#include "services/ownership/authority/policy_file.h"
#include "services/ownership/credentials.h"
#include "services/ownership/ownership.h"
#include "services/process/kafka_service.h"
#include "services/process/settings/calendars_setting.h"

int main(int argc, char** argv) {
  using namespace throughline;
  ownership::Config rules;
  process::ServiceConfig config(log::Topic::kOwnership);
  process::Settings settings(config.program(), "Who owns a case now, what was promised, is it really solved?");
  config.Declare(settings);
  std::string reps_read = "all";
  settings.Choice("reps-read", reps_read, {"all", "team"},
                  "Which cases a rep may read: all, or those that they or somebody of their team owns");
  settings.Period("handoff-expiry", rules.handoff_expiry, absl::Minutes(1), absl::Hours(24 * 7),
                  "Expiry of an offer without an expiry of its own");
  settings.Period("reply-within", rules.periods.reply_within, absl::Minutes(1), absl::Hours(24 * 365),
                  "Until when the owner answers what a customer said");
  settings.Period("next-update-within", rules.periods.next_update_within, absl::Minutes(1), absl::Hours(24 * 365),
                  "Until when a customer hears from us next, if nothing else was said to them");
  std::string closes_after = "168h", announced_before = "24h";
  settings.Text(
      "close-unanswered-after", closes_after,
      "When a case is closed unconfirmed if the customer stays silent: a period as 168h, or by the calendar, as "
      "`5 business days`; 0: never");
  settings.Text(
      "closing-announced-before", announced_before,
      "How long before that the owner is asked to tell the customer: likewise, for instance `1 business day`");
  settings.Text("silence-calendar", rules.silence.calendar,
                "The calendar by which a customer's silence counts if their own is not known; \"\": the default one");
  settings.Text(
      "fallback-owner", rules.fallback_owner,
      "Stands above those whom no supervisor stands above: hears of their broken promises and takes over what "
      "they owe; \"\": nobody does");
  process::DeclareCalendars(settings, rules.calendars);
  std::string acknowledge_within = ownership::kAcknowledgeWithin;
  settings.Text(
      "escalation-acknowledge-within", acknowledge_within,
      "How long each level has to acknowledge an escalation before it climbs, from the first on, by the default "
      "calendar; the last one holds for all above it, too");
  std::string decide_within = ownership::kDecideWithin;
  settings.Text("escalation-decide-within", decide_within,
                "How long whoever acknowledged an escalation has to decide, by the default calendar");
  settings.Number("escalate-after-broken", rules.escalation.after_broken, 0, 1000,
                  "So many broken commitments about a case escalate it; 0: never");
  settings.Check([&](const process::Settings::Complain& complain) {
    auto levels = ownership::ParseLevels(acknowledge_within);
    if (!levels.ok()) return complain("escalation-acknowledge-within", levels.status().message());
    auto decide = ownership::ParsePeriodInWords(decide_within);
    if (!decide.ok()) return complain("escalation-decide-within", decide.status().message());
    rules.escalation.acknowledge_within = *std::move(levels);
    rules.escalation.decide_within = *decide;
  });
  settings.Check([&](const process::Settings::Complain& complain) {
    const auto read = [&complain](const char* key, const std::string& text, absl::Duration least) {
      auto silence = ownership::ReadSilence(text, least);
      if (!silence.ok()) complain(key, silence.status().message());
      return silence;
    };
    const auto after = read("close-unanswered-after", closes_after, absl::ZeroDuration());
    const auto before = read("closing-announced-before", announced_before, absl::Minutes(1));
    if (!after.ok() || !before.ok()) return;
    rules.silence.closes_after = *after;
    rules.silence.announced_before = **before;
    const absl::Status fits = ownership::CheckSilence(rules.silence, rules.calendars);
    if (!fits.ok()) complain("closing-announced-before", fits.message());
  });
  std::string policy;
  settings.Text("authority-policy", policy,
                "A TOML file that says how much anybody may grant without asking, and who decides by when; \"\": the "
                "shipped policy");
  settings.Check([&](const process::Settings::Complain& complain) {
    if (policy.empty()) return;
    auto read = ownership::ReadPolicy(policy, rules.calendars);
    if (!read.ok()) return complain("authority-policy", read.status().message());
    rules.policy = *std::move(read);
  });
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  rules.search_directory = process::SearchPath(config.process.data);
  rules.reps_read = ownership::ParseRepsRead(reps_read);
  return process::RunOnKafka(config, [&] {
    return process::ServiceOf(ownership::Define, ownership::MakeApi, rules, ownership::FollowCredentials());
  });
}
