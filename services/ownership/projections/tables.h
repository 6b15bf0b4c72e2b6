#pragma once

// The rows that the ownership service keeps besides the roster (people/people.h). Another layout needs another
// Definition::layout.

#include "libs/store/table.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// Case -> the facts of its opening. From intake's topic alone.
inline constexpr store::Table<v1::OwnershipStarted, std::string> kOpenings{16};
// Notice, case -> nothing: the case is linked to the notice. From intake's topic alone.
inline constexpr store::Table<std::string, std::string, std::string> kLinkedCases{17};
// Notice -> nothing: it is resolved. From outage-notice's topic alone.
inline constexpr store::Table<std::string, std::string> kResolvedNotices{18};
// Case -> its ownership, once its stream has begun. From the ownership topic alone.
inline constexpr store::Table<v1::OwnershipView, std::string> kViews{19};

// Person, minus reason, due, case, promise or offer or notice -> an item of the person's worklist, in its order;
// `overdue` is not set. From kOpenings and kViews.
using WorklistTable = store::Table<v1::WorklistItem, std::string, int64_t, absl::Time, std::string, std::string>;
inline constexpr WorklistTable kWorklist{20};
// The same of a person and everybody whose cases they supervise.
inline constexpr WorklistTable kTeamWorklist{21};

// Counters.
inline constexpr char kPromisesOpen[] = "promises open";
inline constexpr char kPromisesKept[] = "promises kept";
inline constexpr char kPromisesBroken[] = "promises broken";
inline constexpr char kClosedConfirmed[] = "cases closed confirmed";
inline constexpr char kClosedUnconfirmed[] = "cases closed unconfirmed";
inline constexpr char kReopenings[] = "reopenings";
inline constexpr char kHandoffsOpen[] = "handoffs open";
inline constexpr char kPingPongs[] = "ping-pongs";

// Names of timers on `ownership/<case>`, before the promise's or the offer's id.
inline constexpr char kPromiseTimer[] = "promise/";
inline constexpr char kHandoffTimer[] = "handoff/";

}  // namespace throughline::ownership
