#include "services/throughline/cli/options/fields.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/calendar/due.h"
#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::tool {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor& Require(const google::protobuf::Descriptor& type, const std::string& name) {
  const auto* field = type.FindFieldByName(name);
  if (field == nullptr) {
    std::fprintf(stderr, "throughline: %s has no field `%s`\n", type.full_name().c_str(), name.c_str());
    std::abort();
  }
  return *field;
}

// Splits `a.b` into `a` and `b`; without a dot the second part is empty.
std::pair<std::string, std::string> Split(const std::string& path) {
  const size_t point = path.find('.');
  if (point == std::string::npos) return {path, ""};
  return {path.substr(0, point), path.substr(point + 1)};
}

// The field that takes a due time in words: `due_in` beside `due`. Null: there is none.
const FieldDescriptor* WordsOf(const FieldDescriptor& field) {
  return field.containing_type()->FindFieldByName(absl::StrCat(field.name(), "_in"));
}

absl::Status SetMessage(const Field& field, const std::string& text, absl::Time now) {
  Message& value = *field.message->GetReflection()->MutableMessage(field.message, field.descriptor);
  if (value.GetDescriptor() == supplier::v1::Eta::descriptor()) {
    auto eta = ParseEta(text, now);
    if (eta.ok()) value.CopyFrom(*eta);
    return eta.status();
  }
  auto time = ParseTime(text, now);
  if (time.ok()) value.CopyFrom(runtime::ToProto(*time));
  const FieldDescriptor* words = WordsOf(*field.descriptor);
  if (time.ok() || words == nullptr) return time.status();
  // In words: the server's calendar knows what they mean.
  field.message->GetReflection()->ClearField(field.message, field.descriptor);
  if (absl::Status status = calendar::ParseDue(text).status(); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(status.message(), "; or from now: +2h, +3d"));
  }
  field.message->GetReflection()->SetString(field.message, words, text);
  return absl::OkStatus();
}

}  // namespace

const FieldDescriptor& DescribeField(const Message& root, const std::string& path) {
  const auto* type = root.GetDescriptor();
  auto [name, rest] = Split(path);
  const FieldDescriptor* field = &Require(*type, name);
  while (!rest.empty()) {
    std::tie(name, rest) = Split(rest);
    field = &Require(*field->message_type(), name);
  }
  return *field;
}

Field FindField(Message& root, const std::string& path) {
  const auto [name, rest] = Split(path);
  const FieldDescriptor& field = Require(*root.GetDescriptor(), name);
  if (rest.empty()) return {&root, &field};
  return FindField(*root.GetReflection()->MutableMessage(&root, &field), rest);
}

absl::Status SetField(Message& root, const std::string& path, const std::string& text, absl::Time now) {
  const Field field = FindField(root, path);
  const auto* reflection = field.message->GetReflection();
  switch (field.descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.descriptor->type() == FieldDescriptor::TYPE_BYTES) {
        const bool hex = text.size() % 2 == 0 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
        if (!hex) return absl::InvalidArgumentError(absl::StrCat("`", text, "` is not hexadecimal"));
        reflection->SetString(field.message, field.descriptor, absl::HexStringToBytes(text));
        return absl::OkStatus();
      }
      if (field.descriptor->is_repeated()) {
        reflection->AddString(field.message, field.descriptor, text);
      } else {
        reflection->SetString(field.message, field.descriptor, text);
      }
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(field.message, field.descriptor, text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t number = 0;
      if (!absl::SimpleAtoi(text, &number))
        return absl::InvalidArgumentError(absl::StrCat("`", text, "` is no number"));
      reflection->SetUInt32(field.message, field.descriptor, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto& type = *field.descriptor->enum_type();
      const auto number = ParseWord(type, text);
      if (!number) {
        return absl::InvalidArgumentError(NoneOf(text, Choices(type)));
      }
      if (field.descriptor->is_repeated()) {
        reflection->AddEnumValue(field.message, field.descriptor, *number);
      } else {
        reflection->SetEnumValue(field.message, field.descriptor, *number);
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(field, text, now);
    default:
      return absl::InvalidArgumentError(absl::StrCat(field.descriptor->full_name(), " cannot be given as text"));
  }
}

std::string ValueName(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrJoin(Choices(*field.enum_type()), "|");
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (WordsOf(field) != nullptr) return "TIME|DATE|WORDS";
      return field.message_type() == supplier::v1::Eta::descriptor() ? "TIME|DATE" : "TIME";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "NUMBER";
    default:
      return "TEXT";
  }
}

}  // namespace throughline::tool
