#pragma once

// The view of a case: its facts, its present owner, and the present public text of its notices. Any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/fold/seen.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

// None if the case is not folded. `now` decides which notices are overdue.
std::optional<v1::CaseView> FindCaseView(const store::KeyValue& reader, const std::string& case_id, absl::Time now);

// Whether a commit after `seen` has changed what FindCaseView returns.
bool CaseChangedSince(const store::KeyValue& reader, const std::string& case_id, const runtime::Seen& seen);

v1::LinkedNotice LinkedNoticeOf(const store::KeyValue& reader, const std::string& notice_id,
                                const std::string& component_id, absl::Time now);

}  // namespace throughline::intake
