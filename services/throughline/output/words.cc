#include "services/throughline/output/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace throughline::tool {
namespace {

// By buf's lint rule every value begins with the enum's name, and value 0 is `<NAME>_UNSPECIFIED`.
std::string Prefix(const google::protobuf::EnumDescriptor& type) {
  return std::string(absl::StripSuffix(type.FindValueByNumber(0)->name(), "UNSPECIFIED"));
}

std::string Lower(absl::string_view word) { return absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"_", "-"}}); }

}  // namespace

std::string Word(const google::protobuf::EnumDescriptor& type, int number) {
  if (number == 0) return "";
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  return std::string(absl::StripPrefix(value->name(), Prefix(type)));
}

std::vector<std::string> Choices(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) choices.push_back(Lower(Word(type, type.value(i)->number())));
  }
  return choices;
}

std::optional<int> ParseWord(const google::protobuf::EnumDescriptor& type, std::string_view text) {
  const std::string wanted = Lower(absl::string_view(text.data(), text.size()));
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (number != 0 && Lower(Word(type, number)) == wanted) return number;
  }
  return std::nullopt;
}

}  // namespace throughline::tool
