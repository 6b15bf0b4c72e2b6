#include "services/ownership/credentials.h"

#include <map>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

#include "services/ownership/domain/person.h"
#include "services/ownership/people/people.h"

namespace throughline::ownership {
namespace {

constexpr char kActor[] = "throughline.ownership";

// What the credentials of one name say.
struct Named {
  v1::PersonKind kind = v1::PERSON_KIND_UNSPECIFIED;  // by the enabled ones
  std::string team;
  bool was_staff = false;  // by any of them
};

std::map<std::string, Named> ByName(const std::vector<identity::TokenInfo>& credentials) {
  std::map<std::string, Named> names;
  for (const identity::TokenInfo& credential : credentials) {
    const auto has = [&](identity::Role role) { return absl::c_linear_search(credential.identity.roles, role); };
    const bool supervisor = has(common::v1::ROLE_SUPERVISOR);
    if (!supervisor && !has(common::v1::ROLE_REP)) continue;
    Named& named = names[credential.identity.name];
    named.was_staff = true;
    if (credential.disabled) continue;
    if (named.kind != v1::PERSON_KIND_SUPERVISOR) {
      named.kind = supervisor ? v1::PERSON_KIND_SUPERVISOR : v1::PERSON_KIND_REP;
    }
    if (named.team.empty()) named.team = credential.identity.team;
  }
  return names;
}

template <typename Command>
void Execute(runtime::Streams& streams, const std::string& person, Command command, const char* purpose,
             uint64_t version) {
  runtime::Caller caller;
  caller.id = kActor;
  // The same on every replica; another one once the person has changed.
  caller.command_id = absl::StrCat(purpose, "/", person, "/", version);
  caller.correlation_id = caller.command_id;
  caller.time = streams.clock().Trusted();
  streams.Execute<Person>({Person::kKind, person}, std::move(command), caller, caller.time + absl::Seconds(30),
                          [person](const absl::StatusOr<runtime::Outcome<Person>>& outcome) {
                            if (outcome.ok()) return;
                            spdlog::warn("the person {} does not follow their credential yet: {}", person,
                                         std::string(outcome.status().message()));
                          });
}

}  // namespace

bool FollowCredentials(runtime::Streams& streams, const std::vector<identity::TokenInfo>& credentials) {
  const auto rows = streams.View();
  bool all_known = true;
  for (const auto& [person, named] : ByName(credentials)) {
    const auto row = kPersons.Get(*rows, person);
    const uint64_t version = row ? row->version() : 0;
    if (named.kind == v1::PERSON_KIND_UNSPECIFIED) {
      if (!row || row->deactivated()) continue;
      DeactivatePerson command;
      command.request.set_person(person);
      command.request.set_reason("the person's last credential was revoked");
      command.other_supervisor = HasOtherSupervisor(*rows, person);
      Execute(streams, person, std::move(command), "credential revoked", version);
    } else if (version == 0 || row->profile().kind() != named.kind) {
      all_known = false;
      MeetPerson command;
      command.request.set_person(person);
      command.request.mutable_profile()->set_kind(named.kind);
      command.request.mutable_profile()->set_team(row ? row->profile().team() : named.team);
      command.request.set_available(row && row->available());
      command.request.set_on_duty(row && row->on_duty());
      Execute(streams, person, std::move(command), "credential", version);
    }
  }
  return all_known;
}

}  // namespace throughline::ownership
