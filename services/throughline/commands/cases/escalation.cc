// `throughline escalate`: raises a case to whoever stands above its owner. `throughline escalation`: what they do with
// it.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/times.h"
#include "throughline/ownership/v1/escalation.pb.h"

namespace throughline::tool {

void AddEscalation(CLI::App& app, Tool& tool) {
  namespace v1 = ownership::v1;
  Verb<v1::EscalateCaseRequest, v1::EscalateCaseResponse> escalate(
      app, tool, "escalate",
      "Raises a case to whoever stands above its owner, who stays the owner. It climbs until it is acknowledged.",
      "throughline escalate CASE --reason 'acme does not answer, and she needs it on Friday'");
  escalate.Argument("case_id", "The case");
  escalate.Option("--reason", "reason", "Why it needs somebody above its owner")->required();
  escalate.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Escalated", response.to().empty() ? "" : " to ", Clean(response.to()),
                           response.has_due() ? ", who acknowledges it by " : "",
                           response.has_due() ? ShowTime(response.due(), out.now()) : "", ". case ",
                           Clean(response.case_id()), "\n"));
  });

  CLI::App& group = Group(app, "escalation", "Cases that were escalated to you: acknowledged, and decided");
  Verb<v1::AcknowledgeEscalationRequest, v1::AcknowledgeEscalationResponse> acknowledge(
      group, tool, "ack", "Takes care of an escalation: it climbs no further, and you decide.",
      "throughline --as sam escalation ack CASE");
  acknowledge.Argument("case_id", "The case");
  acknowledge.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Acknowledged", response.has_due() ? "; decide by " : "",
                           response.has_due() ? ShowTime(response.due(), out.now()) : "", ". case ",
                           Clean(response.case_id()), "\n"));
  });
  acknowledge.command().alias("acknowledge");

  Verb<v1::SettleEscalationRequest, v1::SettleEscalationResponse> done(
      group, tool, "done", "Ends an escalation with what was decided.",
      "throughline --as sam escalation done CASE --decision 'we buy the part elsewhere, today'");
  done.Argument("case_id", "The case");
  done.Option("--decision", "decision", "What was decided")->required();
  done.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Settled. case ", Clean(response.case_id()), " version ", response.version(), "\n"));
  });
}

}  // namespace throughline::tool
