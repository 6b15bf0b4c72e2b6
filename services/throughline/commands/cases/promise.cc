// `throughline promise`: what the customer was promised and by when. `throughline commitment`: whatever is owed about a
// case. `throughline help`: what others are asked for about it.

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/open_commitment.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::tool {
namespace {

namespace v1 = ownership::v1;

// A command on one commitment. Without an id it means the only open one of a kind: of `kind`, or of that which --kind
// names, or of those that people make.
template <class Req, class Resp>
class CommitmentVerb : public Verb<Req, Resp> {
 public:
  CommitmentVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
                 const std::string& examples, const std::string& done, const std::string& kind = "")
      : Verb<Req, Resp>(group, tool, name, description, examples) {
    this->Argument("case_id", "The case");
    this->Argument("commitment_id", "Which one (default: the one that is open)")->required(false);
    const auto named = std::make_shared<std::string>(kind);
    if (kind.empty()) {
      CLI::Option* of_kind =
          this->command()
              .add_option("--kind", *named, "Of which kind, if no id is given (default: a promise or a next action)")
              ->check(CLI::Validator(
                  [](std::string& text) {
                    return ParseWord(*v1::CommitmentKind_descriptor(), text)
                               ? ""
                               : "`" + text + "` is no kind of commitment";
                  },
                  ""))
              ->type_name("KIND");
      this->Fills(of_kind, {"kind"});
    }
    this->Completes([&tool, named](const std::string& command_id, google::protobuf::Message& request) {
      return FillCommitment(tool, command_id, request, [&](const auto&, const v1::CommitmentView& one) {
        const v1::CommitmentKind kind = one.commitment().kind();
        const auto asked = ParseWord(*v1::CommitmentKind_descriptor(), *named);
        const bool by_people = kind == v1::COMMITMENT_KIND_PROMISE || kind == v1::COMMITMENT_KIND_NEXT_ACTION;
        const bool meant = named->empty() ? by_people : asked == kind;
        return meant && one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
      });
    });
    this->Prints([done](Tool& out, const auto& request, const auto& response) {
      out.Print(absl::StrCat(done, " case ", Clean(response.case_id()), " commitment ", Clean(request.commitment_id()),
                             "\n"));
    });
  }
};

}  // namespace

void AddPromise(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "promise", "Promises to customers: made, kept or renegotiated in time, or broken");
  Verb<ownership::v1::MakePromiseRequest, ownership::v1::MakePromiseResponse> make(
      group, tool, "make", "Records what the customer was promised and by when.",
      "throughline promise make CASE --what 'We call you back with a date' --due +2h\n"
      "throughline promise make CASE --what 'You get the part' --due '2 business days'");
  make.Argument("case_id", "The case");
  make.Option("--what", "text", "What is promised, in the words that the customer heard")->required();
  make.Due("--due", "due", "By when")->required();
  make.Option("--to", "to", "To whom (default: the case's customer)");
  make.Prints([](Tool& out, const auto&, const auto& response) {
    const std::string due = ShowTime(response.due(), out.now());
    out.Print(absl::StrCat("Promised", due.empty() ? "" : " by ", due, ". case ", Clean(response.case_id()),
                           " promise ", Clean(response.promise_id()), "\n"));
  });

  Verb<ownership::v1::KeepPromiseRequest, ownership::v1::KeepPromiseResponse> keep(
      group, tool, "keep", "Records that a promise was kept, at or before its due time.",
      "throughline promise keep CASE --how 'Called; the lamp comes on Friday'");
  keep.Argument("case_id", "The case");
  keep.TheOpenOne("promise_id", "The promise");
  keep.Option("--how", "evidence", "How it was kept")->required();
  keep.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Kept. case ", Clean(response.case_id()), " version ", response.version(), "\n"));
  });

  Verb<ownership::v1::RenegotiatePromiseRequest, ownership::v1::RenegotiatePromiseResponse> renegotiate(
      group, tool, "renegotiate", "Moves a promise's due time, agreed with the customer before the old one has passed.",
      "throughline promise renegotiate CASE --due +1d --reason 'the vendor answers tomorrow'\n"
      "throughline promise renegotiate CASE --due '1 business day' --reason 'the vendor answers tomorrow'");
  renegotiate.Argument("case_id", "The case");
  renegotiate.TheOpenOne("promise_id", "The promise");
  renegotiate.Due("--due", "new_due", "By when from now on")->required();
  renegotiate.Option("--reason", "reason", "Why, as the customer was told")->required();
  renegotiate.Prints([](Tool& out, const auto&, const auto& response) {
    const std::string due = ShowTime(response.due(), out.now());
    out.Print(absl::StrCat("Moved", due.empty() ? "" : " to ", due, ". case ", Clean(response.case_id()), " version ",
                           response.version(), "\n"));
  });
  renegotiate.command().alias("move");

  CommitmentVerb<v1::WithdrawCommitmentRequest, v1::WithdrawCommitmentResponse> withdraw(
      group, tool, "withdraw", "Withdraws a promise before it is due.",
      "throughline promise withdraw CASE --reason 'the customer cancelled the order'", "Withdrawn.", "promise");
  withdraw.Option("--reason", "reason", "Why, as the customer was told")->required();
  AddPromiseList(group, tool);
}

void AddCommitment(CLI::App& app, Tool& tool) {
  CLI::App& group =
      Group(app, "commitment", "What is owed about a case: promises, next actions, next updates, replies");
  CommitmentVerb<v1::KeepCommitmentRequest, v1::KeepCommitmentResponse> keep(
      group, tool, "keep", "Records that a commitment was kept, at or before its due time.",
      "throughline commitment keep CASE --how 'acme says Friday'\n"
      "throughline commitment keep CASE --kind next-update --how 'told her on the phone'",
      "Kept.");
  keep.Option("--how", "evidence", "How it was kept")->required();

  CommitmentVerb<v1::RenegotiateCommitmentRequest, v1::RenegotiateCommitmentResponse> move(
      group, tool, "move", "Moves a commitment's due time before the old one has passed.",
      "throughline commitment move CASE --kind next-update --due +3d --reason 'she is away until then'", "Moved.");
  move.Due("--due", "new_due", "By when from now on")->required();
  move.Option("--reason", "reason", "Why, as the one to whom it is owed was told")->required();

  CommitmentVerb<v1::WithdrawCommitmentRequest, v1::WithdrawCommitmentResponse> withdraw(
      group, tool, "withdraw", "Withdraws a commitment before it is due.",
      "throughline commitment withdraw CASE --reason 'solved meanwhile'", "Withdrawn.");
  withdraw.Option("--reason", "reason", "Why")->required();
}

void AddHelpRequests(CLI::App& app, Tool& tool) {
  CLI::App& group =
      Group(app, "help", "Help with a case: asked of a person or a team by a time, done, or handed back in time");
  Verb<v1::RequestHelpRequest, v1::RequestHelpResponse> ask(
      group, tool, "ask", "Asks another person or team for one thing by a time. The owner of the case does not change.",
      "throughline help ask CASE ben --what 'What does it cost?' --due +2h\n"
      "throughline help ask CASE --team prices --what 'What does it cost?' --due +2h");
  ask.Argument("case_id", "The case");
  ask.Argument("to", "Who is asked")->required(false);
  ask.Option("--team", "team", "The team that is asked, instead: whoever of it is here and has least to do");
  ask.Option("--what", "text", "What they are asked for")->required();
  ask.Due("--due", "due", "By when")->required();
  ask.Prints([](Tool& out, const auto&, const auto& response) {
    const std::string due = ShowTime(response.due(), out.now());
    out.Print(absl::StrCat("Asked ", Clean(response.helper()), due.empty() ? "" : " by " + due, ". case ",
                           Clean(response.case_id()), " commitment ", Clean(response.commitment_id()), "\n"));
  });

  CommitmentVerb<v1::KeepCommitmentRequest, v1::KeepCommitmentResponse> done(
      group, tool, "done", "Records that help was given, at or before its due time, and what changed.",
      "throughline --as ben help done CASE --what-changed 'It costs 12; the customer may have it for 10'", "Helped.",
      "help");
  done.Option("--what-changed", "evidence", "What changed")->required();

  CommitmentVerb<v1::HandBackHelpRequest, v1::HandBackHelpResponse> give_back(
      group, tool, "return", "Hands a request for help back to the case's owner before it is due.",
      "throughline --as ben help return CASE --reason 'only the vendor knows'", "Handed back.", "help");
  give_back.Option("--reason", "reason", "Why")->required();
}

}  // namespace throughline::tool
