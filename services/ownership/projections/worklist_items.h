#pragma once

// What is in worklists besides the items of cases: the next updates of notices, suggestions and improvements, and what
// people have put aside.

#include "libs/runtime/fold/projection.h"

namespace throughline::ownership {

// kNotices and their rows of kWorklist, from outage-notice's topic.
class NoticeItems : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// kSuggestions, kImprovements and their rows of kWorklist, from intake's topic.
class LearningItems : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// kSetAside, from `person/*`.
class SetAsideItems : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::ownership
