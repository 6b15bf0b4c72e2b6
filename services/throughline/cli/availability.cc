// `throughline availability`: whether a person can take cases now.

#include "absl/strings/str_cat.h"
#include "services/throughline/cli/commands.h"
#include "services/throughline/cli/verb.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::tool {

void AddAvailability(CLI::App& app, Tool& tool) {
  Verb<ownership::v1::SetAvailabilityRequest, ownership::v1::SetAvailabilityResponse> set(
      app, tool, "availability", "Says whether a person can take cases now",
      "throughline availability --available --department care\nthroughline availability --away\n"
      "throughline --as sam availability --on-duty\nthroughline --as sam availability --person ben --away");
  set.Option("--person", "person", "Whose; yours, a supervisor may set anybody's");
  set.Option("--kind", "kind", "What the person is; as before, or as their roles say");
  auto* available = set.Option("--available", "available", "Cases that nobody took may go to this person");
  auto* on_duty = set.Option("--on-duty", "on_duty", "For a supervisor: cases that no rep can take come to them");
  set.command()
      .add_flag("--away", "Neither of the two")
      ->excludes(available)
      ->excludes(on_duty);
  set.Option("--department", "department", "The department");
  set.command().require_option(1, 0);
  set.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(Clean(response.person()), " is ",
                           request.available() ? "available" : request.on_duty() ? "not available for new cases" : "away",
                           request.on_duty() ? ", on duty" : "", "\n"));
  });
}

}  // namespace throughline::tool
