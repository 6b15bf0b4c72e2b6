#include "services/throughline/output/csv.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "services/throughline/output/words.h"

namespace throughline::tool {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Columns in the order of the schema: of each the numbers of the fields on its path, and its name.
using Numbers = std::map<std::pair<std::vector<std::string>, std::string>, int64_t>;

std::string Digits(int number) {
  return absl::StrCat(std::string(number < 10 ? 2 : number < 100 ? 1 : 0, '0'), number);
}

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : absl::StrCat(path, "_", name);
}

// What an element of a list is about: the words of its enums and strings.
std::string AboutOf(const Message& element) {
  std::string about;
  const auto& reflection = *element.GetReflection();
  for (int i = 0; i < element.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *element.GetDescriptor()->field(i);
    std::string word;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      word = absl::AsciiStrToLower(Word(*field.enum_type(), reflection.GetEnumValue(element, &field)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      word = reflection.GetString(element, &field);
    } else {
      continue;
    }
    about = Join(about, absl::StrReplaceAll(word, {{"-", "_"}, {" ", "_"}}));
  }
  return about;
}

void Flatten(const Message& message, const std::string& path, const std::vector<std::string>& order,
             const std::vector<std::string>& places, Numbers& numbers) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    std::vector<std::string> at = order;
    at.push_back(Digits(field.number()));
    const std::string name = Join(path, field.name());
    const bool of_messages = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field.is_repeated()) {
      if (of_messages) {
        if (reflection.HasField(message, &field)) {
          Flatten(reflection.GetMessage(message, &field), name, at, places, numbers);
        }
      } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
        numbers[{at, name}] = reflection.GetInt64(message, &field);
      }
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
      std::vector<std::string> element = at;
      if (of_messages) {
        const Message& one = reflection.GetRepeatedMessage(message, &field, k);
        element.push_back(AboutOf(one));
        Flatten(one, Join(name, AboutOf(one)), element, places, numbers);
      } else {
        element.push_back(Digits(k));
        const std::string place =
            k < static_cast<int>(places.size()) ? places[static_cast<size_t>(k)] : absl::StrCat(k);
        numbers[{element, Join(name, place)}] = reflection.GetRepeatedInt64(message, &field, k);
      }
    }
  }
}

// What a spreadsheet would take for a formula gets an apostrophe, and is text.
std::string Quoted(std::string_view value) {
  std::string text(value);
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string ToCsv(const std::vector<CsvRow>& rows, const std::vector<std::string>& places) {
  if (rows.empty()) return "";
  std::vector<Numbers> all;
  Numbers columns;
  for (const CsvRow& row : rows) {
    Flatten(*row.numbers, "", {}, places, all.emplace_back());
    for (const auto& [column, number] : all.back()) columns[column] = 0;
  }
  std::string csv;
  const auto end_line = [&] {
    csv.pop_back();
    csv.append("\r\n");
  };
  for (const auto& [name, value] : rows.front().first) absl::StrAppend(&csv, Quoted(name), ",");
  for (const auto& [column, number] : columns) absl::StrAppend(&csv, Quoted(column.second), ",");
  end_line();
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [name, value] : rows[i].first) absl::StrAppend(&csv, Quoted(value), ",");
    for (const auto& [column, number] : columns) {
      const auto found = all[i].find(column);
      absl::StrAppend(&csv, found == all[i].end() ? 0 : found->second, ",");
    }
    end_line();
  }
  return csv;
}

}  // namespace throughline::tool
