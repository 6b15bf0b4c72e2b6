// `throughline case offer|accept|decline|withdraw|reassign|note|propose|confirm|reject|close|reopen`: who owns the
// case, and whether it is really solved.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
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
  work_note.Option("--next-due", "next_action_due", "By when we do it");
  work_note.Option("--waiting-on", "waiting_on", "Whom or what the case waits for; needs --next and --next-due");
}

void AddResolution(CLI::App& group, Tool& tool) {
  CaseVerb<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse> propose(
      group, tool, "propose", "Proposes a resolution to the customer.",
      "throughline case propose CASE --text 'A new lamp leaves today'", "Proposed.");
  propose.Option("--text", "text", "What is proposed, as the customer is told")->required();

  CaseVerb<v1::ConfirmResolutionRequest, v1::ConfirmResolutionResponse> confirm(
      group, tool, "confirm", "Records that the customer confirmed the proposed resolution.",
      "throughline case confirm CASE --evidence 'by phone: it works, thank you'", "Confirmed.");
  confirm.Option("--evidence", "evidence", "How they confirmed: their words, or where they stand")->required();

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
