#include "services/ownership/people/read_scope.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "services/ownership/people/people.h"

namespace throughline::ownership {

ReadScope::ReadScope(RepsRead reps_read, const runtime::Caller& caller) {
  if (reps_read == RepsRead::kAll || caller.roles.size() != 1 || !caller.Is(common::v1::ROLE_REP)) return;
  rep_ = caller.id;
  team_ = caller.team;
}

bool ReadScope::MayRead(const store::KeyValue& reader, const std::string& owner) const {
  if (rep_.empty() || owner == rep_) return true;
  const auto self = kPersons.Get(reader, rep_), other = kPersons.Get(reader, owner);
  const std::string& team = self ? self->profile().team() : team_;
  return other && !team.empty() && other->profile().team() == team;
}

absl::Status ReadScope::Check(const store::KeyValue& reader, const std::string& owner, absl::string_view what) const {
  if (MayRead(reader, owner)) return absl::OkStatus();
  return runtime::Refuse(
      absl::StatusCode::kPermissionDenied, "NOT_YOUR_TEAM",
      absl::StrCat("another team answers for ", what, ": ask a supervisor to hand it over, or for what is in it"));
}

}  // namespace throughline::ownership
