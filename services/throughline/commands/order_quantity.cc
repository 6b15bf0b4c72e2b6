#include "services/throughline/commands/order_quantity.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::tool {
namespace {

// Returns what is wrong; empty: nothing.
std::string Parse(const std::string& text, supplier::v1::LineQuantity& quantity) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  uint32_t number = 0;
  if (parts.size() != 2 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &number) || number == 0) {
    return absl::StrCat("`", text, "`: write LINE=NUMBER, as in 1=2");
  }
  quantity.set_line_id(parts[0]);
  quantity.set_quantity(number);
  return "";
}

}  // namespace

CLI::Option* AddQuantity(CLI::App& command, google::protobuf::RepeatedPtrField<supplier::v1::LineQuantity>& quantities,
                         const std::string& description) {
  return command
      .add_option_function<std::vector<std::string>>(
          "--quantity",
          [&quantities](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) Parse(text, *quantities.Add());
          },
          description)
      ->type_name("LINE=NUMBER")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& text) {
            supplier::v1::LineQuantity scratch;
            return Parse(text, scratch);
          },
          ""));
}

}  // namespace throughline::tool
