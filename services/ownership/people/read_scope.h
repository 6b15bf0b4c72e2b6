#pragma once

// Which cases and orders a rep may read: all, or those that somebody of their team answers for. Who has another role,
// too, reads all. Pure; any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "libs/runtime/domain/caller.h"
#include "libs/store/key_value.h"

namespace throughline::ownership {

enum class RepsRead {
  kAll,   // whoever the customer reaches can help
  kTeam,  // what is owned by themselves or by a person of their team
};

// `all` or `team`, as the setting `reps-read` says.
inline RepsRead ParseRepsRead(std::string_view text) { return text == "team" ? RepsRead::kTeam : RepsRead::kAll; }

// A caller's view; by default everything.
class ReadScope {
 public:
  ReadScope() = default;
  ReadScope(RepsRead reps_read, const runtime::Caller& caller);

  bool MayRead(const store::KeyValue& reader, const std::string& owner) const;
  // PERMISSION_DENIED NOT_YOUR_TEAM. `what`: `the case`, `the order`. It is the same whoever owns it.
  absl::Status Check(const store::KeyValue& reader, const std::string& owner, absl::string_view what) const;

 private:
  std::string rep_;   // empty: reads all
  std::string team_;  // of their credential, until they are known
};

}  // namespace throughline::ownership
