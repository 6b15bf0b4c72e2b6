// `throughline check-message`: phrases in a message to a customer that push their problem away.

#include "absl/strings/str_cat.h"

#include "libs/server/checks/field_rules.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "throughline/intake/v1/message_check.pb.h"

namespace throughline::tool {
namespace {

constexpr size_t kMostBefore = 32;  // columns before a phrase, so that its line is not cut off it

// The end of `text`, at most kMostBefore columns of it, from the beginning of a word.
std::string EndOf(const std::string& text) {
  size_t from = 0;
  while (Width(text.substr(from)) > kMostBefore) {
    const size_t space = text.find(' ', from);
    if (space == std::string::npos || space + 1 >= text.size()) break;
    from = space + 1;
  }
  return from == 0 ? text : absl::StrCat("... ", text.substr(from));
}

// The sentence in one line, and the phrase underlined in the next.
std::string Underlined(const intake::v1::MessageFinding& finding, const Terminal& terminal) {
  const std::string& sentence = finding.sentence();
  const size_t begin =
      std::min<size_t>(finding.begin() - std::min(finding.begin(), finding.sentence_begin()), sentence.size());
  const std::string before = EndOf(Clean(sentence.substr(0, begin)));
  const std::string phrase = Clean(finding.phrase());
  const std::string after = Clean(sentence.substr(std::min(begin + finding.phrase().size(), sentence.size())));
  const size_t width = terminal.width == 0 ? 0 : std::max(terminal.width, kMostBefore + 20);
  const std::string line = Shorten(before + phrase + after, width, terminal.utf8);
  size_t marks = std::max<size_t>(Width(phrase), 1);
  if (width > 0) marks = std::min(marks, width - Width(before));
  return absl::StrCat(line, "\n", std::string(Width(before), ' '),
                      Paint(terminal, Style::kYellow, std::string(marks, '^')), "\n");
}

std::string Render(const intake::v1::CheckMessageResponse& response, const Terminal& terminal) {
  std::string text;
  for (const auto& finding : response.findings()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", Underlined(finding, terminal),
                    Paint(terminal, Style::kBold, Clean(finding.rule_id())), "  ", Clean(finding.problem()), "\n",
                    "better  ", Clean(finding.say_instead()), "\n");
  }
  return text;
}

}  // namespace

void AddCheckMessage(CLI::App& app, Tool& tool) {
  Verb<intake::v1::CheckMessageRequest, intake::v1::CheckMessageResponse> check(
      app, tool, "check-message", "Finds phrases that push a customer's problem away, and says how to say it better.",
      "throughline check-message 'You need to contact UPS about that.'\n"
      "throughline check-message < reply.txt || echo 'say it better'");
  auto* request = &check.request();
  CLI::Option* message = check.command().add_option_function<std::string>(
      "text", [request](const std::string& text) { request->set_text(text); },
      "The message; without it, standard input");
  check.Fills(message->type_name("TEXT"), {"text"});
  check.command().footer(
      absl::StrCat(check.command().get_footer(), "\n\nExit codes: 0 nothing found; 6 something found."));
  check.BeforeSending([&tool](intake::v1::CheckMessageRequest& request) -> absl::Status {
    if (!request.text().empty() && request.text() != "-") return absl::OkStatus();
    const auto& field = *request.GetDescriptor()->FindFieldByName("text");
    auto text = tool.texts().Read("text", "-", server::MostBytes(field));
    if (text.ok()) request.set_text(*std::move(text));
    return text.status();
  });
  check.Answers([](Tool& out, const auto&, const intake::v1::CheckMessageResponse& response) {
    if (!response.findings().empty()) out.set_exit_code(kFound);
    if (out.json()) {
      out.PrintJson(response);
    } else {
      out.Print(response.findings().empty() ? "Nothing found.\n" : Render(response, out.terminal()));
    }
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
