// `throughline case`: opens and shows cases and records interactions. Ownership commands are in case_ownership.cc.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/case_view.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {
namespace {

void AddOpen(CLI::App& group, Tool& tool) {
  Verb<intake::v1::OpenCaseRequest, intake::v1::OpenCaseResponse> open(
      group, tool, "open", "Opens a case; it has an owner from its first event.",
      "throughline case open --customer C-17 --channel phone --subject 'Lamp is late' \\\n"
      "    --text 'Where is my lamp?' --order SO-1001\n"
      "throughline --as webshop case open --customer C-18 --channel web --subject 'Cannot pay' \\\n"
      "    --text 'The page stays white' --component web-checkout");
  open.Option("--customer", "customer_id", "The customer")->required();
  open.Option("--subject", "subject", "What it is about, in a line")->required();
  open.Option("--text", "text", "What was asked, word for word")->required();
  open.Option("--channel", "channel", "How it came to us")->required();
  open.Option("--order", "order_id", "The order that it is about");
  open.Option("--component", "component_id", "The component that it is about");
  open.Option("--origin", "origin", "What caused it, if not a customer");
  open.Prints([](Tool& out, const auto&, const auto& response) {
    std::string text = absl::StrCat("Opened case ", Clean(response.case_id()), " ; ", Clean(response.owner()),
                                    " answers for it (", Word(response.assignment_reason()), ")\n");
    for (const auto& notice : response.notices()) text += LinkedNoticeLine(notice, out.terminal(), out.now());
    out.Print(text);
  });
}

void AddInteraction(CLI::App& group, Tool& tool) {
  Verb<intake::v1::RecordInteractionRequest, intake::v1::RecordInteractionResponse> interaction(
      group, tool, "interaction", "Records what was said between the customer and us, word for word.",
      "throughline case interaction CASE --channel phone --direction inbound --text 'Still no lamp'\n"
      "throughline case interaction CASE --channel email --direction outbound --text 'It left today' --our-mistake");
  interaction.Argument("case_id", "The case");
  interaction.Option("--channel", "channel", "How")->required();
  interaction.Option("--direction", "direction", "Who spoke: inbound is the customer")->required();
  interaction.Option("--text", "text", "What was said")->required();
  interaction.Option("--our-mistake", "company_mistake", "What we said or did was our mistake");
  interaction.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Recorded interaction ", Clean(response.interaction_id()), " on case ",
                           Clean(response.case_id()),
                           response.repeated_contact() ? " ; the customer had to come back a third time" : "", "\n"));
  });
}

// The case and its ownership come from two services; the second read waits for what the first had seen.
absl::Status Show(Tool& tool, const intake::v1::GetCaseResponse& opened) {
  auto client = tool.client();
  if (!client.ok()) return client.status();
  ownership::v1::GetOwnershipRequest ask;
  ask.set_case_id(opened.case_().case_id());
  ask.set_consistency_token(opened.consistency_token());
  auto owned = (*client)->Call<ownership::v1::GetOwnershipResponse>(ask);
  if (!owned.ok()) return owned.status();
  if (tool.json()) {
    const absl::StatusOr<std::string> both[] = {ToJson(opened), ToJson(owned->ownership())};
    for (const auto& json : both) {
      if (!json.ok()) return json.status();
    }
    tool.Print(WithMember(*both[0], "ownership", *both[1]) + "\n");
  } else {
    tool.Print(RenderCase(opened, owned->ownership(), tool.terminal(), tool.now()));
  }
  return absl::OkStatus();
}

void AddShow(CLI::App& group, Tool& tool) {
  Verb<intake::v1::GetCaseRequest, intake::v1::GetCaseResponse> show(
      group, tool, "show", "A case: who answers for it, what was promised, what was said.",
      "throughline case show CASE\nthroughline case show CASE --json | jq .ownership.promises");
  show.Argument("case_id", "The case");
  show.LimitedTo(0);
  show.Answers([](Tool& out, const auto&, const auto& response) { return Show(out, response); });
}

void AddList(CLI::App& group, Tool& tool) {
  Verb<intake::v1::ListCasesRequest, intake::v1::ListCasesResponse> list(
      group, tool, "list", "Cases, newest first.",
      "throughline case list --owner ana --status open\nthroughline case list --order SO-1001 --json");
  list.Option("--customer", "customer_id", "Only of this customer");
  list.Option("--order", "order_id", "Only about this order");
  list.Option("--component", "component_id", "Only about this component");
  list.Option("--owner", "owner", "Only those for which this person answers now");
  list.Option("--status", "status", "Only in this status");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"CASE"},
                 {"STATUS"},
                 {"OWNER"},
                 {"OPENED"},
                 {"CUSTOMER"},
                 {"ORDER"},
                 {"INTERACTIONS", Column::kWhole, Column::kRight},
                 {"SUBJECT", Column::kMayBeCut}});
    for (const auto& row : response.cases()) {
      table.Row({{row.case_id(), Style::kBold},
                 {Word(row.status()), StatusStyle(row.status())},
                 {row.owner()},
                 {ShowTime(row.opened_at(), out.now())},
                 {row.customer_id()},
                 {row.order_id()},
                 {absl::StrCat(row.inbound_interactions()), row.repeated_contact() ? Style::kYellow : Style::kPlain},
                 {row.subject()}});
    }
    out.Print(table.empty() ? "No cases.\n" : table.Render(out.terminal()));
  });
}

void AddWatch(CLI::App& group, Tool& tool) {
  WatchVerb<intake::v1::WatchCaseRequest, intake::v1::WatchCaseResponse> watch(
      group, tool, "watch", "Shows a case, and again whenever it changes, until interrupted.",
      "throughline case watch CASE\nthroughline case watch CASE --timeout 10m --json");
  watch.Argument("case_id", "The case");
  watch.Prints([](Tool& out, const auto& response) {
    return out.Print(CaseLine(response.case_(), out.terminal(), absl::Now()));
  });
}

}  // namespace

void AddCase(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "case", "Cases: open, record interactions, hand over, resolve, close");
  AddOpen(group, tool);
  AddInteraction(group, tool);
  AddShow(group, tool);
  AddList(group, tool);
  AddWatch(group, tool);
  AddCaseOwnership(group, tool);
}

}  // namespace throughline::tool
