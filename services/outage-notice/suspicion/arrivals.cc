#include "services/outage-notice/suspicion/arrivals.h"

#include <algorithm>

#include "services/outage-notice/projections/tables.h"
#include "services/outage-notice/suspicion/surge.h"

namespace throughline::outage {
namespace {

constexpr int64_t kStep = 5 * 60, kHour = 3600;  // seconds
constexpr int64_t kHoursOfWeek = 7 * 24;
constexpr int kSteps = 24, kWeeks = 9;  // places of the rings
constexpr int64_t kWindows[] = {15 * 60, kHour};
// The hours by which today is compared with other days: before the last one, in which it may have begun.
constexpr int64_t kHoursOfToday = 6;

int64_t Period(absl::Time at, int64_t length) { return absl::ToUnixSeconds(at) / length; }

// `place`: of the period in the ring of `size`.
void Count(v1::ArrivalsRow& ring, int size, int64_t place, int64_t number) {
  while (ring.periods_size() < size) ring.add_periods();
  v1::ArrivalsRow::Period& period = *ring.mutable_periods(static_cast<int>(place));
  if (period.number() > number) return;
  if (period.number() < number) period.set_cases(0);
  period.set_number(number);
  period.set_cases(period.cases() + 1);
}

int64_t Counted(const v1::ArrivalsRow& ring, int64_t place, int64_t number) {
  if (place >= ring.periods_size()) return 0;
  const v1::ArrivalsRow::Period& period = ring.periods(static_cast<int>(place));
  return period.number() == number ? period.cases() : 0;
}

int64_t PlaceOfWeek(int64_t hour) { return hour / kHoursOfWeek % kWeeks; }

// One hour: what came in, and what did at the same hour of the weeks before, as far back as the component has had
// cases.
struct Hour {
  int64_t cases = 0;
  History before;
};

Hour Read(const store::KeyValue& reader, const std::string& component_id, int64_t hour, int64_t first) {
  const v1::ArrivalsRow ring = kHourly.Get(reader, component_id, hour % kHoursOfWeek).value_or(v1::ArrivalsRow());
  Hour read{Counted(ring, PlaceOfWeek(hour), hour), {}};
  for (int week = 1; week < kWeeks; ++week) {
    const int64_t before = hour - week * kHoursOfWeek;
    if (before < first) break;
    read.before.cases += static_cast<double>(Counted(ring, PlaceOfWeek(before), before));
    read.before.hours += 1;
  }
  return read;
}

// In the first week of a component there is no same hour before: the busiest hour of the last day stands for it, as if
// that had been so for weeks.
History BusiestOfTheDay(const store::KeyValue& reader, const std::string& component_id, int64_t hour) {
  int64_t most = 0;
  for (int64_t ago = 2; ago <= 24; ++ago) most = std::max(most, Read(reader, component_id, hour - ago, hour).cases);
  return {static_cast<double>(most) * (kWeeks - 1), most > 0 ? kWeeks - 1.0 : 0};
}

Today CompareToday(const store::KeyValue& reader, const std::string& component_id, int64_t hour, int64_t first) {
  Today today;
  for (int64_t ago = 2; ago < 2 + kHoursOfToday; ++ago) {
    if (hour - ago < first) break;
    const Hour earlier = Read(reader, component_id, hour - ago, first);
    if (earlier.before.hours == 0) continue;  // nothing to compare it with
    today.cases += static_cast<double>(earlier.cases);
    today.usual += UsualAnHour(earlier.before);
  }
  return today;
}

}  // namespace

void CountArrival(store::Batch& batch, const std::string& component_id, absl::Time at) {
  const int64_t step = Period(at, kStep), hour = Period(at, kHour);
  v1::ArrivalsRow recent = kRecent.Get(batch, component_id).value_or(v1::ArrivalsRow());
  Count(recent, kSteps, step % kSteps, step);
  kRecent.Put(batch, component_id, recent);
  v1::ArrivalsRow hourly = kHourly.Get(batch, component_id, hour % kHoursOfWeek).value_or(v1::ArrivalsRow());
  Count(hourly, kWeeks, PlaceOfWeek(hour), hour);
  kHourly.Put(batch, component_id, hour % kHoursOfWeek, hourly);
  const auto first = kFirstHour.Get(batch, component_id);
  if (!first || hour < *first) kFirstHour.Put(batch, component_id, hour);
}

std::optional<Surge> FindSurge(const store::KeyValue& reader, const std::string& component_id, absl::Time at,
                               const SuspicionRules& rules) {
  const auto first = kFirstHour.Get(reader, component_id);
  const auto recent = kRecent.Get(reader, component_id);
  if (!first || !recent) return std::nullopt;
  const int64_t step = Period(at, kStep), hour = Period(at, kHour);
  int64_t cases[std::size(kWindows)] = {};
  for (size_t i = 0; i < std::size(kWindows); ++i) {
    for (int64_t ago = 0; ago < kWindows[i] / kStep; ++ago) {
      cases[i] += Counted(*recent, (step - ago) % kSteps, step - ago);
    }
  }
  if (*std::max_element(std::begin(cases), std::end(cases)) < rules.least_cases) return std::nullopt;
  History now = Read(reader, component_id, hour, *first).before;
  History earlier = Read(reader, component_id, hour - 1, *first).before;
  if (earlier.hours == 0) now = earlier = BusiestOfTheDay(reader, component_id, hour);
  const Today today = CompareToday(reader, component_id, hour, *first);
  std::optional<Surge> found;
  for (size_t i = 0; i < std::size(kWindows); ++i) {
    if (cases[i] < rules.least_cases) continue;
    // The window lies in this hour and the one before.
    const double share =
        std::min(1.0, static_cast<double>(absl::ToUnixSeconds(at) % kHour) / static_cast<double>(kWindows[i]));
    const History usual{share * now.cases + (1 - share) * earlier.cases,
                        share * now.hours + (1 - share) * earlier.hours};
    const double hours = static_cast<double>(kWindows[i]) / kHour;
    const double probability = SurgeProbability(cases[i], hours, usual, today);
    if (probability > rules.probability || (found && found->probability <= probability)) continue;
    found = Surge{absl::Seconds(kWindows[i]), cases[i], Expected(hours, usual, today), probability};
  }
  return found;
}

}  // namespace throughline::outage
