#pragma once

// How much a person may grant without asking, as the company decided: data, not code. What a decision used is recorded
// with it, so a changed policy changes no decision that was made.
//
//   auto limits = policy.LimitsOf(person.profile(), v1::REMEDY_KIND_REFUND, "EUR", mistake, now);
//   if (!limits) ...  // none in this currency or of this kind
//
// Immutable once built; any thread.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "throughline/ownership/v1/person.pb.h"
#include "throughline/ownership/v1/remedy.pb.h"

namespace throughline::ownership {

// Whose authority, in one currency. Of several rules that fit, the first counts.
struct AuthorityRule {
  v1::PersonKind role = v1::PERSON_KIND_UNSPECIFIED;  // unspecified: any
  std::string team;                                   // empty: any
  std::string skill;                                  // empty: none is needed
  std::set<v1::RemedyKind> kinds;                     // empty: all
  std::string currency;
  int64_t per_case = 0;  // in minor units, as all amounts here
  int64_t per_period = 0;
};

struct AuthorityPolicy {
  enum class Period { kDay, kWeek, kMonth };
  // No limit is higher, so that sums of them fit.
  static constexpr int64_t kMostMinorUnits = 1'000'000'000'000;
  static constexpr int kMostPercent = 1000;

  Period period = Period::kMonth;
  absl::TimeZone zone = absl::UTCTimeZone();
  // By when a supervisor decides, and the owner answers a counter-offer: in words, see libs/calendar/due.h.
  std::string decide_within = "4 business hours";
  std::string answer_within = "3 business days";
  // Which calendar these count by. Empty: the default one.
  std::string calendar;
  // A mistake of the company raises each limit to so much of it, and then by so much.
  int mistake_percent = 200;
  std::map<std::string, int64_t> mistake_adds;  // by currency
  std::vector<AuthorityRule> rules;
  std::map<std::string, int64_t> per_customer;  // by currency; in the period, from everybody together

  // What is used if a company has not decided otherwise: see services/ownership/README.md.
  static AuthorityPolicy Shipped();

  // None: the person has no authority for that.
  std::optional<v1::RemedyLimits> LimitsOf(const v1::PersonProfile& person, v1::RemedyKind kind,
                                           const std::string& currency, bool mistake, absl::Time now) const;
  // The currencies in which anybody has authority.
  std::set<std::string> Currencies() const;
  // As RemedyLimits.period says it.
  std::string PeriodOf(absl::Time now) const;
};

}  // namespace throughline::ownership
