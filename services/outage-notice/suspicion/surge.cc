#include "services/outage-notice/suspicion/surge.h"

#include <cmath>

namespace throughline::outage {
namespace {

constexpr double kWeight = 0.5;  // of a past hour
constexpr double kDays = 16;     // days differ by a quarter: 1 / 0.25^2

double LogGamma(double x) {
  int sign = 0;  // lgamma would write a global
  return lgamma_r(x, &sign);
}

double ShapeOf(const History& history) { return 1 + kWeight * history.cases; }

// The shape of a Gamma of this product.
double Shape(const History& history, const Today& today) {
  return 1 / (1 / ShapeOf(history) + 1 / (kDays + today.cases));
}

// P(X >= n) of a negative binomial of that mean and shape.
double Tail(int64_t n, double mean, double shape) {
  const auto least = static_cast<double>(n);
  if (n <= 0 || least < mean) return 1;  // more than half of it, and so no small probability
  const double more = mean / (shape + mean);
  double term = std::exp(LogGamma(shape + least) - LogGamma(shape) - LogGamma(least + 1) + shape * std::log1p(-more) +
                         least * std::log(more));
  double sum = 0;
  for (double x = least; term > sum * 1e-12; ++x) {  // beyond the mean the terms fall
    sum += term;
    term *= more * (shape + x) / (x + 1);
  }
  return sum;
}

}  // namespace

double UsualAnHour(const History& history) { return ShapeOf(history) / (1 + kWeight * history.hours); }

double Expected(double hours, const History& history, const Today& today) {
  return hours * UsualAnHour(history) * (kDays + today.cases) / (kDays + today.usual);
}

double SurgeProbability(int64_t cases, double hours, const History& history, const Today& today) {
  return Tail(cases, Expected(hours, history, today), Shape(history, today));
}

}  // namespace throughline::outage
