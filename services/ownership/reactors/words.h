#pragma once

// What reaches a case in intake reaches its owner: each interaction, whoever recorded it, and each alert. `periods`
// says how soon they are due.

#include "libs/runtime/reactions/reactor.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

class WordsReactor : public runtime::Reactor {
 public:
  explicit WordsReactor(const Periods& periods) : periods_(periods) {}
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const Periods periods_;
};

}  // namespace throughline::ownership
