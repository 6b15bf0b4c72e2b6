#pragma once

// The tables of ownership, besides the roster (people/people.h). Changing a layout needs a new Definition::layout.

#include "libs/store/table.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/views.pb.h"

namespace throughline::ownership {

// Case -> the facts of its opening. From intake's topic.
inline constexpr store::Table<v1::OwnershipStarted, std::string> kOpenings{16};
// Notice, case: the case is linked to the notice. From intake's topic. Empty values.
inline constexpr store::Table<std::string, std::string, std::string> kLinkedCases{17};
// The resolved notices. From outage-notice's topic. Empty values.
inline constexpr store::Table<std::string, std::string> kResolvedNotices{18};
// Case -> its ownership, once that stream has started. From the ownership topic.
inline constexpr store::Table<v1::OwnershipView, std::string> kViews{19};

// Person, minus the reason's number, due, case, id of the promise, offer or notice -> an item of the person's worklist.
// The key gives the worklist's order. `overdue` is set on reading. From kOpenings and kViews.
using WorklistTable = store::Table<v1::WorklistItem, std::string, int64_t, absl::Time, std::string, std::string>;
inline constexpr WorklistTable kWorklist{20};
// The first component after the person: the higher a reason's number, the earlier it comes.
inline int64_t UrgencyOf(v1::WorklistReason reason) { return -static_cast<int64_t>(reason); }

// When it was opened, case: the open cases that nobody took, and who looks after each. From kOpenings and kViews.
inline constexpr store::Table<std::string, absl::Time, std::string> kWaitingCases{40};

// Counters.
inline constexpr char kPromisesOpen[] = "promises open";
inline constexpr char kPromisesKept[] = "promises kept";
inline constexpr char kPromisesBroken[] = "promises broken";
inline constexpr char kClosedConfirmed[] = "cases closed confirmed";
inline constexpr char kClosedUnconfirmed[] = "cases closed unconfirmed";
inline constexpr char kReopenings[] = "reopenings";
inline constexpr char kHandoffsOpen[] = "handoffs open";
inline constexpr char kCasesWaiting[] = "cases waiting for a rep";
inline constexpr char kPingPongs[] = "ping-pongs";

// Names of timers on `ownership/<case>`, followed by the id of the promise or offer.
inline constexpr char kPromiseTimer[] = "promise/";
inline constexpr char kHandoffTimer[] = "handoff/";
// On `person/<person>`, followed by the id of the absence: it is over.
inline constexpr char kBackTimer[] = "back/";

}  // namespace throughline::ownership
