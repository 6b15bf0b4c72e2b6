// `throughline order push`: streams carriers' reports; prints a line for every item once it is durable.

#include <fstream>
#include <iostream>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::tool {
namespace {

using supplier::v1::PushError;
using supplier::v1::PushRawEventsRequest;
using supplier::v1::PushRawEventsResponse;
using supplier::v1::PushResult;
using supplier::v1::PushStatusEventsRequest;
using supplier::v1::PushStatusEventsResponse;

constexpr char kFiles[] = "FILES";
constexpr char kEvents[] = "--events";

struct PushOptions {
  std::string format;
  std::string events;
  std::vector<std::string> files;
};

// Collects the results of the items and decides the command's result.
class Tally {
 public:
  explicit Tally(Tool& tool) : tool_(tool) {}

  void Add(PushResult result) { ++counts_[result]; }
  void Refused(const PushError& error) {
    Add(supplier::v1::PUSH_RESULT_REFUSED);
    refused_.Update(absl::Status(static_cast<absl::StatusCode>(error.code()), error.message()));
  }

  // `ACCEPTED`, or `REFUSED (TIME_MISSING): ...`.
  std::string Describe(PushResult result, const PushError& error) const {
    using supplier::v1::PUSH_RESULT_ACCEPTED, supplier::v1::PUSH_RESULT_REFUSED, supplier::v1::PUSH_RESULT_DUPLICATE;
    const Style style = result == PUSH_RESULT_ACCEPTED || result == supplier::v1::PUSH_RESULT_CORRECTED ? Style::kGreen
                        : result == PUSH_RESULT_REFUSED                                                 ? Style::kRed
                        : result == PUSH_RESULT_DUPLICATE                                               ? Style::kDim
                                                          : Style::kYellow;
    std::string text = Paint(tool_.terminal(), style, Word(result));
    if (result == PUSH_RESULT_REFUSED)
      absl::StrAppend(&text, " (", Clean(error.reason()), "): ", Clean(error.message()));
    return text;
  }

  // OK if the stream ended well and all items were accepted.
  absl::Status End() {
    std::vector<std::string> parts;
    for (const auto& [result, count] : counts_) parts.push_back(absl::StrCat(count, " ", Word(result)));
    if (!parts.empty()) tool_.Done("pushed", absl::StrJoin(parts, ", "));
    tool_.Note(parts.empty() ? "nothing was pushed" : absl::StrJoin(parts, ", "));
    if (!refused_.ok()) tool_.set_exit_code(ExitCodeOf(refused_));
    return absl::OkStatus();
  }

 private:
  Tool& tool_;
  std::map<PushResult, int> counts_;
  absl::Status refused_;  // the first refusal
};

absl::Status PushFiles(Tool& tool, const PushOptions& options) {
  for (const std::string& file : options.files) {  // before the first is pushed
    if (absl::Status status = CheckFileOf(kFiles, file); !status.ok()) return status;
  }
  auto client = tool.client();
  if (!client.ok()) return client.status();
  Tally tally(tool);
  absl::Status unreadable;
  size_t next = 0;
  const auto fill = [&](PushRawEventsRequest& request) {
    if (next == options.files.size()) return false;
    auto body = ReadFileOf(kFiles, options.files[next]);
    if (!body.ok()) {
      unreadable = body.status();
      return false;
    }
    request.set_item_id(absl::StrCat(next + 1));  // a file name may contain anything, so it cannot be the id
    request.set_format(options.format);
    request.set_body(*std::move(body));
    request.set_content_type("application/json");
    ++next;
    return true;
  };
  const absl::Status status = (*client)->Push<PushRawEventsRequest, PushRawEventsResponse>(
      fill, [&](const PushRawEventsRequest& request, const PushRawEventsResponse& response) {
        if (tool.json()) tool.PrintJson(response);
        size_t number = 0;
        const bool known = absl::SimpleAtoi(request.item_id(), &number) && number - 1 < options.files.size();
        const std::string item = Clean(known ? options.files[number - 1] : request.item_id());
        std::string text;
        if (response.has_error()) {
          tally.Refused(response.error());
          absl::StrAppend(&text, item, "  ", tally.Describe(supplier::v1::PUSH_RESULT_REFUSED, response.error()), "\n");
        }
        for (const auto& event : response.events()) {
          event.has_error() ? tally.Refused(event.error()) : tally.Add(event.result());
          absl::StrAppend(&text, item, "  ", tally.Describe(event.result(), event.error()));
          if (!event.shipment().empty())
            absl::StrAppend(&text, "  ", Clean(event.shipment()), "  ", Word(event.state()));
          text += '\n';
        }
        if (!tool.json()) tool.Print(text);
      });
  if (!status.ok()) return NameOptions(status, {{"format", "--format"}, {"body", kFiles}});
  if (absl::Status ended = tally.End(); !ended.ok()) return ended;
  return unreadable;
}

absl::Status PushEvents(Tool& tool, const PushOptions& options) {
  if (absl::Status status = CheckFileOf(kEvents, options.events); !status.ok()) return status;
  auto client = tool.client();
  if (!client.ok()) return client.status();
  std::ifstream file;
  if (options.events != "-") {
    file.open(options.events);
    if (!file) return Unreadable(kEvents, absl::StrCat("cannot open ", options.events));
  }
  std::istream& input = options.events == "-" ? std::cin : file;
  Tally tally(tool);
  absl::Status malformed;
  int number = 0;
  const auto fill = [&](PushStatusEventsRequest& request) {
    std::string line;
    do {
      if (!std::getline(input, line)) return false;
      ++number;
    } while (absl::StripAsciiWhitespace(line).empty());
    if (absl::Status status = FromJson(line, *request.mutable_event()); !status.ok()) {
      malformed = absl::InvalidArgumentError(absl::StrCat(kEvents, " line ", number, ": ", status.message()));
      return false;
    }
    request.set_item_id(absl::StrCat(number));
    return true;
  };
  const absl::Status status = (*client)->Push<PushStatusEventsRequest, PushStatusEventsResponse>(
      fill, [&](const PushStatusEventsRequest& request, const PushStatusEventsResponse& response) {
        response.has_error() ? tally.Refused(response.error()) : tally.Add(response.result());
        if (tool.json()) {
          tool.PrintJson(response);
        } else {
          tool.Print(absl::StrCat("line ", request.item_id(), "  ", tally.Describe(response.result(), response.error()),
                                  "  ", Clean(response.shipment()), "\n"));
        }
      });
  if (!status.ok()) return NameOptions(status, {{"event", kEvents}});
  if (absl::Status ended = tally.End(); !ended.ok()) return ended;
  if (input.bad()) return Unreadable(kEvents, absl::StrCat("cannot read ", options.events));
  return malformed;
}

}  // namespace

void AddOrderPush(CLI::App& order, Tool& tool) {
  CLI::App& push =
      Command(order, "push", "Pushes carriers' reports. Repeating a push is safe: known events are duplicates.",
              "throughline --as ups order push --format ups-track-alert alert-*.json\n"
              "throughline --as easypost order push --format easypost-webhook - < webhook.json\n"
              "throughline --as usps order push --events events.jsonl");
  auto options = std::make_shared<PushOptions>();
  auto* format = push.add_option("--format", options->format, "The carrier's own payloads, a file each")
                     ->check(OneOf({"ups-track-alert", "usps-tracking-v3", "easypost-webhook"}));
  auto* files =
      push.add_option("files", options->files, "Payload files; - for stdin")->type_name("FILE")->needs(format);
  const auto once = CLI::Validator(
      [&tool](const std::string& path) {
        return path == "-" ? std::string(tool.texts().TakeStdin(kFiles).message()) : "";
      },
      "");
  files->check(once);
  format->needs(files);
  push.add_option(kEvents, options->events, "A file with a StatusEvent in JSON on each line; - for stdin")
      ->type_name("FILE")
      ->excludes(format)
      ->excludes(files);
  push.require_option(1, 0);
  tool.Does(push, [&tool, options]() -> absl::Status {
    return options->events.empty() ? PushFiles(tool, *options) : PushEvents(tool, *options);
  });
}

}  // namespace throughline::tool
