#include "libs/client/addresses.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "libs/client/services.h"
#include "libs/command_line/address.h"
#include "libs/command_line/nearest.h"

namespace throughline::client {
namespace {

constexpr int kUsualPort = 7070;

}  // namespace

absl::StatusOr<Addresses> ParseAddresses(const std::string& text) {
  const std::vector<std::string> names = ServiceNames();
  Addresses addresses;
  std::vector<std::string>* current = &addresses.all;
  for (absl::string_view item : absl::StrSplit(text, ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (const size_t equals = item.find('='); equals != absl::string_view::npos) {
      const std::string name(item.substr(0, equals));
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        return absl::InvalidArgumentError(absl::StrCat("there is no service named `", name, "`: write one of ",
                                                       absl::StrJoin(names, ", "),
                                                       command_line::DidYouMean(name, names)));
      }
      current = &addresses.named[name];
      item = item.substr(equals + 1);
    }
    if (!item.empty() && item.find_first_of(" \t;=") == absl::string_view::npos) {
      const auto parsed = command_line::ParseHostPort({item.data(), item.size()}, kUsualPort);
      if (!parsed.ok()) return parsed.status();
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "the address `", text,
          "` cannot be read: write host:port, host:port,host:port or intake=host:port,ownership=host:port"));
    }
    current->emplace_back(item);
  }
  return addresses;
}

}  // namespace throughline::client
