#pragma once

// The tables of intake, besides the roster (services/ownership/people/people.h). Changing a layout needs a new
// Definition::layout.

#include "libs/store/table.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/rows.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"

namespace throughline::intake {

// Each from one topic. Comments: key; topic.
inline constexpr store::Table<v1::CaseRow, std::string> kCases{16};                      // case; intake
inline constexpr store::Table<v1::Interaction, std::string, int64_t> kInteractions{17};  // case, number from 1; intake
inline constexpr store::Table<v1::StandingRow, std::string> kStandings{18};              // case; ownership
inline constexpr store::Table<v1::NoticeRow, std::string> kNotices{19};                  // notice; outage-notice
using PairTable = store::Table<std::string, std::string, std::string>;
inline constexpr PairTable kActiveNotices{20};  // component, notice; outage-notice

// Lists, newest first, with empty values. The first four are from intake's topic, the others from cases and standings.
// A case is in kByComponent once for each of its components.
using ListTable = store::Table<std::string, std::string, store::Descending, std::string>;
inline constexpr store::Table<std::string, store::Descending, std::string> kByTime{21};
inline constexpr ListTable kByCustomer{22};
inline constexpr ListTable kByOrder{23};
inline constexpr ListTable kByComponent{24};
inline constexpr ListTable kByOwner{25};
inline constexpr ListTable kByStatus{26};  // the status's number as text

// From cases and standings.
inline constexpr PairTable kOpenByComponent{27};                 // component, case; cases that are not closed
inline constexpr store::Table<int64_t, std::string> kLoads{28};  // person -> how many of their cases are not closed
// Available rep -> load. From loads and the roster.
inline constexpr store::Table<int64_t, std::string> kAvailableReps{29};

// Rep -> when a case that nobody took was given to them last, in microseconds since 1970. From intake's topic.
inline constexpr store::Table<int64_t, std::string> kLastGiven{30};

// Who meets whose words. From intake's topic.
inline constexpr store::Table<std::string, std::string> kMatters{31};         // matter -> the case reserved last
inline constexpr store::Table<int64_t, std::string, std::string> kWords{32};  // interaction or alert, case -> number
// Matter, cases that are not closed, with empty values. From cases and standings.
inline constexpr ListTable kOpenByMatter{33};
inline constexpr store::Table<v1::ComponentRow, std::string> kComponents{34};  // defined component; outage-notice

// A customer seen whole: each list of a customer's things is from one topic. The list's ids begin with the kind of
// thing.
inline constexpr ListTable kOfCustomer{35};                                                  // customer, newest first
inline constexpr char kCaseItem[] = "c/";                                                    // and the case
inline constexpr char kOrderItem[] = "o/";                                                   // and the order
inline constexpr char kPromiseItem[] = "p/";                                                 // and case/commitment
inline constexpr store::Table<v1::CustomerOrder, std::string> kOrders{36};                   // order; supplier-tracking
inline constexpr store::Table<v1::CustomerPromise, std::string, std::string> kPromises{37};  // case, id; ownership

// Suggestions and improvements; all from intake's topic.
inline constexpr store::Table<v1::SuggestionView, std::string> kSuggestions{38};    // suggestion
inline constexpr ListTable kSuggestionLists{39};                                    // list (ListsOf), newest first
inline constexpr store::Table<v1::ImprovementView, std::string> kImprovements{40};  // kind
// Person -> the suggestions and improvements that they answer for and that are not over; empty values.
inline constexpr PairTable kSuggestionsOwed{41};
inline constexpr PairTable kImprovementsOwed{42};
// Kind, what happened, newest first, with empty values: what improvements count. From what was named as evidence, and
// from the faults of orders (supplier-tracking).
inline constexpr ListTable kOccurrences{43};

// Names of timers, on `suggestion/<id>` and `improvement/<kind>`.
inline constexpr char kAnswerTimer[] = "answer";
inline constexpr char kMeasureTimer[] = "measure";

// Counters.
inline constexpr char kSuggestionsOpen[] = "suggestions open";
inline constexpr char kSuggestionsOverdue[] = "suggestions open and overdue";
inline constexpr char kSuggestionsRecorded[] = "suggestions recorded";
inline constexpr char kSuggestionsAnswered[] = "suggestions answered";
inline constexpr char kSuggestionsMissed[] = "suggestions not answered in time";
inline constexpr char kImprovementsOpen[] = "improvements not closed";
inline constexpr char kImprovementsOverdue[] = "improvements overdue";
inline constexpr char kImprovementsOpened[] = "improvements opened";
inline constexpr char kImprovementsClosed[] = "improvements closed";
inline constexpr char kOpenCases[] = "open cases";
inline constexpr char kUntakenCases[] = "open cases that nobody took";

}  // namespace throughline::intake
