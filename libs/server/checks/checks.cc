#include "libs/server/checks/checks.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/utf8.h"

namespace throughline::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxDepth = 100;

// Walks the wire format along with the type. Returns the error of the first string that is not UTF-8, if any; `broken`
// is the path at which the encoding is invalid.
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

FieldRules::LargerFields Larger(const Descriptor& type, const std::vector<std::pair<std::string, size_t>>& fields) {
  FieldRules::LargerFields larger;
  for (const auto& [name, max] : fields) {
    if (const auto* field = type.file()->pool()->FindFieldByName(name)) larger[field] = max;
  }
  return larger;
}

}  // namespace

RequestChecks::RequestChecks(const Descriptor& type, const RequestLimits& limits,
                             const std::vector<std::pair<std::string, size_t>>& larger_fields)
    : limits_(limits), max_message_bytes_(limits.max_message_bytes), rules_(type, Larger(type, larger_fields)) {
  for (const auto& [field, max] : Larger(type, larger_fields)) {
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

absl::Status RequestChecks::Check(Message& request, absl::Time now) const {
  runtime::FieldViolations bad;
  rules_.Check(request, "", {now, limits_.furthest_due, limits_.max_field_bytes}, bad);
  if (!bad.empty()) return bad.ToStatus();
  if (page_size_ != nullptr) {
    const Reflection& reflection = *request.GetReflection();
    const int size = reflection.GetInt32(request, page_size_);
    if (size < 0) return runtime::BadField("page_size", "is negative: give 0 for the default, or a positive number");
    const int wanted = size == 0 ? limits_.default_page_size : size;
    reflection.SetInt32(&request, page_size_, std::min(wanted, limits_.max_page_size));
  }
  return absl::OkStatus();
}

const std::string* RequestChecks::CommandId(const Message& request, std::string& scratch) const {
  if (command_id_ == nullptr) return nullptr;
  return &request.GetReflection()->GetStringReference(request, command_id_, &scratch);
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
