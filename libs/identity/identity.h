#pragma once

// Whom a credential stands for. Values; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "throughline/common/v1/access.pb.h"

namespace throughline::identity {

using Role = common::v1::Role;

struct Identity {
  std::string name;         // the actor's id in commits
  std::vector<Role> roles;  // ascending, none twice
  std::string party;        // a partner's carrier or vendor id; otherwise empty
  std::string team;         // of a rep or supervisor; may be empty

  bool operator==(const Identity&) const = default;
};

// `rep`, `supervisor`, `partner`, `service`, `reader`, `admin`; empty for ROLE_UNSPECIFIED.
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view name);

// Checks what every credential must have. INVALID_ARGUMENT: the name is not 1 to 63 of `a-z 0-9 . -`, there is no role,
// or a partner has no party.
absl::Status CheckIdentity(const Identity& identity);

}  // namespace throughline::identity
