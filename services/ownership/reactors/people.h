#pragma once

// What follows from who works here.
//
// MeetPeople: a rep or supervisor becomes known who does anything that ownership reads.
// RelievePeople: what a deactivated person owns, or was escalated to them, moves to the person above them, and offers
// to them are withdrawn. A case that they get in the same moment, by an acceptance or an opening that was decided
// before, moves at once, too.

#include <set>
#include <string>
#include <utility>

#include "libs/runtime/reactions/reactor.h"
#include "services/ownership/ownership.h"

namespace throughline::ownership {

class MeetPeople : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

class RelievePeople : public runtime::Reactor {
 public:
  explicit RelievePeople(const Config& config)
      : last_resort_(config.fallback_owner), escalation_(config.escalation), calendars_(config.calendars) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  void Relieve(const store::KeyValue& reader, const std::set<std::string>& cases, const std::string& person,
               runtime::Reactions& reactions) const;

  const std::string last_resort_;  // see Above
  const EscalationPolicy escalation_;
  const calendar::Calendars calendars_;
};

}  // namespace throughline::ownership
