#pragma once

// The rows that follow from intake's own topic alone. The fold's thread.

#include "libs/runtime/fold/accepted_commit.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

// A commit on `case/*`: the case, its interactions, the lists that do not depend on its owner or status. Returns the
// row.
v1::CaseRow ApplyToCase(const runtime::AcceptedCommit& commit, store::Batch& batch);

// A commit on `matter/*`.
void ApplyToMatter(const runtime::AcceptedCommit& commit, store::Batch& batch);

}  // namespace throughline::intake
