#include "services/throughline/commands/orders/order_lines.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::tool {
namespace {

using supplier::v1::OrderLine;

// `ID:SKU:QUANTITY:VENDOR[:DESCRIPTION]`; the description may contain colons. Returns what is wrong; empty: nothing.
std::string ParseLine(const std::string& text, OrderLine& line) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 4));
  uint32_t quantity = 0;
  if (parts.size() >= 4 && (!absl::SimpleAtoi(parts[2], &quantity) || quantity == 0)) {
    return absl::StrCat("the quantity `", parts[2], "` cannot be: it is a whole number, 1 or more");
  }
  if (parts.size() < 4) {
    return absl::StrCat("`", text,
                        "` is no line: write ID:SKU:QUANTITY:VENDOR:DESCRIPTION, as in 1:LAMP-7:2:acme:Desk lamp");
  }
  line.set_line_id(parts[0]);
  line.set_sku(parts[1]);
  line.set_quantity(quantity);
  line.set_vendor_id(parts[3]);
  if (parts.size() > 4) line.set_description(parts[4]);
  return "";
}

}  // namespace

std::string ParseQuantity(const std::string& text, supplier::v1::LineQuantity& quantity) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  uint32_t number = 0;
  if (parts.size() != 2 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &number) || number == 0) {
    return absl::StrCat("`", text, "`: write LINE=NUMBER, as in 1=2");
  }
  quantity.set_line_id(parts[0]);
  quantity.set_quantity(number);
  return "";
}

CLI::Option* AddQuantity(CLI::App& command, google::protobuf::RepeatedPtrField<supplier::v1::LineQuantity>& quantities,
                         const std::string& description) {
  return command
      .add_option_function<std::vector<std::string>>(
          "--quantity",
          [&quantities](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) ParseQuantity(text, *quantities.Add());
          },
          description)
      ->type_name("LINE=NUMBER")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& text) {
            supplier::v1::LineQuantity scratch;
            return ParseQuantity(text, scratch);
          },
          ""));
}

CLI::Option* AddLines(CLI::App& command, const std::string& name, google::protobuf::RepeatedPtrField<OrderLine>& lines,
                      const std::string& description) {
  return command
      .add_option_function<std::vector<std::string>>(
          name,
          [&lines](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) ParseLine(text, *lines.Add());
          },
          description)
      ->type_name("ID:SKU:QUANTITY:VENDOR[:DESCRIPTION]")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& text) {
            OrderLine scratch;
            return ParseLine(text, scratch);
          },
          ""));
}

}  // namespace throughline::tool
