#include "tests/hostile/messages.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::hostile {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Collect(const Message& message, const std::string& prefix, bool unset_too, std::vector<std::string>& paths) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const std::string path = absl::StrCat(prefix, field->name());
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (field->is_repeated()) {
      for (int at = 0; at < reflection.FieldSize(message, field); ++at) {
        const std::string indexed = absl::StrCat(path, "[", at, "]");
        if (text) paths.push_back(indexed);
        if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
          Collect(reflection.GetRepeatedMessage(message, field, at), indexed + ".", false, paths);
        }
      }
    } else if (text) {
      if (unset_too || !reflection.GetString(message, field).empty()) paths.push_back(path);
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && reflection.HasField(message, field)) {
      Collect(reflection.GetMessage(message, field), path + ".", false, paths);
    }
  }
}

bool IsUpperSnake(const std::string& reason) {
  return !reason.empty() && std::all_of(reason.begin(), reason.end(), [](unsigned char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

}  // namespace

std::vector<std::string> StringFields(const Message& message) {
  std::vector<std::string> paths;
  Collect(message, "", true, paths);
  return paths;
}

void SetString(Message& message, const std::string& path, const std::string& value) {
  Message* at = &message;
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  for (size_t step = 0; step < steps.size(); ++step) {
    const std::vector<std::string> parts = absl::StrSplit(steps[step], absl::ByAnyChar("[]"));
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByName(parts[0]);
    ASSERT_NE(field, nullptr) << path;
    const auto* reflection = at->GetReflection();
    int index = 0;
    if (field->is_repeated()) {
      ASSERT_TRUE(absl::SimpleAtoi(parts[1], &index)) << path;
    }
    const bool last = step + 1 == steps.size();
    if (field->is_repeated()) {
      if (last) return reflection->SetRepeatedString(at, field, index, value);
      at = reflection->MutableRepeatedMessage(at, field, index);
    } else {
      if (last) return reflection->SetString(at, field, value);
      at = reflection->MutableMessage(at, field);
    }
  }
}

void Clear(Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  ASSERT_NE(field, nullptr) << message.GetTypeName() << " has no " << name;
  message.GetReflection()->ClearField(&message, field);
}

bool SetInt32(Message& message, const std::string& name, int32_t value) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return false;
  message.GetReflection()->SetInt32(&message, field, value);
  return true;
}

bool HasField(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name) != nullptr;
}

::testing::AssertionResult IsRefusal(const absl::Status& status, const std::vector<absl::StatusCode>& codes) {
  if (std::find(codes.begin(), codes.end(), status.code()) == codes.end()) {
    return ::testing::AssertionFailure() << "expected "
                                         << absl::StrJoin(codes, " or ",
                                                          [](std::string* out, absl::StatusCode code) {
                                                            out->append(absl::StatusCodeToString(code));
                                                          })
                                         << ", got " << status;
  }
  const auto reason = runtime::ReasonOf(status);
  if (!reason || !IsUpperSnake(*reason)) {
    return ::testing::AssertionFailure() << "no google.rpc.ErrorInfo with a reason: " << status;
  }
  // The format is "what is wrong: what to do", or with a semicolon.
  if (status.message().size() < 20 ||
      (!absl::StrContains(status.message(), ": ") && !absl::StrContains(status.message(), "; "))) {
    return ::testing::AssertionFailure() << "does not say what to do: " << status;
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult IsRefusal(const absl::Status& status, absl::StatusCode code) {
  return IsRefusal(status, std::vector<absl::StatusCode>{code});
}

::testing::AssertionResult IsBadField(const absl::Status& status, const std::string& path) {
  if (auto refusal = IsRefusal(status, absl::StatusCode::kInvalidArgument); !refusal) return refusal;
  const std::vector<std::string> bad = runtime::BadFieldsOf(status);
  const bool named = std::any_of(bad.begin(), bad.end(), [&path](const std::string& field) {
    return field == path || absl::StartsWith(field, path + ".") || absl::StartsWith(field, path + "[");
  });
  if (named) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "does not name " << path << " but " << absl::StrJoin(bad, ", ") << ": "
                                       << status;
}

}  // namespace throughline::hostile
