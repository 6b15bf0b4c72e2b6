#include "services/ownership/authority/policy.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "libs/money/money.h"

namespace throughline::ownership {
namespace {

bool Fits(const AuthorityRule& rule, const v1::PersonProfile& person, v1::RemedyKind kind,
          const std::string& currency) {
  return rule.currency == currency && (rule.role == v1::PERSON_KIND_UNSPECIFIED || rule.role == person.kind()) &&
         (rule.team.empty() || rule.team == person.team()) &&
         (rule.skill.empty() || absl::c_linear_search(person.skills(), rule.skill)) &&
         (rule.kinds.empty() || rule.kinds.contains(kind));
}

}  // namespace

AuthorityPolicy AuthorityPolicy::Shipped() {
  AuthorityPolicy policy;
  for (const char* currency : {"EUR", "USD", "GBP", "CHF"}) {
    policy.rules.push_back({v1::PERSON_KIND_REP, "", "", {}, currency, 50'00, 500'00});
    policy.rules.push_back({v1::PERSON_KIND_SUPERVISOR, "", "", {}, currency, 500'00, 5'000'00});
    policy.per_customer[currency] = 1'000'00;
  }
  return policy;
}

std::optional<v1::RemedyLimits> AuthorityPolicy::LimitsOf(const v1::PersonProfile& person, v1::RemedyKind kind,
                                                          const std::string& currency, bool mistake,
                                                          absl::Time now) const {
  const auto rule = absl::c_find_if(rules, [&](const AuthorityRule& one) { return Fits(one, person, kind, currency); });
  if (rule == rules.end()) return std::nullopt;
  const auto limit = [&](int64_t minor_units) {
    if (!mistake) return money::Of(currency, minor_units);
    const auto adds = mistake_adds.find(currency);
    const int64_t more = adds == mistake_adds.end() ? 0 : adds->second;
    return money::Of(currency, minor_units / 100 * mistake_percent + minor_units % 100 * mistake_percent / 100 + more);
  };
  v1::RemedyLimits limits;
  *limits.mutable_per_case() = limit(rule->per_case);
  *limits.mutable_per_period() = limit(rule->per_period);
  const auto customer = per_customer.find(currency);
  if (customer != per_customer.end()) *limits.mutable_per_customer() = limit(customer->second);
  limits.set_raised_by_mistake(mistake);
  limits.set_period(PeriodOf(now));
  return limits;
}

std::set<std::string> AuthorityPolicy::Currencies() const {
  std::set<std::string> currencies;
  for (const AuthorityRule& rule : rules) currencies.insert(rule.currency);
  return currencies;
}

std::string AuthorityPolicy::PeriodOf(absl::Time now) const {
  const absl::CivilDay day(zone.At(now).cs);
  switch (period) {
    case Period::kDay:
      return absl::FormatCivilTime(day);
    case Period::kWeek:
      return absl::StrCat("week-", absl::FormatCivilTime(absl::PrevWeekday(day + 1, absl::Weekday::monday)));
    case Period::kMonth:
      return absl::FormatCivilTime(absl::CivilMonth(day));
  }
  return "";
}

}  // namespace throughline::ownership
