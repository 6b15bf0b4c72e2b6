// `throughline vendor`: documents of vendors, pushed one by one, and those in quarantine.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/exit_code.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::tool {
namespace {

using supplier::v1::PushResult;
using supplier::v1::PushVendorDocumentsRequest;
using supplier::v1::PushVendorDocumentsResponse;

constexpr char kFiles[] = "FILES";

struct PushOptions {
  std::string vendor;
  std::string id;
  std::vector<std::string> files;
};

// The document's id: --id, else the file's name without its ending.
std::string IdOf(const PushOptions& options, const std::string& file) {
  return options.id.empty() ? std::filesystem::path(file).stem().string() : options.id;
}

// `ACCEPTED  order SO-1`, `REFUSED (LINE_CANCELLED): ...`.
std::string Describe(const Terminal& terminal, const PushVendorDocumentsResponse& response) {
  const PushResult result = response.result();
  const Style style = result == supplier::v1::PUSH_RESULT_ACCEPTED      ? Style::kGreen
                      : result == supplier::v1::PUSH_RESULT_REFUSED     ? Style::kRed
                      : result == supplier::v1::PUSH_RESULT_QUARANTINED ? Style::kYellow
                                                                        : Style::kDim;
  std::string text = Paint(terminal, style, Word(result));
  if (response.has_error()) {
    absl::StrAppend(&text, " (", Clean(response.error().reason()), "): ", Clean(response.error().message()));
  }
  if (!response.order_id().empty()) absl::StrAppend(&text, "  order ", Clean(response.order_id()));
  return text;
}

absl::Status PushFiles(Tool& tool, const PushOptions& options) {
  if (!options.id.empty() && options.files.size() > 1) {
    return absl::InvalidArgumentError("--id names one document: give one file with it");
  }
  for (const std::string& file : options.files) {  // before the first is pushed
    if (absl::Status status = CheckFileOf(kFiles, file); !status.ok()) return status;
  }
  auto client = tool.client();
  if (!client.ok()) return client.status();
  std::map<PushResult, int> counts;
  absl::Status unreadable, refused;
  size_t next = 0;
  const auto fill = [&](PushVendorDocumentsRequest& request) {
    if (next == options.files.size()) return false;
    auto body = ReadFileOf(kFiles, options.files[next]);
    if (!body.ok()) {
      unreadable = body.status();
      return false;
    }
    request.set_item_id(absl::StrCat(next + 1));  // a file name may contain anything, so it cannot be the id
    request.set_vendor_id(options.vendor);
    request.set_document_id(IdOf(options, options.files[next]));
    request.set_body(*std::move(body));
    ++next;
    return true;
  };
  const absl::Status status = (*client)->Push<PushVendorDocumentsRequest, PushVendorDocumentsResponse>(
      fill, [&](const PushVendorDocumentsRequest& request, const PushVendorDocumentsResponse& response) {
        ++counts[response.result()];
        if (response.result() == supplier::v1::PUSH_RESULT_REFUSED) {
          refused.Update(
              absl::Status(static_cast<absl::StatusCode>(response.error().code()), response.error().message()));
        }
        if (tool.json()) {
          tool.PrintJson(response);
          return;
        }
        size_t number = 0;
        const bool known = absl::SimpleAtoi(request.item_id(), &number) && number - 1 < options.files.size();
        tool.Print(absl::StrCat(Clean(known ? options.files[number - 1] : request.item_id()), "  ",
                                Describe(tool.terminal(), response), "\n"));
      });
  if (!status.ok()) return NameOptions(status, {{"vendor_id", "--vendor"}, {"document_id", "--id"}, {"body", kFiles}});
  std::vector<std::string> parts;
  for (const auto& [result, count] : counts) parts.push_back(absl::StrCat(count, " ", Word(result)));
  if (!parts.empty()) tool.Done("pushed", absl::StrJoin(parts, ", "));
  tool.Note(parts.empty() ? "nothing was pushed" : absl::StrJoin(parts, ", "));
  if (!refused.ok()) tool.set_exit_code(ExitCodeOf(refused));
  return unreadable;
}

void AddPush(CLI::App& vendor, Tool& tool) {
  CLI::App& push =
      Command(vendor, "push", "Pushes documents of a vendor, a JSON file each. A document is taken once, by its id.",
              "throughline --as acme vendor push --vendor acme asn-77.json\n"
              "throughline --as acme vendor push --vendor acme --id asn-78 - < document.json");
  auto options = std::make_shared<PushOptions>();
  push.add_option("--vendor", options->vendor, "The vendor; for a partner, its own id")->required();
  push.add_option("--id", options->id,
                  "The vendor's id for the document (default: the file's name without its ending)");
  push.add_option("files", options->files, "Documents; - for stdin")
      ->type_name("FILE")
      ->required()
      ->check(CLI::Validator(
          [&tool](const std::string& path) {
            return path == "-" ? std::string(tool.texts().TakeStdin(kFiles).message()) : "";
          },
          ""));
  tool.Does(push, [&tool, options] { return PushFiles(tool, *options); });
}

void AddQuarantined(CLI::App& vendor, Tool& tool) {
  Verb<supplier::v1::ListVendorDocumentsRequest, supplier::v1::ListVendorDocumentsResponse> list(
      vendor, tool, "quarantined",
      "Documents in quarantine: they could not be read, or their order is not placed. One is shown whole.",
      "throughline vendor quarantined --vendor acme\nthroughline vendor quarantined --vendor acme --id asn-77");
  list.Option("--vendor", "vendor_id", "Only of this vendor");
  list.Option("--id", "document_id", "Only this document; needs --vendor");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    std::string text;
    for (const auto& document : response.documents()) {
      const auto& kept = document.quarantined();
      absl::StrAppend(
          &text, Paint(out.terminal(), Style::kBold, Clean(kept.vendor_id())), " ", Clean(kept.document_id()),
          kept.order_id().empty() ? "" : absl::StrCat("  order ", Clean(kept.order_id())), "\n  ",
          ShowTime(kept.received_at(), out.now()), ": ", Clean(kept.reason()), "\n  ", Clean(kept.body()), "\n");
    }
    out.Print(text.empty() ? "Nothing is in quarantine.\n" : text);
  });
}

void AddDiscard(CLI::App& vendor, Tool& tool) {
  Verb<supplier::v1::DiscardVendorDocumentRequest, supplier::v1::DiscardVendorDocumentResponse> discard(
      vendor, tool, "quarantine-discard", "Discards a document in quarantine that will never mean anything.",
      "throughline vendor quarantine-discard acme asn-77 --reason 'a test of the vendor'");
  discard.Argument("vendor_id", "Its vendor");
  discard.Argument("document_id", "The document, by the vendor's id for it");
  discard.Option("--reason", "reason", "Why")->required();
  discard.Prints([](Tool& out, const auto& request, const auto&) {
    out.Print(absl::StrCat("Discarded ", Clean(request.document_id()), " of ", Clean(request.vendor_id()), ".\n"));
  });
}

}  // namespace

void AddVendor(CLI::App& app, Tool& tool) {
  CLI::App& vendor = Group(app, "vendor", "Documents of vendors: push them, see those in quarantine");
  AddPush(vendor, tool);
  AddQuarantined(vendor, tool);
  AddDiscard(vendor, tool);
}

}  // namespace throughline::tool
