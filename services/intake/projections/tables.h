#pragma once

// The rows that the intake service keeps besides the roster (services/ownership/people/people.h). Another layout needs
// another Definition::layout.

#include "libs/store/table.h"
#include "throughline/intake/v1/rows.pb.h"

namespace throughline::intake {

// Each from one topic alone.
inline constexpr store::Table<v1::CaseRow, std::string> kCases{16};                      // case; intake
inline constexpr store::Table<v1::Interaction, std::string, int64_t> kInteractions{17};  // case, number from 1; intake
inline constexpr store::Table<v1::StandingRow, std::string> kStandings{18};              // case; ownership
inline constexpr store::Table<v1::NoticeRow, std::string> kNotices{19};                  // notice; outage-notice
using PairTable = store::Table<std::string, std::string, std::string>;
inline constexpr PairTable kActiveNotices{20};  // component, notice; outage-notice

// Lists, newest first; no contents. The first three from intake's topic alone, the others from cases and standings.
using ListTable = store::Table<std::string, std::string, store::Descending, std::string>;
inline constexpr store::Table<std::string, store::Descending, std::string> kByTime{21};
inline constexpr ListTable kByCustomer{22};
inline constexpr ListTable kByOrder{23};
inline constexpr ListTable kByComponent{24};
inline constexpr ListTable kByOwner{25};
inline constexpr ListTable kByStatus{26};  // the status's number as text

// From cases and standings.
inline constexpr PairTable kOpenByComponent{27};                 // component, case: not closed
inline constexpr store::Table<int64_t, std::string> kLoads{28};  // person: cases that are not closed
// From these and the roster: an available rep's load.
inline constexpr store::Table<int64_t, std::string> kAvailableReps{29};

// Counters.
inline constexpr char kOpenCases[] = "open cases";
inline constexpr char kOpenCasesWithoutOwner[] = "open cases without owner";

}  // namespace throughline::intake
