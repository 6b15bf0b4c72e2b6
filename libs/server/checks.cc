#include "libs/server/checks.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

#include "libs/runtime/refusal.h"
#include "libs/server/utf8.h"

namespace throughline::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::internal::WireFormatLite;

constexpr size_t kMaxCommandId = 128;
constexpr int kMaxDepth = 100;

// Walks the wire format beside the type. Answers the first string that is not UTF-8, else nothing; `broken` tells where
// the encoding itself stops making sense.
class WireWalk {
 public:
  std::optional<absl::Status> Walk(const Descriptor& type, std::string_view bytes, const std::string& path, int depth) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                              static_cast<int>(bytes.size()));
    absl::flat_hash_map<int, int> seen;
    while (true) {
      const uint32_t tag = in.ReadTag();
      if (tag == 0) {
        if (!in.ConsumedEntireMessage()) broken_ = path;
        return std::nullopt;
      }
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&in, tag)) return Broken(path, field);
        continue;
      }
      uint32_t length = 0;
      if (!in.ReadVarint32(&length) || length > static_cast<uint32_t>(bytes.size() - in.CurrentPosition())) {
        return Broken(path, field);
      }
      const std::string_view value = bytes.substr(in.CurrentPosition(), length);
      in.Skip(static_cast<int>(length));
      if (field == nullptr) continue;
      const int index = field->is_repeated() ? seen[field->number()]++ : -1;
      const std::string name = Join(path, *field, index);
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        if (const size_t at = FirstInvalidUtf8(value); at < value.size()) {
          return runtime::BadField(name, absl::StrCat("is not valid UTF-8 (byte ", at, "): encode text as UTF-8"));
        }
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && depth < kMaxDepth) {
        if (auto found = Walk(*field->message_type(), value, name, depth + 1)) return found;
        if (broken_) return std::nullopt;
      }
    }
  }

  const std::optional<std::string>& broken() const { return broken_; }

 private:
  static std::string Join(const std::string& path, const FieldDescriptor& field, int index) {
    std::string name = path.empty() ? field.name() : absl::StrCat(path, ".", field.name());
    if (index >= 0) absl::StrAppend(&name, "[", index, "]");
    return name;
  }

  std::optional<absl::Status> Broken(const std::string& path, const FieldDescriptor* field) {
    broken_ = field == nullptr ? path : Join(path, *field, -1);
    return std::nullopt;
  }

  std::optional<std::string> broken_;
};

}  // namespace

RequestChecks::RequestChecks(const Descriptor& type, const RequestLimits& limits,
                             const std::vector<std::pair<std::string, size_t>>& larger_fields)
    : limits_(limits), max_message_bytes_(limits.max_message_bytes) {
  for (const auto& [name, max] : larger_fields) {
    const auto* field = type.file()->pool()->FindFieldByName(name);
    if (field == nullptr) continue;
    larger_[field] = max;
    if (field->containing_type() == &type) max_message_bytes_ += max;
  }
  const FieldDescriptor* command_id = type.FindFieldByName("command_id");
  if (command_id != nullptr && command_id->type() == FieldDescriptor::TYPE_STRING && !command_id->is_repeated()) {
    command_id_ = command_id;
  }
  const FieldDescriptor* page_size = type.FindFieldByName("page_size");
  if (page_size != nullptr && page_size->type() == FieldDescriptor::TYPE_INT32 && !page_size->is_repeated()) {
    page_size_ = page_size;
  }
}

absl::Status RequestChecks::Check(Message& request, size_t serialized_bytes) const {
  if (serialized_bytes > limits_.max_field_bytes) {
    runtime::FieldViolations bad;
    CheckLengths(request, "", bad);
    if (!bad.empty()) return bad.ToStatus();
  }
  if (page_size_ != nullptr) {
    const Reflection& reflection = *request.GetReflection();
    const int size = reflection.GetInt32(request, page_size_);
    if (size < 0) return runtime::BadField("page_size", "is negative: give 0 for the default, or a positive number");
    const int wanted = size == 0 ? limits_.default_page_size : size;
    reflection.SetInt32(&request, page_size_, std::min(wanted, limits_.max_page_size));
  }
  std::string scratch;
  const std::string* command_id = CommandId(request, scratch);
  return command_id == nullptr ? absl::OkStatus() : CheckCommandId(*command_id);
}

const std::string* RequestChecks::CommandId(const Message& request, std::string& scratch) const {
  if (command_id_ == nullptr) return nullptr;
  return &request.GetReflection()->GetStringReference(request, command_id_, &scratch);
}

void RequestChecks::CheckLengths(const Message& message, const std::string& path, runtime::FieldViolations& bad) const {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto larger = larger_.find(field);
    const size_t max = larger == larger_.end() ? limits_.max_field_bytes : larger->second;
    const std::string name = path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string indexed = field->is_repeated() ? absl::StrCat(name, "[", i, "]") : name;
      if (!text) {
        CheckLengths(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field),
                     indexed, bad);
        continue;
      }
      std::string scratch;
      const std::string& value = field->is_repeated()
                                     ? reflection.GetRepeatedStringReference(message, field, i, &scratch)
                                     : reflection.GetStringReference(message, field, &scratch);
      if (value.size() > max) {
        bad.Add(indexed, absl::StrCat("has ", value.size(), " bytes, at most ", max, " are taken: shorten it"));
      }
    }
  }
}

absl::Status CheckCommandId(std::string_view command_id) {
  if (command_id.size() > kMaxCommandId) {
    return runtime::BadField("command_id", absl::StrCat("has ", command_id.size(), " bytes, at most ", kMaxCommandId,
                                                        " are taken: a UUID is a good one"));
  }
  for (const char c : command_id) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      return runtime::BadField("command_id", "contains control characters: a UUID is a good one");
    }
  }
  return absl::OkStatus();
}

absl::Status ExplainParseFailure(const Descriptor& type, std::string_view bytes) {
  WireWalk walk;
  if (auto found = walk.Walk(type, bytes, "", 0)) return *std::move(found);
  return runtime::Refuse(
      absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
      absl::StrCat(
          "the request is not a valid ", type.full_name(),
          walk.broken() && !walk.broken()->empty() ? absl::StrCat(" (broken at ", *walk.broken(), ")") : std::string(),
          ": encode it with the published schema"));
}

}  // namespace throughline::server
