// `throughline case`: opens, splits and shows cases and records interactions. Ownership commands are in
// case_ownership.cc.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/options/attachment.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/case_view.h"
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

// --attach of `case open` and `case interaction`.
template <class V>
void AddAttachments(V& verb) {
  auto* request = &verb.request();
  CLI::Option* option = verb.command().template add_option_function<std::vector<std::string>>(
      "--attach",
      [request](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          // Errors are reported by the check below.
          if (auto read = ReadAttachment("--attach", text); read.ok()) *request->add_attachments() = *std::move(read);
        }
      },
      kAttachmentHelp);
  verb.Fills(option, {"attachments"});
  option->type_name(kAttachmentType)->allow_extra_args(false);
  option->check(CLI::Validator(
      [](const std::string& text) { return std::string(ReadAttachment("--attach", text).status().message()); }, ""));
}

std::string Opened(const intake::v1::OpenCaseResponse& response, Tool& out) {
  const std::string who = Clean(response.owner());
  std::string text =
      response.joined()
          ? absl::StrCat("Joined open case ", Clean(response.case_id()), " ; ", who, " answers for it",
                         response.interaction_id().empty() ? " and is told of it"
                                                           : " ; interaction " + Clean(response.interaction_id()),
                         response.repeated_contact() ? " ; the customer had to come back again" : "", "\n")
          : absl::StrCat("Opened case ", Clean(response.case_id()), " ; ", who, " answers for it (",
                         Word(response.assignment_reason()), ")\n");
  for (const auto& notice : response.notices()) text += LinkedNoticeLine(notice, out.terminal(), out.now());
  for (const auto& unknown : response.unknown_components()) {
    absl::StrAppend(
        &text, "Component `", Clean(unknown.component_id()), "` is not defined: no notice is linked about it",
        unknown.near().empty() ? "" : absl::StrCat(" ; near: ", Clean(absl::StrJoin(unknown.near(), ", "))), "\n");
  }
  return text;
}

void AddOpen(CLI::App& group, Tool& tool) {
  Verb<intake::v1::OpenCaseRequest, intake::v1::OpenCaseResponse> open(
      group, tool, "open", "Opens a case with an owner; words about an open case's matter join that case.",
      "throughline case open --customer C-17 --channel phone --subject 'Lamp is late' \\\n"
      "    --text 'Where is my lamp?' --order SO-1001\n"
      "throughline --as webshop case open --customer C-18 --channel web --subject 'Cannot pay' \\\n"
      "    --text 'The page stays white' --component web-checkout --language de");
  open.Option("--customer", "customer_id", "The customer")->required();
  open.Option("--subject", "subject", "What it is about, in a line")->required();
  open.Option("--text", "text", "What was asked, word for word")->required();
  open.Option("--channel", "channel", "How it came to us")->required();
  open.Option("--order", "order_id", "The order that it is about");
  open.Option("--region", "region", "In which region the customer met it");
  auto* request = &open.request();
  CLI::Option* components = open.command().add_option_function<std::vector<std::string>>(
      "--component",
      [request](const std::vector<std::string>& ids) {
        for (const std::string& id : ids) {
          if (request->has_component_id()) {
            request->add_further_component_ids(id);
          } else {
            request->set_component_id(id);
          }
        }
      },
      "The component that it is about; once per component");
  components->type_name("TEXT")->allow_extra_args(false);
  open.Fills(components, {"component_id", "further_component_ids"});
  open.Option("--origin", "origin", "What caused it, if not a customer");
  open.Option("--language", "language", "The language that the customer speaks, for instance de or pt-BR");
  open.List("--skill", "skills", "What the owner should know to do, if nobody takes the case");
  open.Due("--next-update", "next_update_due", "By when the customer hears from us next");
  open.Option("--customer-calendar", "customer_calendar",
              "The server's calendar by which this customer's silence counts (default: a setting)");
  open.Option("--separate", "separate", "Open a new case even if the customer has an open one about this");
  AddAttachments(open);
  open.Prints([](Tool& out, const auto&, const auto& response) { out.Print(Opened(response, out)); });
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
  interaction.Option("--speaker", "speaker", "Who spoke, if not you (outbound) or the customer (inbound)");
  interaction.Option("--said-at", "said_at", "When it was said, if not now");
  interaction.Due("--next-update", "next_update_due", "By when the customer hears from us next, as they were told");
  AddAttachments(interaction);
  interaction.Prints([](Tool& out, const auto& request, const auto& response) {
    const std::string& next = response.continued_by_case_id();
    out.Print(absl::StrCat(
        "Recorded interaction ", Clean(response.interaction_id()), " on case ", Clean(response.case_id()),
        response.case_id() == request.case_id() ? "" : ", which goes on in its place",
        response.repeated_contact() ? " ; the customer had to come back again" : "",
        next.empty() ? "" : absl::StrCat(" ; it had been closed for long: case ", Clean(next), " continues it"),
        response.owner().empty() ? "" : absl::StrCat(" ; ", Clean(response.owner()), " answers"), "\n"));
  });
}

void AddSplit(CLI::App& group, Tool& tool) {
  Verb<intake::v1::SplitCaseRequest, intake::v1::SplitCaseResponse> split(
      group, tool, "split", "Makes a part of a case a case of its own, with the same owner.",
      "throughline case split CASE --subject 'Scratched' --text 'And it is scratched' --reason 'two things' \\\n"
      "    --order SO-1002");
  split.Argument("case_id", "The case");
  split.Option("--subject", "subject", "What the new case is about, in a line")->required();
  split.Option("--text", "text", "What it is about, word for word")->required();
  split.Option("--reason", "reason", "Why it is a case of its own")->required();
  split.Option("--order", "order_id", "The order that the new case is about");
  split.Option("--component", "component_id", "The component that the new case is about");
  split.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Case ", Clean(response.new_case_id()), " is a case of its own now ; ",
                           Clean(response.owner()), " answers for it\n"));
  });
}

void AddUnlink(CLI::App& group, Tool& tool) {
  Verb<intake::v1::UnlinkNoticeRequest, intake::v1::UnlinkNoticeResponse> unlink(
      group, tool, "unlink", "Says that a case is not about what a notice is about.",
      "throughline case unlink CASE NOTICE --reason 'they mean the app'");
  unlink.Argument("case_id", "The case");
  unlink.Argument("notice_id", "The notice");
  unlink.Option("--reason", "reason", "Why it is not about it")->required();
  unlink.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat("Case ", Clean(response.case_id()), " is not linked to notice ", Clean(request.notice_id()),
                           " any more\n"));
  });
}

void AddMistake(CLI::App& group, Tool& tool) {
  Verb<intake::v1::MarkMistakeRequest, intake::v1::MarkMistakeResponse> mistake(
      group, tool, "mistake", "Marks something that we said or did as our mistake.",
      "throughline case mistake CASE INTERACTION --reason 'it comes on Tuesday'\n"
      "throughline case mistake CASE CASE --reason 'we had noticed it too late'");
  mistake.Argument("case_id", "The case");
  mistake.Argument("interaction_id", "The interaction; the case for its opening");
  mistake.Option("--reason", "reason", "What was wrong")->required();
  mistake.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat("Interaction ", Clean(request.interaction_id()), " of case ", Clean(response.case_id()),
                           " is marked as our mistake\n"));
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
  list.Option("--id", "case_id_prefix", "Only those whose ids begin so");
  list.Completes([](const std::string&, google::protobuf::Message& message) {
    auto& request = static_cast<intake::v1::ListCasesRequest&>(message);
    request.set_case_id_prefix(absl::AsciiStrToUpper(request.case_id_prefix()));
    return absl::OkStatus();
  });
  list.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(RenderCases({response.cases().begin(), response.cases().end()}, out.terminal(), out.now()));
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
  AddSplit(group, tool);
  AddMistake(group, tool);
  AddUnlink(group, tool);
  AddShow(group, tool);
  AddList(group, tool);
  AddWatch(group, tool);
  AddCaseOptions(group, tool);
  AddCaseHistory(group, tool);
  AddCaseSearch(group, tool);
  AddCaseOwnership(group, tool);
}

}  // namespace throughline::tool
