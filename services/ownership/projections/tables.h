#pragma once

// The tables of ownership, besides the roster (people/people.h). Changing a layout needs a new Definition::layout.

#include <limits>

#include "libs/store/table.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"
#include "throughline/ownership/v1/rows.pb.h"
#include "throughline/ownership/v1/state.pb.h"
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

// Person, rank of the reason (RankOf), due, case (or the notice, suggestion, improvement or component), id of what it
// is about within that
// -> an item of the person's worklist. The key gives the worklist's order. What depends on the reader or on the time is
// set on reading. From kOpenings, kViews, kNotices, kSuggestions and kImprovements.
using WorklistTable = store::Table<v1::WorklistRow, std::string, int64_t, absl::Time, std::string, std::string>;
inline constexpr WorklistTable kWorklist{20};

// When it was opened, case: the open cases that nobody took, and who looks after each. From kOpenings and kViews.
inline constexpr store::Table<std::string, absl::Time, std::string> kWaitingCases{40};

// The active notices, as far as their owners' worklists need them. From outage-notice's topic.
inline constexpr store::Table<v1::NoticeRow, std::string> kNotices{53};
// Suggestions that are not answered, and improvements that owe a change, as far as worklists need them. From intake's
// topic.
inline constexpr store::Table<v1::LearningRow, std::string> kSuggestions{62};
inline constexpr store::Table<v1::LearningRow, std::string> kImprovements{63};
// Component -> the outage that is suspected; notice, follow-up -> what a team owes. From outage-notice's topic.
inline constexpr store::Table<v1::LearningRow, std::string> kSuspicions{64};
inline constexpr store::Table<v1::LearningRow, std::string, std::string> kFollowUps{65};
// Person, item -> until when they put it aside, in microseconds; kAcknowledged: for good. From the ownership topic.
inline constexpr store::Table<int64_t, std::string, std::string> kSetAside{54};
inline constexpr int64_t kAcknowledged = std::numeric_limits<int64_t>::max();

// Watch topics: rows of kWorklist or kSetAside of the person have changed; kWaitingCases has.
inline std::string WorklistTopic(const std::string& person) { return "worklist/" + person; }
inline constexpr char kWaitingTopic[] = "waiting";

// Person -> when kAtWorkTimer is due, in microseconds. From the ownership topic.
inline constexpr store::Table<int64_t, std::string> kNextAtWork{110};

// Case -> our last interaction with its customer: id, case_version, at. From intake's topic.
inline constexpr store::Table<v1::InteractionNoted, std::string> kLastTold{61};

// When it was decided, case, remedy: what a paying system is to pay, or has taken. From kViews.
inline constexpr store::Table<v1::PayableRemedy, absl::Time, std::string, std::string> kToPay{90};
// Case -> the interaction in which we made a mistake, the first of several. From intake's topic.
inline constexpr store::Table<std::string, std::string> kMistakes{91};
// Key of a stream of authority -> its state. From the ownership topic.
inline constexpr store::Table<v1::AuthorityState, std::string> kAuthority{92};

// Counters.
inline constexpr char kPromisesOpen[] = "promises open";
inline constexpr char kCommitmentsOpen[] = "commitments open";
inline constexpr char kPromisesKept[] = "promises kept";
inline constexpr char kPromisesBroken[] = "promises broken";
inline constexpr char kCommitmentsBroken[] = "commitments broken";
inline constexpr char kHelpRequested[] = "help requested";
inline constexpr char kHelpGiven[] = "help given";
inline constexpr char kHelpReturned[] = "help returned";
inline constexpr char kHelpUnanswered[] = "help returned unanswered";
inline constexpr char kUnanswered[] = "customers waiting";
inline constexpr char kConfirmationsTakenBack[] = "confirmations taken back";
inline constexpr char kClosedConfirmed[] = "cases closed confirmed";
inline constexpr char kClosedUnconfirmed[] = "cases closed unconfirmed";
inline constexpr char kReopenings[] = "reopenings";
inline constexpr char kHandoffsOpen[] = "handoffs open";
inline constexpr char kCasesWaiting[] = "cases waiting for a rep";
inline constexpr char kPingPongs[] = "ping-pongs";
inline constexpr char kReturns[] = "returns to a former owner";
inline constexpr char kEscalationsOpen[] = "escalations open";
inline constexpr char kEscalations[] = "escalations";
inline constexpr char kEscalationsClimbed[] = "escalations climbed";
inline constexpr char kEscalationsExhausted[] = "escalations exhausted";
inline constexpr char kRemediesGranted[] = "remedies granted";
inline constexpr char kRemediesApproved[] = "remedies approved";
inline constexpr char kRemediesDeclined[] = "remedies declined";
inline constexpr char kRemediesRequested[] = "remedies requested";
inline constexpr char kRemediesWaiting[] = "remedies waiting for a decision";
inline constexpr char kRemediesToPay[] = "remedies to pay";
inline constexpr char kRemediesPaid[] = "remedies paid";
inline constexpr char kPaymentsFailed[] = "payments failed";

// Names of timers on `ownership/<case>`: followed by the name of the commitment's kind, `/`, and its id; by the offer's
// id; and alone, of a proposed resolution that the customer does not answer.
inline constexpr char kCommitmentTimer[] = "commitment/";
inline constexpr char kHandoffTimer[] = "handoff/";
inline constexpr char kUnansweredTimer[] = "unanswered";
// On `person/<person>`, followed by the id of the absence: it is over.
inline constexpr char kBackTimer[] = "back/";
// On `person/<person>`: a period of their working hours begins.
inline constexpr char kAtWorkTimer[] = "at work";

}  // namespace throughline::ownership
