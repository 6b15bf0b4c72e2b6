#pragma once

// An outage is suspected when more cases about a component come in than usual and no notice says why; a notice about
// the component confirms it; and it moves on if who was to look is deactivated.

#include <string>
#include <utility>

#include "libs/runtime/reactions/reactor.h"
#include "services/outage-notice/suspicion/arrivals.h"

namespace throughline::outage {

class SuspectOutages : public runtime::Reactor {
 public:
  // `last_resort`: see ownership::Above.
  SuspectOutages(SuspicionRules rules, std::string last_resort) : rules_(rules), last_resort_(std::move(last_resort)) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  void Suspect(const runtime::AcceptedCommit& commit, const std::string& component_id, const store::KeyValue& reader,
               runtime::Reactions& reactions) const;
  void Relieve(const std::string& person, const store::KeyValue& reader, runtime::Reactions& reactions) const;

  const SuspicionRules rules_;
  const std::string last_resort_;
};

}  // namespace throughline::outage
