#pragma once

// How far a notice is: which stages its kind has, in which one it begins and in which one it ends.
//
//   OUTAGE, DEGRADATION   investigating, identified, monitoring (in any order) -> resolved -> postmortem
//   MAINTENANCE           scheduled -> in progress, verifying -> completed -> postmortem
//   CHANGE                announced -> in force -> withdrawn
//
// A notice that has not begun when it ends is withdrawn, and each may be.
//
// Pure functions; any thread.

#include "absl/time/time.h"

#include "throughline/outage/v1/notice.pb.h"

namespace throughline::outage {

// Of an open notice that nobody gave a stage. `begun`: its `since` has come.
v1::NoticeStage FirstStage(v1::NoticeKind kind, bool begun);
// Whether an open notice of the kind can be in it, once it has begun or before.
bool IsOpenStage(v1::NoticeKind kind, bool begun, v1::NoticeStage stage);
// In which the notice ends; `stage` is its last one.
v1::NoticeStage LastStage(v1::NoticeKind kind, v1::NoticeStage stage);
// SCHEDULED, ANNOUNCED: it has not begun.
bool IsAhead(v1::NoticeStage stage);
// Whether notices of the kind may be published before they begin.
bool IsAnnounced(v1::NoticeKind kind);
// Whether something does not work that should: it needs a cause when it is over.
bool IsFault(v1::NoticeKind kind);

}  // namespace throughline::outage
