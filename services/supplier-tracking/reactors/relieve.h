#pragma once

// The open orders of a deactivated person move to the person above them, also one that was placed in the same moment.

#include <string>
#include <utility>

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class RelieveOwners : public runtime::Reactor {
 public:
  // `last_resort`: see ownership::Above.
  explicit RelieveOwners(std::string last_resort) : last_resort_(std::move(last_resort)) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const std::string last_resort_;
};

}  // namespace throughline::supplier
