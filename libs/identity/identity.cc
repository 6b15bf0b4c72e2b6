#include "libs/identity/identity.h"

#include <utility>

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

}  // namespace throughline::identity
