// `throughline availability`: whether a person can take cases now.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "services/throughline/cli/values.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::tool {

void AddAvailability(CLI::App& app, Tool& tool) {
  Verb<ownership::v1::SetAvailabilityRequest, ownership::v1::SetAvailabilityResponse> set(
      app, tool, "availability", "Sets whether a person can take cases now",
      "throughline availability available --team care\nthroughline availability away\n"
      "throughline --as sam availability available,on-duty\nthroughline --as sam availability away --person ben");
  set.Option("--person", "person", "Whose (default: yours; a supervisor may set anybody's)");
  auto* request = &set.request();
  CLI::Option* state = set.command()
                           .add_option_function<std::vector<std::string>>(
                               "state",
                               [request](const std::vector<std::string>& states) {
                                 if (states.size() > 1 && absl::c_linear_search(states, "away")) {
                                   throw CLI::ValidationError("state", "who is away is nothing else: write away alone");
                                 }
                                 request->set_available(absl::c_linear_search(states, "available"));
                                 request->set_on_duty(absl::c_linear_search(states, "on-duty"));
                               },
                               "available: unassigned cases may go to this person; on-duty: cases that no rep "
                               "can take come to this supervisor; both, joined by a comma; or away")
                           ->required()
                           ->expected(1, 2)
                           ->delimiter(',')
                           ->type_name("available|on-duty|away")
                           ->check(OneOf({"available", "on-duty", "away"}).description(""));
  set.Fills(state, {"available", "on_duty"});
  set.Option("--team", "team",
             "The team of a person who is not known yet; later, a supervisor changes it: throughline person change");
  set.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(Clean(response.person()), " is ",
                           request.available() ? "available"
                           : request.on_duty() ? "not available for new cases"
                                               : "away",
                           request.on_duty() ? ", on duty" : "", "\n"));
  });
}

}  // namespace throughline::tool
