#pragma once

// The ownership service: who owns a case now, what was promised, and whether it is really solved. See README.md.
//
//   auto host = runtime::Host::Start(ownership::Define(config), log, ...);
//   auto api = ownership::MakeApi((*host)->streams(), config);

#include <memory>
#include <string>

#include "absl/time/time.h"

#include "libs/calendar/calendars.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/ownership/authority/policy.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/escalation/policy.h"
#include "services/ownership/people/read_scope.h"
#include "services/ownership/search/search_progress.h"
#include "services/ownership/silence.h"

namespace throughline::ownership {

struct Config {
  Periods periods;
  absl::Duration handoff_expiry = absl::Hours(4);  // of an offer without an expiry of its own; at most 7 days
  // Stands above those whom no supervisor stands above. Empty: nobody.
  std::string fallback_owner = "sam";
  EscalationPolicy escalation = {};
  // Which cases a rep may read.
  RepsRead reps_read = RepsRead::kAll;
  // What due times in words count by.
  calendar::Calendars calendars = {};
  SilenceRules silence = {};
  // Of the search's index. Empty: it is in memory, and there are no threads for it; for tests.
  std::string search_directory;
  std::shared_ptr<SearchProgress> search_progress = std::make_shared<SearchProgress>();
  // How much anybody may grant.
  AuthorityPolicy policy = AuthorityPolicy::Shipped();
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` belongs to an engine with that definition and must outlive the api.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::ownership
