// `throughline case options`: what the caller may do for the customer of a case. `throughline remedy`: what customers
// get, asked for, decided and paid. `throughline approve`: a supervisor's decision.

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

#include "libs/money/money.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/case_view.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::tool {
namespace {

namespace v1 = ownership::v1;

// A command on one remedy of a case; the one that waits for something, if none is named.
template <class Req, class Resp>
class RemedyVerb : public Verb<Req, Resp> {
 public:
  RemedyVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
             const std::string& examples, const std::string& done)
      : Verb<Req, Resp>(group, tool, name, description, examples) {
    this->Argument("case_id", "The case");
    this->TheOpenOne("remedy_id", "The remedy");
    this->Prints([done](Tool& out, const auto& request, const auto& response) {
      out.Print(absl::StrCat(done, " case ", Clean(response.case_id()), " remedy ", Clean(request.remedy_id()), "\n"));
    });
  }
};

// `--amount '20.00 USD'`.
template <class Req, class Resp>
CLI::Option* AddAmount(Verb<Req, Resp>& verb, const std::string& description) {
  CLI::App& command = verb.command();
  CLI::Option* option = command.add_option_function<std::string>(
      "--amount",
      [request = &verb.request()](const std::string& text) {
        const auto amount = money::ParseMoney(text);
        if (amount.ok()) *request->mutable_amount() = *amount;
      },
      description);
  option->type_name("AMOUNT")->check(CLI::Validator(
      [](std::string& text) {
        const auto amount = money::ParseMoney(text);
        return amount.ok() ? std::string() : std::string(amount.status().message());
      },
      ""));
  verb.Fills(option, {"amount", "amount.currency", "amount.minor_units"});
  return option;
}

template <class Req, class Resp>
void AddWhat(Verb<Req, Resp>& verb) {
  verb.Argument("case_id", "The case");
  verb.Option("--kind", "kind", "What the customer gets")->required();
  AddAmount(verb, "How much, for instance '20.00 USD'")->required();
  verb.Option("--reason", "reason", "Why")->required();
}

std::string LimitedBy(const v1::RemedyOption& option) {
  if (option.up_to().minor_units() > 0 || option.limits().has_per_case()) return Word(option.limited_by());
  return "no authority";
}

bool IsSameButKind(const v1::RemedyOption& a, v1::RemedyOption b) {
  b.set_kind(a.kind());
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

std::string RenderOptions(const v1::GetCaseOptionsResponse& options, const Terminal& terminal, absl::Time now) {
  std::string text;
  if (!options.not_now().empty()) absl::StrAppend(&text, "Not now: ", Clean(options.not_now()), ".\n");
  if (options.raised_by_mistake()) absl::StrAppend(&text, "The limits are raised: we made a mistake in this case.\n");
  Table table({{"YOU MAY GRANT"}, {"LIMITED BY"}, {"ABOVE THAT"}, {"DECIDES BY"}, {"AS", Column::kWraps}});
  for (int i = 0; i < options.remedies_size(); ++i) {
    // Kinds of which the same is said share a row.
    const auto& option = options.remedies(i);
    std::string kinds = Word(option.kind());
    while (i + 1 < options.remedies_size() && IsSameButKind(option, options.remedies(i + 1))) {
      absl::StrAppend(&kinds, ", ", Word(options.remedies(++i).kind()));
    }
    const bool may = option.up_to().minor_units() > 0;
    table.Row({{may ? "up to " + money::MoneyText(option.up_to()) : "nothing in " + option.up_to().currency(),
                may ? Style::kGreen : Style::kPlain},
               {LimitedBy(option)},
               {option.approver().empty() ? "nobody is there" : option.approver()},
               {option.has_decision_due() ? ShowTime(option.decision_due(), now) : ""},
               {kinds}});
  }
  if (!table.empty()) absl::StrAppend(&text, table.Render(terminal));
  for (const auto& granted : options.granted()) {
    if (granted.minor_units() > 0) absl::StrAppend(&text, "Granted in this case: ", money::MoneyText(granted), "\n");
  }
  if (options.more_time()) {
    absl::StrAppend(&text, "More time: promise to come back, `throughline promise make CASE --what ... --due ...`",
                    options.has_next_update_due()
                        ? "; the customer hears from us by " + ShowTime(options.next_update_due(), now)
                        : "",
                    "\n");
  }
  return text;
}

void AddAsking(CLI::App& group, Tool& tool) {
  Verb<v1::GrantRemedyRequest, v1::GrantRemedyResponse> grant(
      group, tool, "grant", "Grants the customer something within your authority, without asking.",
      "throughline remedy grant CASE --kind refund --amount '20.00 USD' --reason 'we said it was cheaper'");
  AddWhat(grant);
  grant.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat("Granted ", money::MoneyText(request.amount()), ". case ", Clean(response.case_id()),
                           " remedy ", Clean(response.remedy_id()), "\n"));
  });

  Verb<v1::RequestRemedyRequest, v1::RequestRemedyResponse> request(
      group, tool, "request", "Asks a supervisor for a remedy above your authority. They owe the decision by a time.",
      "throughline remedy request CASE --kind refund --amount '80.00 USD' --reason 'we said it was cheaper'");
  AddWhat(request);
  request.Prints([](Tool& out, const auto&, const auto& response) {
    const std::string due = response.has_decision_due() ? ShowTime(response.decision_due(), out.now()) : "";
    out.Print(absl::StrCat("Asked ", Clean(response.approver()), due.empty() ? "" : ", who decides by ", due, ". case ",
                           Clean(response.case_id()), " remedy ", Clean(response.remedy_id()), "\n"));
  });

  RemedyVerb<v1::WithdrawRemedyRequest, v1::WithdrawRemedyResponse> withdraw(
      group, tool, "withdraw", "Gives up a request, a counter-offer, or a remedy whose payment failed.",
      "throughline remedy withdraw CASE --reason 'the customer wants a replacement instead'", "Given up.");
  withdraw.Option("--reason", "reason", "Why")->required();

  RemedyVerb<v1::AnswerCounterOfferRequest, v1::AnswerCounterOfferResponse> accept(
      group, tool, "accept", "Records that the customer takes what a supervisor offers instead.",
      "throughline remedy accept CASE", "Granted.");
  accept.request().set_accepted(true);
  RemedyVerb<v1::AnswerCounterOfferRequest, v1::AnswerCounterOfferResponse> reject(
      group, tool, "reject", "Records that the customer does not take what a supervisor offers instead.",
      "throughline remedy reject CASE --reason 'she paid in cash'", "Not taken.");
  reject.Option("--reason", "reason", "Why, in the customer's words")->required();

  RemedyVerb<v1::RetryRemedyRequest, v1::RetryRemedyResponse> retry(
      group, tool, "retry", "Has a remedy whose payment failed paid again.",
      "throughline remedy retry CASE --reason 'the account number is right now'", "To be paid again.");
  retry.Option("--reason", "reason", "What was done about the failure")->required();
}

void AddApproval(CLI::App& group, Tool& tool, const std::string& name, const std::string& example) {
  RemedyVerb<v1::ApproveRemedyRequest, v1::ApproveRemedyResponse> approve(
      group, tool, name, "Approves a remedy that you are asked for, or a part of it: it is granted.", example,
      "Approved.");
  AddAmount(approve, "How much, at most what was asked for (default: all of it)");
}

void AddDeciding(CLI::App& group, Tool& tool) {
  AddApproval(group, tool, "approve",
              "throughline --as sam remedy approve CASE\n"
              "throughline --as sam remedy approve CASE --amount '60.00 USD'");
  RemedyVerb<v1::DeclineRemedyRequest, v1::DeclineRemedyResponse> decline(
      group, tool, "decline", "Declines a remedy that you are asked for.",
      "throughline --as sam remedy decline CASE --reason 'it was refunded on Monday'", "Declined.");
  decline.Option("--reason", "reason", "Why")->required();
  RemedyVerb<v1::CounterRemedyRequest, v1::CounterRemedyResponse> counter(
      group, tool, "counter", "Offers another remedy instead of the one that you are asked for.",
      "throughline --as sam remedy counter CASE --kind credit --amount '60.00 USD' --reason 'for the next order'",
      "Offered.");
  counter.Option("--kind", "kind", "What the customer gets instead")->required();
  AddAmount(counter, "How much of it")->required();
  counter.Option("--reason", "reason", "Why")->required();
}

void AddShowing(CLI::App& group, Tool& tool) {
  Verb<v1::GetOwnershipRequest, v1::GetOwnershipResponse> list(
      group, tool, "list", "The remedies of a case: asked for, decided, paid.", "throughline remedy list CASE");
  list.Argument("case_id", "The case");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    const std::string table = RenderRemedies(response.ownership(), out.terminal(), out.now());
    out.Print(table.empty() ? "None.\n" : table);
  });

  Verb<v1::GetOwnershipRequest, v1::GetOwnershipResponse> show(
      group, tool, "show", "One remedy, with all that is known.", "throughline remedy show CASE REMEDY");
  show.Argument("case_id", "The case");
  const auto remedy_id = std::make_shared<std::string>();
  show.Fills(show.command().add_option("remedy_id", *remedy_id, "The remedy")->required()->type_name("REMEDY"),
             {"remedy_id"});
  show.Answers([remedy_id](Tool& out, const auto&, const auto& response) -> absl::Status {
    std::string wanted = absl::AsciiStrToUpper(*remedy_id);
    for (const auto& remedy : response.ownership().remedies()) {
      if (!absl::StartsWith(remedy.remedy_id(), wanted)) continue;
      if (out.json()) {
        out.PrintJson(remedy);
      } else {
        out.Print(RenderRemedy(remedy, out.terminal(), out.now()));
      }
      return absl::OkStatus();
    }
    return absl::NotFoundError("the case has no such remedy: `throughline remedy list` shows them");
  });
}

void AddPaying(CLI::App& group, Tool& tool) {
  Verb<v1::ListRemediesToPayRequest, v1::ListRemediesToPayResponse> list(
      group, tool, "to-pay", "The remedies that a paying system is to pay, those granted first at the beginning.",
      "throughline --as shop remedy to-pay\nthroughline --as shop remedy to-pay --handed-off --json");
  list.Option("--handed-off", "include_handed_off", "Also those that were handed off and have no outcome yet");
  list.List("--kind", "kinds", "Only of these kinds");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    Table table({{"CASE"}, {"REMEDY"}, {"PAYMENT"}, {"KIND"}, {"AMOUNT"}, {"CUSTOMER"}, {"HANDED TO"}});
    for (const auto& one : response.remedies()) {
      const auto& remedy = one.remedy();
      table.Row({{one.case_id()},
                 {remedy.remedy_id()},
                 {remedy.payment_id()},
                 {Word(remedy.kind())},
                 {money::MoneyText(remedy.amount())},
                 {remedy.customer_id()},
                 {remedy.handed_off_to()}});
    }
    out.Print(table.empty() ? "Nothing is to be paid.\n" : table.Render(out.terminal()));
  });

  const auto add_payment = [](auto& verb, const std::string& done) {
    verb.Argument("case_id", "The case");
    verb.Argument("remedy_id", "The remedy");
    verb.Argument("payment_id", "The payment, as to-pay names it");
    verb.Prints([done](Tool& out, const auto& request, const auto& response) {
      out.Print(absl::StrCat(done, " case ", Clean(response.case_id()), " remedy ", Clean(request.remedy_id()), "\n"));
    });
  };
  Verb<v1::HandOffRemedyRequest, v1::HandOffRemedyResponse> take(
      group, tool, "hand-off", "Takes a remedy, to pay it: no other system may from here on.",
      "throughline --as shop remedy hand-off CASE REMEDY PAYMENT");
  add_payment(take, "Yours to pay.");
  Verb<v1::RecordRemedyOutcomeRequest, v1::RecordRemedyOutcomeResponse> paid(
      group, tool, "paid", "Records that a remedy was paid. Final.",
      "throughline --as shop remedy paid CASE REMEDY PAYMENT --reference T-1001");
  paid.request().set_outcome(v1::PAYMENT_OUTCOME_PAID);
  add_payment(paid, "Paid.");
  paid.Option("--reference", "reference", "What the paying system calls the payment")->required();
  Verb<v1::RecordRemedyOutcomeRequest, v1::RecordRemedyOutcomeResponse> failed(
      group, tool, "failed", "Records that a payment failed: it goes back to the owner of the case.",
      "throughline --as shop remedy failed CASE REMEDY PAYMENT --reason 'no such account'");
  failed.request().set_outcome(v1::PAYMENT_OUTCOME_FAILED);
  add_payment(failed, "Back to the owner.");
  failed.Option("--reason", "reason", "Why")->required();
}

}  // namespace

void AddCaseOptions(CLI::App& group, Tool& tool) {
  Verb<v1::GetCaseOptionsRequest, v1::GetCaseOptionsResponse> options(
      group, tool, "options", "What you may do for the customer of a case now, up to how much, and who decides above.",
      "throughline case options CASE");
  options.Argument("case_id", "The case");
  options.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(RenderOptions(response, out.terminal(), out.now()));
  });
}

void AddRemedy(CLI::App& app, Tool& tool) {
  CLI::App& group =
      Group(app, "remedy", "What a customer gets to put something right: granted, asked for, decided, paid");
  AddAsking(group, tool);
  AddDeciding(group, tool);
  AddShowing(group, tool);
  AddPaying(group, tool);
}

void AddApprove(CLI::App& app, Tool& tool) {
  AddApproval(app, tool, "approve",
              "throughline --as sam approve CASE\n"
              "throughline --as sam approve CASE --amount '60.00 USD'");
}

}  // namespace throughline::tool
