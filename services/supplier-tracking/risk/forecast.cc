#include "services/supplier-tracking/risk/forecast.h"

#include <algorithm>
#include <array>

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/share.h"

namespace throughline::supplier {
namespace {

constexpr int kSteps = 16;  // of a first duration, before a second one begins

// Durations, given that they are longer than what has passed.
class Remaining {
 public:
  Remaining(const v1::Histogram& histogram, absl::Duration passed)
      : histogram_(histogram),
        count_(static_cast<double>(CountOf(histogram))),
        passed_(std::max(passed, absl::ZeroDuration())),
        longer_(Smooth(ShareLonger(histogram, passed_))) {}

  bool known() const { return count_ >= kEnough; }
  double Longer(absl::Duration than) const {
    return than <= passed_ ? 1.0 : std::min(1.0, Smooth(ShareLonger(histogram_, than)) / longer_);
  }
  // That which this share of them do not exceed.
  absl::Duration Quantile(double share) const {
    const double over = ShareLonger(histogram_, passed_);
    return std::max(passed_, QuantileOf(histogram_, 1 - over * (1 - share)));
  }

 private:
  // One more has been seen, and half of it took longer: what nobody has seen is not impossible.
  double Smooth(double share) const { return (share * count_ + 0.5) / (count_ + 1); }

  const v1::Histogram& histogram_;
  const double count_;
  const absl::Duration passed_;
  const double longer_;
};

// That of the weekday if it has been seen often enough, else that of all.
template <typename Histograms>
v1::Histogram OfWeekday(const Histograms& weekdays, absl::Time start) {
  v1::Histogram all;
  if (weekdays.empty()) return all;
  const v1::Histogram& one = weekdays.Get(WeekdayOf(start));
  if (CountOf(one) >= kEnough) return one;
  for (const v1::Histogram& weekday : weekdays) AddHistogram(all, weekday);
  return all;
}

// Histograms by weekday, as far as they are asked for.
template <typename Histograms>
class Weekdays {
 public:
  explicit Weekdays(const Histograms& histograms) : histograms_(histograms) {}
  const v1::Histogram& At(absl::Time start) {
    const auto day = static_cast<size_t>(WeekdayOf(start));
    if (!seen_[day]) {
      of_[day] = OfWeekday(histograms_, start);
      seen_[day] = true;
    }
    return of_[day];
  }

 private:
  const Histograms& histograms_;
  std::array<v1::Histogram, 7> of_;
  std::array<bool, 7> seen_ = {};
};

// Histograms count from the beginning of the day of `started`.
Forecast OneStep(const v1::Histogram& histogram, absl::Time started, absl::Time now, absl::Time promised) {
  const absl::Time start = Midnight(started);
  const Remaining remaining(histogram, now - start);
  Forecast forecast;
  forecast.known = remaining.known();
  if (!forecast.known) return forecast;
  forecast.late = remaining.Longer(promised - start);
  forecast.median = start + remaining.Quantile(0.5);
  forecast.latest = start + remaining.Quantile(0.9);
  return forecast;
}

// A first step that has begun, then a second one. The first is taken as kSteps equally likely durations.
template <typename Histograms>
Forecast TwoSteps(const v1::Histogram& first, absl::Time started, absl::Time earliest, const Histograms& second,
                  absl::Time now, absl::Time promised) {
  const absl::Time start = Midnight(started);
  const Remaining waiting(first, now - start);
  Forecast forecast;
  if (!waiting.known()) return forecast;
  Weekdays<Histograms> seconds(second);
  std::array<absl::Time, kSteps> begins;
  double late = 0, known = 0;
  for (int i = 0; i < kSteps; ++i) {
    absl::Time& begin = begins[static_cast<size_t>(i)];
    begin = std::max(earliest, start + waiting.Quantile((i + 0.5) / kSteps));
    const Remaining way(seconds.At(begin), absl::ZeroDuration());
    if (!way.known()) continue;
    ++known;
    late += promised > begin ? way.Longer(promised - Midnight(begin)) : 1.0;
  }
  if (known == 0) return forecast;
  forecast.known = true;
  forecast.late = late / known;
  const absl::Time begin = begins[kSteps / 2], late_begin = begins[kSteps * 3 / 4];
  forecast.median = Midnight(begin) + QuantileOf(seconds.At(begin), 0.5);
  forecast.latest = Midnight(late_begin) + QuantileOf(seconds.At(late_begin), 0.9);
  return forecast;
}

// Nine in ten ways lie between the two. Minutes: more would pretend to know.
constexpr double kShortest = 0.05, kLongest = 0.95;

template <typename Histograms>
std::optional<v1::Estimate> FromHistory(const Histograms& weekdays, absl::Time from) {
  const v1::Histogram histogram = OfWeekday(weekdays, from);
  if (CountOf(histogram) < kEnough) return std::nullopt;
  const auto by = [&](double share) {
    const absl::Duration way = std::max(from - Midnight(from), QuantileOf(histogram, share));
    return runtime::ToProto(std::max(from, Midnight(from) + absl::Floor(way, absl::Minutes(1))));
  };
  v1::Estimate estimate;
  *estimate.mutable_eta()->mutable_earliest() = by(kShortest);
  *estimate.mutable_eta()->mutable_latest() = by(kLongest);
  *estimate.mutable_likely() = by(0.5);
  *estimate.mutable_from() = runtime::ToProto(from);
  estimate.set_ways(static_cast<uint64_t>(CountOf(histogram)));
  return estimate;
}

}  // namespace

std::optional<v1::Estimate> WayFrom(const v1::LaneRow& lane, absl::Time picked_up) {
  return FromHistory(lane.arrival(), picked_up);
}

std::optional<v1::Estimate> WayFrom(const v1::VendorTimesRow& vendor, absl::Time sent) {
  return FromHistory(vendor.delivery(), sent);
}

Forecast OnTheWay(const v1::LaneRow& lane, absl::Time picked_up, absl::Time now, absl::Time promised) {
  return OneStep(OfWeekday(lane.arrival(), picked_up), picked_up, now, promised);
}

Forecast NotPickedUp(const v1::LaneRow& lane, absl::Time announced, absl::Time now, absl::Time promised) {
  return TwoSteps(OfWeekday(lane.start(), announced), announced, absl::InfinitePast(), lane.arrival(), now, promised);
}

Forecast Sent(const v1::VendorTimesRow& vendor, absl::Time dispatched, absl::Time now, absl::Time promised) {
  return OneStep(OfWeekday(vendor.delivery(), dispatched), dispatched, now, promised);
}

Forecast NotSent(const v1::VendorTimesRow& vendor, absl::Time placed, absl::Time earliest, absl::Time now,
                 absl::Time promised) {
  return TwoSteps(OfWeekday(vendor.handling(), placed), placed, earliest, vendor.delivery(), now, promised);
}

Forecast Together(absl::Span<const Forecast> parts) {
  Forecast all;
  double in_time = 1;
  for (const Forecast& part : parts) {
    if (!part.known) continue;
    all.known = true;
    in_time *= 1 - part.late;
    all.median = std::max(all.median, part.median);
    all.latest = std::max(all.latest, part.latest);
  }
  all.late = all.known ? 1 - in_time : 0;
  return all;
}

}  // namespace throughline::supplier
