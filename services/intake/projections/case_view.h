#pragma once

// A case as it is shown: what intake knows, who answers for it now, and its notices as customers see them now. Read
// from the rows at that moment; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/fold/seen.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

// Nothing if there is no such case here. `now` decides what is overdue.
std::optional<v1::CaseView> FindCaseView(const store::KeyValue& reader, const std::string& case_id, absl::Time now);

// Whether commits after `seen` bear on what FindCaseView shows.
bool CaseChangedSince(const store::KeyValue& reader, const std::string& case_id, const runtime::Seen& seen);

v1::LinkedNotice LinkedNoticeOf(const store::KeyValue& reader, const std::string& notice_id,
                                const std::string& component_id, absl::Time now);

}  // namespace throughline::intake
