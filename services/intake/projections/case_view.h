#pragma once

// The view of a case: its facts, its present owner, and the present public text of its notices. Any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/runtime/fold/seen.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

// None if the case is not folded. `now` decides which notices are overdue.
std::optional<v1::CaseView> FindCaseView(const store::KeyValue& reader, const std::string& case_id, absl::Time now);

// Whether a commit after `seen` has changed what FindCaseView returns.
bool CaseChangedSince(const store::KeyValue& reader, const std::string& case_id, const runtime::Seen& seen);

// `components`: of the case. The notice is about one of them at least.
v1::LinkedNotice LinkedNoticeOf(const store::KeyValue& reader, const std::string& notice_id,
                                const std::vector<std::string>& components, absl::Time now);

// Those of the components that are not defined.
std::vector<std::string> UnknownOf(const store::KeyValue& reader, const std::vector<std::string>& components);

}  // namespace throughline::intake
