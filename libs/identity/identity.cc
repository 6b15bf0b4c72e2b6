#include "libs/identity/identity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace throughline::identity {
namespace {

constexpr std::pair<Role, std::string_view> kRoles[] = {
    {common::v1::ROLE_REP, "rep"},         {common::v1::ROLE_SUPERVISOR, "supervisor"},
    {common::v1::ROLE_PARTNER, "partner"}, {common::v1::ROLE_SERVICE, "service"},
    {common::v1::ROLE_READER, "reader"},   {common::v1::ROLE_ADMIN, "admin"}};

}  // namespace

std::string_view RoleName(Role role) {
  for (const auto& [value, name] : kRoles) {
    if (value == role) return name;
  }
  return "";
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const auto& [value, known] : kRoles) {
    if (known == name) return value;
  }
  return std::nullopt;
}

absl::Status CheckIdentity(const Identity& identity) {
  const bool good_name = !identity.name.empty() && identity.name.size() <= 63 &&
                         absl::ascii_isalnum(identity.name[0]) &&
                         std::all_of(identity.name.begin(), identity.name.end(), [](unsigned char c) {
                           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '-';
                         });
  if (!good_name) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", identity.name, "` cannot name a credential: use 1 to 63 of a-z, 0-9, `.` and `-`"));
  }
  if (identity.roles.empty()) return absl::InvalidArgumentError("a credential needs at least one role");
  const auto& roles = identity.roles;
  const bool partner = std::find(roles.begin(), roles.end(), common::v1::ROLE_PARTNER) != roles.end();
  if (partner && absl::StripAsciiWhitespace(identity.party).empty()) {
    return absl::InvalidArgumentError("a partner needs a party: the carrier or vendor id that it acts for");
  }
  return absl::OkStatus();
}

}  // namespace throughline::identity
