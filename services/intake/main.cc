// throughline-intake: a replica of the intake service, on Kafka.

#include <unistd.h>

#include "services/intake/departments/routes_file.h"
#include "services/intake/intake.h"
#include "services/intake/messages/rules_file.h"
#include "services/process/kafka_service.h"
#include "services/process/settings/calendars_setting.h"

int main(int argc, char** argv) {
  using namespace throughline;
  intake::Config rules;
  process::ServiceConfig config(log::Topic::kIntake);
  process::Settings settings(config.program(), "What did the customer ask, on which channel, what were they told?");
  config.Declare(settings);
  std::string reps_read = "all";
  settings.Choice("reps-read", reps_read, {"all", "team"},
                  "Which cases a rep may read: all, or those that they or somebody of their team owns");
  settings.Text(
      "fallback-owner", rules.fallback_owner,
      "Owns a case that nobody took while no rep is available and no supervisor is on duty; \"\": refuse such a case");
  std::string policy = "least-load";
  settings.Choice(
      "assignment-policy", policy, {"least-load", "round-robin"},
      "To which available rep a case goes that nobody took: the one with the fewest open cases, or the one to "
      "whom no case was given for the longest time; who speaks the customer's language and knows what the case "
      "needs comes first");
  settings.Period("next-update-within", rules.next_update_within, absl::Minutes(1), absl::Hours(24 * 366),
                  "By when after its opening a case's customer hears from us next, unless the opening says so");
  settings.Number("repeated-contact", rules.repeated_contact, 2, 1000,
                  "The interaction of the customer that raises repeated contact; the opening counts as the first");
  settings.Period("reopen-within", rules.reopen_within, absl::ZeroDuration(), absl::Hours(24 * 3660),
                  "What a customer says on a case that was closed longer ago opens a new case that continues it; 0s: "
                  "it always reopens the case itself");
  process::DeclareCalendars(settings, rules.calendars);
  settings.Period("suggestion-answer-within", rules.suggestion_answer_within, absl::Minutes(1), absl::Hours(24 * 366),
                  "By when a suggestion is answered, unless its recording says so");
  settings.Number("recurrence-threshold", rules.recurrence_threshold, 0, 1'000'000,
                  "So many cases about one component within recurrence-window open an improvement; 0: none");
  settings.Period("recurrence-window", rules.recurrence_window, absl::Seconds(1), absl::Hours(24 * 366),
                  "See recurrence-threshold");
  settings.Number(
      "fault-threshold", rules.fault_threshold, 0, 1'000'000,
      "So many faults of one kind within fault-window, as of a vendor's article, open an improvement; 0: none");
  settings.Period("fault-window", rules.fault_window, absl::Seconds(1), absl::Hours(24 * 366), "See fault-threshold");
  settings.Period("improvement-answer-within", rules.improvement_answer_within, absl::Seconds(1), absl::Hours(24 * 366),
                  "By when a team answers an improvement with a change");
  settings.Period("improvement-measured-for", rules.improvement_measured_for, absl::Seconds(1), absl::Hours(24 * 366),
                  "For how long the effect of a change is measured");
  settings.Number(
      "improvement-closing-percent", rules.improvement_closing_percent, 1, 100,
      "An improvement ends if the rate in that time was below this share of the rate with which it was opened");
  std::string departments;
  settings.Text("departments", departments,
                "A TOML file that says which team answers which suggestions and improvements; \"\": a supervisor does, "
                "unless a team is named");
  settings.Check([&](const process::Settings::Complain& complain) {
    if (departments.empty()) return;
    auto routes = intake::ReadRoutes(departments);
    if (!routes.ok()) return complain("departments", routes.status().message());
    rules.departments = std::make_shared<const intake::Routes>(*std::move(routes));
  });
  std::string message_rules;
  settings.Text("message-rules", message_rules,
                "A TOML file of phrases that push a problem away, on top of the shipped ones, for CheckMessage");
  settings.Check([&](const process::Settings::Complain& complain) {
    if (message_rules.empty()) return;
    auto own = intake::ReadOwnMessageRules(message_rules);
    if (!own.ok()) return complain("message-rules", own.status().message());
    rules.message_rules = *std::move(own);
  });
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  rules.reps_read = ownership::ParseRepsRead(reps_read);
  if (policy == "round-robin") rules.assignment_policy = intake::AssignmentPolicy::kRoundRobin;
  return process::RunOnKafka(config, [&] { return process::ServiceOf(intake::Define, intake::MakeApi, rules); });
}
