// `throughline case search`: cases by their words and what they are about.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/cases/case_view.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::tool {
namespace {

// The text in one line, with the words that were searched for in bold; without colour, in brackets.
template <typename Marks>
std::string Marked(const std::string& text, const Marks& marks, const Terminal& terminal) {
  std::string marked;
  size_t done = 0;
  for (const auto& mark : marks) {
    const size_t begin = std::max<size_t>(done, std::min<size_t>(mark.begin(), text.size()));
    const size_t end = std::max<size_t>(begin, std::min<size_t>(mark.end(), text.size()));
    const std::string word = Clean(std::string_view(text).substr(begin, end - begin));
    absl::StrAppend(&marked, Clean(std::string_view(text).substr(done, begin - done)),
                    terminal.color ? Paint(terminal, Style::kBold, word) : "[" + word + "]");
    done = end;
  }
  return marked + Clean(std::string_view(text).substr(done));
}

std::string RenderFound(const ownership::v1::SearchCasesResponse& found, const Terminal& terminal, absl::Time now) {
  if (found.cases().empty()) return "No case has all of that.\n";
  std::string text;
  for (const auto& one : found.cases()) {
    absl::StrAppend(&text, Paint(terminal, Style::kBold, Clean(one.case_id())), "  ",
                    Paint(terminal, StatusStyle(one.status()), Word(one.status())), "  ", Clean(one.owner()), "  ",
                    Clean(one.customer_id()), one.has_order_id() ? "  " + Clean(one.order_id()) : "", "  ",
                    ShowTime(one.opened_at(), now), "\n  ", Marked(one.subject(), one.subject_marks(), terminal), "\n");
    if (!one.excerpt().empty()) {
      absl::StrAppend(&text, "  ", Marked(one.excerpt(), one.excerpt_marks(), terminal), "\n");
    }
  }
  if (found.more_than_ranked()) {
    absl::StrAppend(&text,
                    "More cases have these words: of them, the newest were ranked. Narrow it down to see others.\n");
  }
  return Flow(text, terminal.width);
}

// As the server reads them: an argument of several words is a phrase.
std::string WordsOf(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (const std::string& one : arguments) {
    const bool phrase = absl::StrContains(one, " ") && !absl::StrContains(one, "\"");
    words.push_back(phrase ? absl::StrCat("\"", one, "\"") : one);
  }
  return absl::StrJoin(words, " ");
}

}  // namespace

void AddCaseSearch(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::SearchCasesRequest, ownership::v1::SearchCasesResponse> search(
      group, tool, "search",
      "Finds cases by all words that were said or noted in them, and by whom and what they are about; newest first.",
      "throughline case search lamp 'on friday' --customer C-17\nthroughline case search 'refu*' --status open --best\n"
      "throughline case search --component web-checkout --owner ana --from -7d");
  auto words = std::make_shared<std::vector<std::string>>();
  auto best = std::make_shared<bool>(false);
  CLI::Option* all_words = search.command().add_option(
      "words", *words, "Words, all of them, in any order; 'two words': in this order; 'refu*': words that begin so");
  all_words->type_name("WORD");
  search.Fills(all_words, {"words"});
  search.Option("--customer", "customer_id", "Only of this customer");
  search.Option("--order", "order_id", "Only about this order");
  search.Option("--component", "component_id", "Only about this component");
  search.Option("--owner", "owner", "Only those that this person owns now");
  search.List("--status", "statuses", "Only in one of these statuses now");
  search.Option("--from", "opened_from", "Only those opened at this time or later");
  search.Option("--before", "opened_before", "Only those opened before this time");
  search.Fills(search.command().add_flag("--best", *best,
                                         "First the cases in which the words stand most often, or in the subject"),
               {"order"});
  search.LimitedTo(20);
  search.command().alias("find");
  search.Completes([words, best](const std::string&, google::protobuf::Message& message) {
    auto& request = static_cast<ownership::v1::SearchCasesRequest&>(message);
    request.set_words(WordsOf(*words));
    if (*best) request.set_order(ownership::v1::SEARCH_ORDER_BEST);
    return absl::OkStatus();
  });
  search.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(RenderFound(response, out.terminal(), out.now()));
  });
}

}  // namespace throughline::tool
