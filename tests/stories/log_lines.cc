#include "tests/stories/log_lines.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/dynamic_message.h"
#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/matter.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/supplier/v1/carrier_codes.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/shipment.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::stories {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kFewestTexts = 3, kFewestLines = 10;
constexpr size_t kShortest = 6;  // shorter texts are found in other words

// Texts have spaces, ids have none.
void Collect(const Message& message, std::set<std::string>& texts) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Collect(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                     : reflection->GetMessage(message, field),
                texts);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        const std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                      : reflection->GetString(message, field);
        // Lines of the log have none: each of the text's own is looked for.
        for (const absl::string_view line : absl::StrSplit(text, '\n')) {
          if (line.size() >= kShortest && absl::StrContains(line, ' ')) texts.emplace(line);
        }
      }
    }
  }
}

// The event message of the stream, of which `type` is one case.
const Message* EventOf(const std::string& stream) {
  const std::string kind = stream.substr(0, stream.find('/'));
  if (kind == "case") return &intake::v1::CaseEvent::default_instance();
  if (kind == "matter") return &intake::v1::MatterEvent::default_instance();
  if (kind == "suggestion") return &intake::v1::SuggestionEvent::default_instance();
  if (kind == "improvement") return &intake::v1::ImprovementEvent::default_instance();
  if (kind == "authority") return &ownership::v1::AuthorityEvent::default_instance();
  if (kind == "carrier-codes") return &supplier::v1::CarrierCodesEvent::default_instance();
  if (kind == "component") return &outage::v1::ComponentEvent::default_instance();
  if (kind == "notice") return &outage::v1::NoticeEvent::default_instance();
  if (kind == "ownership") return &ownership::v1::OwnershipEvent::default_instance();
  if (kind == "person") return &ownership::v1::PersonEvent::default_instance();
  if (kind == "order") return &supplier::v1::OrderEvent::default_instance();
  if (kind == "shipment") return &supplier::v1::ShipmentEvent::default_instance();
  if (kind == "vendor-document") return &supplier::v1::VendorDocumentEvent::default_instance();
  return nullptr;
}

absl::StatusOr<std::set<std::string>> SaidIn(const std::string& data) {
  const testing::Finished cat = testing::Run({testing::Program("throughline"), "--data", data, "--json", "log", "cat"});
  if (cat.exit_code != 0) return absl::InternalError("`throughline log cat`: " + cat.err);
  std::set<std::string> texts;
  for (const absl::string_view line : absl::StrSplit(cat.out, '\n', absl::SkipEmpty())) {
    const auto commit = nlohmann::json::parse(line.begin(), line.end());
    const Message* const prototype = EventOf(commit.value("stream", ""));
    if (prototype == nullptr)
      return absl::InternalError(absl::StrCat("a stream of another kind: ", line.substr(0, 80)));
    for (const auto& committed : commit["events"]) {
      std::string bytes;
      const std::unique_ptr<Message> event(prototype->New());
      if (!absl::Base64Unescape(committed.value("data", ""), &bytes) || !event->ParseFromString(bytes)) {
        return absl::InternalError(absl::StrCat("an event that cannot be read: ", line.substr(0, 80)));
      }
      Collect(*event, texts);
    }
  }
  return texts;
}

}  // namespace

absl::Status FindSaidIn(const std::string& log_file, const std::string& data) {
  const auto texts = SaidIn(data);
  if (!texts.ok()) return texts.status();
  std::ifstream file(log_file);
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  const auto lines = static_cast<size_t>(std::count(log.begin(), log.end(), '\n'));
  if (texts->size() < kFewestTexts || lines < kFewestLines || !absl::StrContains(log, " OK in ") ||
      !absl::StrContains(log, "accepted as 1: ")) {
    return absl::FailedPreconditionError(
        absl::StrCat(texts->size(), " texts and ", lines, " lines in ", log_file, " show nothing"));
  }
  for (const std::string& text : *texts) {
    const size_t at = log.find(text);
    if (at == std::string::npos) continue;
    const size_t begin = log.rfind('\n', at) + 1;
    return absl::InternalError(
        absl::StrCat("a line of the log holds `", text, "`: ", log.substr(begin, log.find('\n', at) - begin)));
  }
  return absl::OkStatus();
}

}  // namespace throughline::stories
