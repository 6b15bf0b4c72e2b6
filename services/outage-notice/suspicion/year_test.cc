// A simulated year: how soon an outage is suspected, and how often one is suspected that is none. README.md states the
// bounds that are held here.

#include <cmath>
#include <cstdio>
#include <random>

#include "gtest/gtest.h"

#include "libs/store/batch.h"
#include "libs/store/memory_key_value.h"
#include "services/outage-notice/suspicion/arrivals.h"

namespace throughline::outage {
namespace {

constexpr int kYear = 365 * 24;  // hours
constexpr int kOutages = 24;     // of each component and year
constexpr double kOutageHours = 2;
// Monday 2026-01-05, midnight UTC.
const absl::Time kStart = absl::FromUnixSeconds(1767571200);

struct Component {
  const char* name;
  double cases_a_day;
  double factor;  // how many times as many cases come in during an outage
};

// How much of a week's cases come in an hour: little at night, less at the weekend, most on Monday morning.
double Shape(int hour_of_week) {
  const int day = hour_of_week / 24, hour = hour_of_week % 24;
  const double daytime = 0.15 + (hour >= 7 && hour < 21 ? std::sin((hour - 6) * M_PI / 16) : 0);
  return daytime * (day == 0 ? 1.3 : day >= 5 ? 0.5 : 1);
}

struct Result {
  int outages = 0, seen = 0, false_alarms = 0;
  int64_t cases = 0;
  std::vector<double> delays;  // minutes
};

// Days differ more than chance alone has them: each day's rate is drawn, too (with a deviation of a fifth). Once in a
// week or so a harmless burst comes: the same letter to many customers.
Result Simulate(const Component& component, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> starts;  // of outages, in hours, after eight weeks of history, not in the night
  std::uniform_real_distribution<double> when(8 * 7 * 24, kYear - 24);
  while (starts.size() < kOutages) {
    const double start = when(random);
    if (std::fmod(start, 24) > 8 && std::fmod(start, 24) < 18) starts.push_back(start);
  }
  double week = 0;
  for (int hour = 0; hour < 168; ++hour) week += Shape(hour);
  store::MemoryKeyValue rows;
  Result result;
  result.outages = kOutages;
  std::vector<bool> seen(starts.size(), false);
  double quiet_until = 0;
  std::gamma_distribution<double> of_day(25, 1.0 / 25);
  double day_factor = 1;
  for (int minute = 0; minute < kYear * 60; ++minute) {
    if (minute % 1440 == 0) day_factor = of_day(random);
    const double hour = minute / 60.0;
    size_t outage = starts.size();
    for (size_t i = 0; i < starts.size(); ++i) {
      if (hour >= starts[i] && hour < starts[i] + kOutageHours) outage = i;
    }
    const double usual = component.cases_a_day * 7 * Shape(static_cast<int>(hour) % 168) / week / 60 * day_factor;
    std::poisson_distribution<int> arrivals(usual * (outage < starts.size() ? component.factor : 1));
    const int count = arrivals(random);
    if (count == 0) continue;
    const absl::Time at = kStart + absl::Minutes(minute);
    store::Batch batch(rows);
    for (int i = 0; i < count; ++i) CountArrival(batch, component.name, at);
    rows.Write(batch.TakeChanges());
    result.cases += count;
    if (hour < quiet_until || !FindSurge(rows, component.name, at, {})) continue;
    quiet_until = hour + 4;  // confirmed or dismissed
    // What an outage caused is no false alarm for an hour after it.
    bool right = false;
    for (size_t i = 0; i < starts.size(); ++i) {
      if (hour < starts[i] || hour > starts[i] + kOutageHours + 1) continue;
      right = true;
      if (!seen[i]) result.delays.push_back((hour - starts[i]) * 60);
      seen[i] = true;
    }
    if (!right) ++result.false_alarms;
  }
  result.seen = static_cast<int>(std::count(seen.begin(), seen.end(), true));
  return result;
}

TEST(Suspicion, OverAYearIsSoonAndSeldomWrong) {
  const Component components[] = {{"quiet", 10, 8}, {"usual", 60, 6}, {"busy", 300, 4}, {"busiest", 1200, 3}};
  std::printf("component  cases/day  factor  outages  seen  delay p50 p90 (min)  false alarms/month\n");
  double false_alarms = 0;
  int months = 0, outages = 0, seen = 0;
  for (const Component& component : components) {
    Result sum;
    const int years = component.cases_a_day < 100 ? 3 : 1;
    for (int seed = 1; seed <= years; ++seed) {
      Result year = Simulate(component, static_cast<uint32_t>(seed));
      sum.outages += year.outages;
      sum.seen += year.seen;
      sum.false_alarms += year.false_alarms;
      sum.delays.insert(sum.delays.end(), year.delays.begin(), year.delays.end());
      months += 12;
    }
    std::sort(sum.delays.begin(), sum.delays.end());
    const auto at = [&](double part) {
      return sum.delays.empty() ? NAN
                                : sum.delays[static_cast<size_t>(part * static_cast<double>(sum.delays.size() - 1))];
    };
    std::printf("%-9s  %9.0f  %6.0f  %7d  %4d  %9.0f %4.0f        %.3f\n", component.name, component.cases_a_day,
                component.factor, sum.outages, sum.seen, at(0.5), at(0.9), sum.false_alarms / (12.0 * years));
    false_alarms += sum.false_alarms;
    outages += sum.outages;
    seen += sum.seen;
    if (component.cases_a_day >= 60) {
      EXPECT_GE(sum.seen, sum.outages * 3 / 4) << component.name;
      EXPECT_LE(at(0.5), 45) << component.name;
    }
    EXPECT_LE(sum.false_alarms, 6 * years) << component.name;
  }
  std::printf("all: %d of %d outages seen, %.3f false alarms a month and component\n", seen, outages,
              false_alarms / months);
}

}  // namespace
}  // namespace throughline::outage
