#pragma once

// Completes what a handler begins on one stream and ends on another, so that nothing stays half done if the handler's
// process stops in between:
//   - opens the case for which a matter was reserved;
//   - attaches what we noticed about a matter to its case;
//   - opens the case that continues one that had been closed for too long;
//   - records on a case that a part of it became a case of its own.
// A handler is given a moment to do it itself.

#include "libs/runtime/reactions/reactor.h"
#include "services/intake/projections/openings.h"

namespace throughline::intake {

class CompleteOpenings : public runtime::Reactor {
 public:
  // How old a commit is before the reactor does what a handler left undone.
  static constexpr absl::Duration kPatience = absl::Seconds(1);

  explicit CompleteOpenings(const Config& config) : openings_(config) {}

  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  void ReactToMatter(const v1::MatterEvent& event, const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                     runtime::Reactions& reactions);
  void ReactToCase(const v1::CaseEvent& event, const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                   runtime::Reactions& reactions);

  const Openings openings_;
};

}  // namespace throughline::intake
