#include "services/ownership/credentials.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

#include "services/ownership/domain/people/person.h"
#include "services/ownership/people/people.h"

namespace throughline::ownership {
namespace {

constexpr char kActor[] = "throughline.ownership";

// What the enabled credentials of one name say.
struct Named {
  v1::PersonKind kind = v1::PERSON_KIND_UNSPECIFIED;  // unspecified: they give neither role, or all are revoked
  std::string team;
  bool enabled = false;
};

std::map<std::string, Named> ByName(const std::vector<identity::TokenInfo>& credentials) {
  std::map<std::string, Named> names;
  for (const identity::TokenInfo& credential : credentials) {
    Named& named = names[credential.identity.name];
    if (credential.disabled) continue;
    named.enabled = true;
    const auto has = [&](identity::Role role) { return absl::c_linear_search(credential.identity.roles, role); };
    const bool supervisor = has(common::v1::ROLE_SUPERVISOR);
    if (!supervisor && !has(common::v1::ROLE_REP)) continue;
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

// Makes the person known in this role. `row`: what is known of them.
void Meet(runtime::Streams& streams, const std::string& person, v1::PersonKind kind, const std::string& team,
          const std::optional<v1::PersonView>& row) {
  MeetPerson command;
  command.request.set_person(person);
  command.request.mutable_profile()->set_kind(kind);
  command.request.mutable_profile()->set_team(row ? row->profile().team() : team);
  command.request.set_available(row && row->available());
  command.request.set_on_duty(row && row->on_duty());
  Execute(streams, person, std::move(command), "credential", row ? row->version() : 0);
}

void Deactivate(runtime::Streams& streams, const v1::PersonView& row, const char* reason) {
  DeactivatePerson command;
  command.request.set_person(row.person());
  command.request.set_reason(reason);
  command.credential_gone = true;
  Execute(streams, row.person(), std::move(command), "credential gone", row.version());
}

std::vector<v1::PersonView> ActivePersons(const store::KeyValue& reader) {
  std::vector<v1::PersonView> rows;
  kPersons.Scan(reader, "", [&](std::string_view, const auto&, const v1::PersonView& row) {
    if (!row.deactivated()) rows.push_back(row);
    return true;
  });
  return rows;
}

}  // namespace

bool CredentialFollower::Follow(runtime::Streams& streams, const identity::Credentials& credentials) {
  const absl::Time now = streams.clock().Trusted();
  began_ = std::min(began_, now);
  const auto rows = streams.View();
  const std::map<std::string, Named> names = ByName(credentials.listed);
  bool all_known = true;
  for (const auto& [person, named] : names) {
    if (named.kind == v1::PERSON_KIND_UNSPECIFIED) continue;
    had_one_.insert(person);
    const auto row = kPersons.Get(*rows, person);
    if (row && row->version() > 0 && row->profile().kind() == named.kind) continue;
    all_known = false;
    Meet(streams, person, named.kind, named.team, row);
  }
  for (const v1::PersonView& row : ActivePersons(*rows)) {
    const auto named = names.find(row.person());
    if (named != names.end() && named->second.kind != v1::PERSON_KIND_UNSPECIFIED) continue;
    if (!credentials.complete && !had_one_.contains(row.person())) continue;
    if (named == names.end() && !had_one_.contains(row.person()) && now < began_ + kPatience) continue;
    if (row.version() == 0) {  // known before persons had a stream: they get one first
      Meet(streams, row.person(), row.profile().kind(), row.profile().team(), row);
    } else {
      if (!credentials.complete) had_one_.erase(row.person());  // who is reactivated has another one
      Deactivate(streams, row,
                 named == names.end()    ? "the person has no credential any more"
                 : named->second.enabled ? "the person's credential is no rep's or supervisor's"
                                         : "the person's last credential was revoked");
    }
  }
  return all_known;
}

std::function<bool(runtime::Streams&, const identity::Credentials&)> FollowCredentials() {
  return [follower = std::make_shared<CredentialFollower>()](runtime::Streams& streams,
                                                             const identity::Credentials& credentials) {
    return follower->Follow(streams, credentials);
  };
}

}  // namespace throughline::ownership
