#pragma once

// Whether more cases came in than usual: the test behind a suspected outage.
//
// The number of cases within a time is taken as Poisson. Its rate is not known but estimated, twice:
//
//   usual  from the same hour of the week in the weeks before. With a Gamma prior of one case an hour, give or take
//   one,
//          it is Gamma(1 + w * cases, 1 + w * hours). Past hours count half (w; a power prior, Ibrahim and Chen 2000):
//          weeks differ more than chance alone would have them.
//   today  how today compares with that: 1, give or take a quarter, before anything is known of it; then
//          Gamma(16 + cases today, 16 + cases that were usual for these hours).
//
// The rate is their product. It is taken as a Gamma, too, of the same mean and of the sum of their squared coefficients
// of variation; so the number to come is negative binomial (Gelman et al., Bayesian Data Analysis, 2.6), and the test
// is the probability of so many or more.
//
// Pure functions; any thread.

#include <cstdint>

namespace throughline::outage {

// What came in at the same hour of the week before.
struct History {
  double cases = 0;
  double hours = 0;
};

// What came in in the last hours, and what was usual for them.
struct Today {
  double cases = 0;
  double usual = 0;
};

// The number of cases that is usual within an hour, whatever the day is like.
double UsualAnHour(const History& history);
// The number that is expected within `hours`.
double Expected(double hours, const History& history, const Today& today);
// How probable `cases` or more are within `hours`.
double SurgeProbability(int64_t cases, double hours, const History& history, const Today& today);

}  // namespace throughline::outage
