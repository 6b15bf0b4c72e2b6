// `throughline case offer|accept|decline|withdraw|reassign|note|acknowledge|merge|propose|answer|confirm|reject|close|
// reopen`: who owns the case, and whether it is really solved.

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/open_commitment.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/json.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::tool {
namespace {

namespace v1 = ownership::v1;

// A command on one case that prints only that it is done.
template <class Req, class Resp>
class CaseVerb : public Verb<Req, Resp> {
 public:
  CaseVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
           const std::string& examples, const std::string& done)
      : Verb<Req, Resp>(group, tool, name, description, examples) {
    this->Argument("case_id", "The case");
    this->Prints([done](Tool& out, const auto&, const auto& response) {
      out.Print(absl::StrCat(done, " case ", Clean(response.case_id()), " version ", response.version(), "\n"));
    });
  }
};

// Crockford's base32: no letter is taken for a digit.
constexpr char kLetters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kCodeLetters = 20;  // of five bits

// The one-time code that a command gives to a customer. It follows from the caller's credential, which nobody else
// knows, and from the command's id, so that the command can be repeated and the code is stored nowhere.
absl::StatusOr<std::string> AnswerCode(const Tool& tool, const std::string& command_id) {
  std::ifstream file(tool.token_file());
  std::string token;
  if (!(file >> token)) return absl::UnauthenticatedError("cannot read " + tool.token_file());
  const std::string bytes = crypto::Sha256(absl::StrCat("answer code\n", token, "\n", command_id));
  std::string code;
  for (size_t i = 0; i < kCodeLetters; ++i) code += kLetters[static_cast<unsigned char>(bytes[i]) % 32];
  return code;
}

std::string InGroups(const std::string& code) {
  std::string grouped;
  for (size_t i = 0; i < code.size(); ++i) absl::StrAppend(&grouped, i > 0 && i % 4 == 0 ? "-" : "", code.substr(i, 1));
  return grouped;
}

// As a person may have written it.
std::string Canonical(const std::string& typed) {
  std::string code;
  for (const char c : absl::AsciiStrToUpper(typed)) {
    if (c == '-' || c == ' ') continue;
    code += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  }
  return code;
}

void AddHandoff(CLI::App& group, Tool& tool) {
  Verb<v1::OfferHandoffRequest, v1::OfferHandoffResponse> offer(
      group, tool, "offer", "Offers the case to another person; until they accept, its owner answers.",
      "throughline case offer CASE ben --reason 'knows the vendor'\n"
      "throughline --as sam case offer CASE ana --reason 'end of shift' --expires +2h");
  offer.Argument("case_id", "The case");
  offer.Argument("to", "Who is asked to take it");
  offer.Option("--reason", "reason", "Why")->required();
  offer.Option("--expires", "expires_at", "When the offer expires (default: in 30 minutes)");
  offer.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat("Offered to ", Clean(request.to()), ". case ", Clean(response.case_id()), " handoff ",
                           Clean(response.handoff_id()), "\n"));
  });

  CaseVerb<v1::AcceptHandoffRequest, v1::AcceptHandoffResponse> accept(
      group, tool, "accept", "Accepts an offered case: you own it from now on.",
      "throughline --as ben case accept CASE\nthroughline --as ben case accept CASE HANDOFF", "You own it now.");
  accept.TheOpenOne("handoff_id", "The offer");

  CaseVerb<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse> decline(
      group, tool, "decline", "Declines an offer; its owner stays.",
      "throughline --as ben case decline CASE --reason 'on leave from tomorrow'", "Declined.");
  decline.TheOpenOne("handoff_id", "The offer");
  decline.Option("--reason", "reason", "Why")->required();
}

void AddOwnerChanges(CLI::App& group, Tool& tool) {
  CaseVerb<v1::WithdrawHandoffRequest, v1::WithdrawHandoffResponse> withdraw(
      group, tool, "withdraw", "Withdraws the open offer of a case; its owner stays.",
      "throughline case withdraw CASE --reason 'solved meanwhile'", "Withdrawn.");
  withdraw.Option("--handoff", "handoff_id", "The offer (default: the one that is open)");
  withdraw.Option("--reason", "reason", "Why")->required();

  CaseVerb<v1::ReassignCaseRequest, v1::ReassignCaseResponse> reassign(
      group, tool, "reassign", "Makes another person the owner of an open case at once. For supervisors.",
      "throughline --as sam case reassign CASE ana --reason 'ben is ill'", "Reassigned.");
  reassign.Argument("to", "Who owns it from now on");
  reassign.Option("--reason", "reason", "Why")->required();
}

void AddProgress(CLI::App& group, Tool& tool) {
  CaseVerb<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse> work_note(
      group, tool, "note", "Records what was done and what comes next. Waiting for somebody needs our next action.",
      "throughline case note CASE --text 'Asked acme for a date' --waiting-on acme \\\n"
      "    --next 'Call acme again' --next-due +4h",
      "Recorded.");
  work_note.Option("--text", "text", "What was done")->required();
  work_note.Option("--next", "next_action", "What we do next");
  work_note.Due("--next-due", "next_action_due", "By when we do it");
  work_note.Option("--waiting-on", "waiting_on", "Whom or what the case waits for; needs --next and --next-due");
  work_note.List("--done", "done_commitment_ids", "A next action that is done with it");

  CaseVerb<v1::KeepCommitmentRequest, v1::KeepCommitmentResponse> acknowledge(
      group, tool, "acknowledge", "Records that what the customer said last needs no answer.",
      "throughline case acknowledge CASE --why 'only said thank you'", "Acknowledged.");
  acknowledge.Option("--why", "evidence", "Why it needs no answer")->required();
  acknowledge.Completes([&tool](const std::string& command_id, google::protobuf::Message& request) {
    return FillCommitment(tool, command_id, request, [](const v1::OwnershipView& view, const v1::CommitmentView& one) {
      const auto last = std::find_if(view.commitments().rbegin(), view.commitments().rend(), [](const auto& reply) {
        return reply.commitment().kind() == v1::COMMITMENT_KIND_REPLY;
      });
      return view.has_unanswered() && &one == &*last;
    });
  });

  Verb<v1::MergeCasesRequest, v1::MergeCasesResponse> merge(
      group, tool, "merge", "Makes two cases of one customer one. The older goes on, whichever is named first.",
      "throughline case merge CASE CASE --reason 'the same lamp'");
  merge.Argument("case_id", "A case");
  merge.Argument("other_case_id", "The other case");
  merge.Option("--reason", "reason", "Why they are one")->required();
  merge.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Merged ", Clean(response.merged_case_id()), ". case ", Clean(response.case_id()),
                           " goes on; ", Clean(response.owner()), " owns it\n"));
  });
}

void AddResolution(CLI::App& group, Tool& tool) {
  Verb<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse> propose(
      group, tool, "propose", "Proposes a resolution to the customer.",
      "throughline case propose CASE --text 'A new lamp leaves today'\n"
      "throughline case propose CASE --text 'A new lamp leaves today' --code   # prints a code for the customer");
  propose.Argument("case_id", "The case");
  propose.Option("--text", "text", "What is proposed, as the customer is told")->required();
  propose.Option("--calendar", "calendar",
                 "The server's calendar by which the customer's silence counts (default: the case's, else a setting)");
  const auto with_code = std::make_shared<bool>(false);
  propose.Fills(propose.command().add_flag("--code", *with_code,
                                           "Make a one-time code with which the customer can answer (case answer)"),
                {"code_sha256"});
  propose.Completes([&tool, with_code](const std::string& command_id, google::protobuf::Message& request) {
    if (!*with_code) return absl::OkStatus();
    auto code = AnswerCode(tool, command_id);
    if (!code.ok()) return code.status();
    static_cast<v1::ProposeResolutionRequest&>(request).set_code_sha256(crypto::Sha256(*code));
    return absl::OkStatus();
  });
  propose.Answers([with_code](Tool& out, const auto&, const auto& response) -> absl::Status {
    std::string code;
    if (*with_code) {
      auto made = AnswerCode(out, response.command_id());
      if (!made.ok()) return made.status();
      code = InGroups(*made);
    }
    if (out.json()) {
      auto json = ToJson(response);
      if (!json.ok()) return json.status();
      if (!code.empty()) json = WithMember(*std::move(json), "code", absl::StrCat("\"", code, "\""));
      out.Print(*json + "\n");
    } else {
      out.Print(absl::StrCat("Proposed. case ", Clean(response.case_id()), " version ", response.version(),
                             code.empty() ? "" : " code " + code, "\n"));
    }
    return absl::OkStatus();
  });

  CaseVerb<v1::AnswerResolutionRequest, v1::AnswerResolutionResponse> answer(
      group, tool, "answer", "Records the customer's own answer to the proposed resolution, proved by their code.",
      "throughline case answer CASE --code 7Q2M-9KXW-4T5R-81ZC-0D3E --confirmed\n"
      "throughline case answer CASE --code 7Q2M-9KXW-4T5R-81ZC-0D3E --words 'It still flickers'",
      "Recorded.");
  answer.Option("--code", "code", "The code that the customer got, with or without the dashes")->required();
  answer.Option("--confirmed", "confirmed", "They say that it is solved");
  answer.Option("--words", "words", "What they say; required unless they confirm");
  answer.Completes([](const std::string&, google::protobuf::Message& request) {
    auto& answered = static_cast<v1::AnswerResolutionRequest&>(request);
    answered.set_code(Canonical(answered.code()));
    return absl::OkStatus();
  });

  CaseVerb<v1::ConfirmResolutionRequest, v1::ConfirmResolutionResponse> confirm(
      group, tool, "confirm", "Records that the customer confirmed the proposed resolution.",
      "throughline case confirm CASE --evidence 'by phone: it works, thank you'", "Confirmed.");
  confirm.Option("--evidence", "evidence", "How they confirmed: their words, or where they stand")->required();
  confirm.Option("--seen", "last_interaction_seen", "The customer's last interaction that you have seen");

  CaseVerb<v1::RejectResolutionRequest, v1::RejectResolutionResponse> reject(
      group, tool, "reject", "Records that the customer did not accept the proposed resolution.",
      "throughline case reject CASE --reason 'wants the same colour'", "Open again.");
  reject.Option("--reason", "reason", "Why, in the customer's words")->required();

  CaseVerb<v1::CloseCaseRequest, v1::CloseCaseResponse> close(
      group, tool, "close",
      "Closes a case. Without the customer's confirmation it needs a reason and what was offered.",
      "throughline case close CASE\n"
      "throughline case close CASE --reason 'no answer for two weeks' --offered 'refund' --offered 'replacement'",
      "Closed.");
  close.Option("--reason", "reason", "Why; required unless the customer confirmed");
  close.Option("--offered", "options_offered", "What the customer was offered instead, once per option");
  close.Option("--seen", "last_interaction_seen", "The customer's last interaction that you have seen");

  CaseVerb<v1::ReopenCaseRequest, v1::ReopenCaseResponse> reopen(
      group, tool, "reopen", "Opens a closed case again, with its owner and its history.",
      "throughline case reopen CASE --reason 'broke again'", "Open again.");
  reopen.Option("--reason", "reason", "Why")->required();
}

}  // namespace

void AddCaseOwnership(CLI::App& group, Tool& tool) {
  AddHandoff(group, tool);
  AddOwnerChanges(group, tool);
  AddProgress(group, tool);
  AddResolution(group, tool);
}

}  // namespace throughline::tool
