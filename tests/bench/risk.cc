#include "tests/bench/risk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include <fmt/format.h>

#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/share.h"
#include "services/supplier-tracking/risk/forecast.h"
#include "tests/bench/support/fixture.h"

namespace throughline::bench {
namespace {

using supplier::Forecast;

constexpr int kDays = 365;
constexpr double kTrained = 0.8;                                                             // of the year
constexpr double kThreshold = 0.7;                                                           // the service's default
const absl::Time kStart = absl::FromCivil(absl::CivilDay(2025, 1, 6), absl::UTCTimeZone());  // a Monday

// splitmix64: the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0x1234567) {}
  double Uniform() { return static_cast<double>(Next() >> 11) / static_cast<double>(uint64_t{1} << 53); }
  int Below(int n) { return static_cast<int>(Next() % static_cast<uint64_t>(n)); }
  bool Chance(double p) { return Uniform() < p; }
  // With this median; `spread` is the standard deviation of the logarithm.
  double LogNormal(double median, double spread) {
    const double u = 1 - Uniform(), v = Uniform();
    return median * std::exp(spread * std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * v));
  }

 private:
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

struct Vendor {
  const char* id;
  double handling_hours;  // median of the working time until it sends
  double spread;
  double out_of_stock;  // then it takes two to nine days more
  bool weekends;        // whether it works on them
  double quoted_hours;  // what the shop reckons with
};
constexpr std::array<Vendor, 3> kVendors = {
    {{"acme", 9, 0.5, 0.02, true, 24}, {"bolt", 22, 0.6, 0.05, false, 48}, {"umbra", 14, 0.9, 0.08, false, 48}}};

struct Carrier {
  const char* id;
  double speed;  // factor on the days of the way
  double spread;
  double delayed;  // the chance of a delay of one to five days
  double told;     // the chance that the carrier tells of it, within a day
  bool weekends;   // whether it moves parcels on them
  double hopeful;  // factor on the days in its first ETA
};
constexpr std::array<Carrier, 4> kCarriers = {{{"ups", 1.0, 0.12, 0.07, 0.45, false, 1.0},
                                               {"usps", 1.25, 0.28, 0.10, 0.20, true, 0.85},
                                               {"fedex", 0.9, 0.10, 0.06, 0.55, true, 1.0},
                                               {"ontrac", 1.1, 0.22, 0.14, 0.10, false, 0.9}}};

constexpr int kZones = 12;  // destinations, one to five days away

double DaysTo(int zone) { return 1.0 + 4.0 * zone / (kZones - 1); }

absl::Duration Days(double days) { return absl::Hours(24 * days); }

bool IsWeekend(absl::Time time) { return supplier::WeekdayOf(time) >= 5; }

absl::Time DayOf(absl::Time time) {
  absl::Duration rest;
  return kStart + absl::Hours(24) * absl::IDivDuration(time - kStart, absl::Hours(24), &rest);
}

absl::Time MondayAfter(absl::Time time) { return DayOf(time) + absl::Hours(24 * (7 - supplier::WeekdayOf(time))); }

// `time` and so much working time more; weekends do not count unless they are worked.
absl::Time Work(absl::Time time, absl::Duration work, bool weekends) {
  if (weekends) return time + work;
  if (IsWeekend(time)) time = MondayAfter(time);
  while (true) {
    const absl::Time weekend = MondayAfter(time) - absl::Hours(48);
    if (time + work <= weekend) return time + work;
    work -= weekend - time;
    time = MondayAfter(time);
  }
}

// Eight in the evening of its day.
absl::Time Evening(absl::Time time) { return DayOf(time) + absl::Hours(20); }

// In the daytime: what arrives at the depot in the afternoon comes on the next day.
absl::Time OnTheRound(absl::Time arrived, Random& random) {
  const absl::Time day =
      DayOf(arrived) + (arrived - DayOf(arrived) > absl::Hours(12) ? absl::Hours(24) : absl::ZeroDuration());
  return std::max(arrived, day + absl::Hours(9 + 9 * random.Uniform()));
}

// A shipment of an order, from placement to delivery.
struct Life {
  int vendor = 0, carrier = 0, zone = 0;
  absl::Time placed, promised, announced, picked_up, delivered;
  absl::Time first_eta;                // told at the pick-up
  absl::Time later_eta, later_eta_at;  // InfiniteFuture: never told
  bool Late() const { return delivered > promised; }
};

Life Live(int64_t n, int64_t count) {
  Random random(static_cast<uint64_t>(n));
  Life life;
  life.vendor = random.Below(static_cast<int>(kVendors.size()));
  life.carrier = random.Below(static_cast<int>(kCarriers.size()));
  life.zone = random.Below(kZones);
  const Vendor& vendor = kVendors[static_cast<size_t>(life.vendor)];
  const Carrier& carrier = kCarriers[static_cast<size_t>(life.carrier)];
  life.placed = kStart + Days(kDays * static_cast<double>(n) / static_cast<double>(count));
  double handling = random.LogNormal(vendor.handling_hours, vendor.spread);
  if (random.Chance(vendor.out_of_stock)) handling += 24 * (2 + 7 * random.Uniform());
  life.announced = Work(life.placed, absl::Hours(handling), vendor.weekends);
  life.picked_up = Work(life.announced, absl::Hours(random.LogNormal(5, 0.6)), carrier.weekends);
  const double usual = DaysTo(life.zone) * carrier.speed;
  life.delivered = Work(life.picked_up, Days(random.LogNormal(usual, carrier.spread)), carrier.weekends);
  // A carrier reckons with its usual days, in part wrongly.
  const double reckoned = usual * carrier.hopeful * random.LogNormal(1, 0.2);
  life.first_eta = Evening(Work(life.picked_up, Days(reckoned), carrier.weekends));
  life.later_eta = life.later_eta_at = absl::InfiniteFuture();
  if (random.Chance(carrier.delayed)) {
    const absl::Time noticed = life.picked_up + (life.delivered - life.picked_up) * random.Uniform();
    life.delivered = Work(life.delivered, Days(1 + 4 * random.Uniform()), carrier.weekends);
    if (random.Chance(carrier.told)) {
      life.later_eta_at = noticed + Days(random.Uniform());
      // It does not know it to the day either.
      life.later_eta = Evening(life.delivered + Days(4 * random.Uniform() - 2));
    }
  }
  life.delivered = OnTheRound(life.delivered, random);
  // The shop reckons with the vendor's and the carrier's words, and half a day more.
  const absl::Time sent = Work(life.placed, absl::Hours(vendor.quoted_hours), vendor.weekends);
  life.promised = Evening(Work(sent, Days(usual * 1.1 + 0.5), carrier.weekends));
  return life;
}

// What we learned of shipments, as the service keeps it.
class Learned {
 public:
  void Learn(const Life& life) {
    supplier::v1::LaneRow& lane = lanes_[{life.carrier, life.zone}];
    supplier::v1::VendorTimesRow& vendor = vendors_[life.vendor];
    while (lane.arrival_size() < 7) lane.add_arrival();
    while (lane.start_size() < 7) lane.add_start();
    while (vendor.handling_size() < 7) vendor.add_handling();
    while (vendor.delivery_size() < 7) vendor.add_delivery();
    const auto add = [](auto& weekdays, absl::Time from, absl::Time until) {
      supplier::AddDuration(*weekdays.Mutable(supplier::WeekdayOf(from)), until - supplier::Midnight(from));
    };
    add(*lane.mutable_arrival(), life.picked_up, life.delivered);
    add(*lane.mutable_start(), life.announced, life.picked_up);
    add(*vendor.mutable_handling(), life.placed, life.announced);
    add(*vendor.mutable_delivery(), life.announced, life.delivered);
  }
  Forecast Ask(const Life& life, absl::Time now) {
    if (life.picked_up <= now) {
      return supplier::OnTheWay(lanes_[{life.carrier, life.zone}], life.picked_up, now, life.promised);
    }
    if (life.announced <= now) {
      return supplier::NotPickedUp(lanes_[{life.carrier, life.zone}], life.announced, now, life.promised);
    }
    return supplier::NotSent(vendors_[life.vendor], life.placed, absl::InfinitePast(), now, life.promised);
  }
  size_t lanes() const { return lanes_.size(); }

 private:
  std::map<std::pair<int, int>, supplier::v1::LaneRow> lanes_;
  std::map<int, supplier::v1::VendorTimesRow> vendors_;
};

bool EtaSaysLate(const Life& life, absl::Time now) {
  if (life.picked_up > now) return false;  // the carrier says nothing yet
  return (life.later_eta_at <= now ? life.later_eta : life.first_eta) > life.promised;
}

struct Judged {
  int64_t asked = 0, late = 0, raised = 0, right = 0;

  void Add(bool raises, bool is_late) {
    ++asked;
    late += is_late;
    raised += raises;
    right += raises && is_late;
  }
  double Precision() const { return raised == 0 ? 0 : static_cast<double>(right) / static_cast<double>(raised); }
  double Recall() const { return late == 0 ? 0 : static_cast<double>(right) / static_cast<double>(late); }
};

// Those of all carriers together are to be better than the carriers' ETAs alone.
void AddRow(const std::string& of, const Judged& ours, const Judged& eta, double wanted, Report& report) {
  const std::string key = of.empty() ? "" : "_" + of, name = of.empty() ? "all" : of;
  const double share = static_cast<double>(ours.late) / static_cast<double>(std::max<int64_t>(ours.asked, 1));
  report.AddValue("risk_late" + key, fmt::format("{}: asked {}, of these late", name, ours.asked), 100 * share, "%");
  const auto add = [&](const char* what, double figure, double reference) {
    report.AddRatio({fmt::format("risk_{}{}", what, key), fmt::format("{}: {}, vs the ETA alone", name, what), figure,
                     reference, "", figure / reference, wanted});
  };
  add("precision", ours.Precision(), eta.Precision());
  add("recall", ours.Recall(), eta.Recall());
}

}  // namespace

void MeasureRisk(const Size& size, Report& report) {
  const int64_t count = size.shipments;
  const absl::Time end_of_history = kStart + Days(kDays * kTrained);
  Progress(fmt::format("risk: {} shipments", count));
  Learned history;
  int64_t learned = 0;
  for (int64_t n = 0; n < count; ++n) {
    const Life life = Live(n, count);
    if (life.delivered >= end_of_history) continue;
    history.Learn(life);
    ++learned;
  }
  std::array<Judged, kCarriers.size()> ours_by, eta_by;
  std::array<std::pair<double, Judged>, 10> tenths;  // by the probability that was told, and what became of them
  Judged ours, eta;
  for (int64_t n = static_cast<int64_t>(kTrained * static_cast<double>(count)); n < count; ++n) {
    const Life life = Live(n, count);
    const absl::Time now = life.promised - absl::Hours(24);
    if (now < end_of_history || life.delivered <= now) continue;  // nobody asks about what has arrived
    const bool told = EtaSaysLate(life, now);
    const Forecast forecast = history.Ask(life, now);
    const bool raised = told || (forecast.known && forecast.late >= kThreshold);
    const auto carrier = static_cast<size_t>(life.carrier);
    ours.Add(raised, life.Late());
    ours_by[carrier].Add(raised, life.Late());
    eta.Add(told, life.Late());
    eta_by[carrier].Add(told, life.Late());
    auto& [told_sum, became] = tenths[std::min<size_t>(9, static_cast<size_t>(forecast.late * 10))];
    told_sum += forecast.late;
    became.Add(true, life.Late());
  }
  AddRow("", ours, eta, 1, report);
  for (size_t i = 0; i < kCarriers.size(); ++i) {
    AddRow(kCarriers[i].id, ours_by[i], eta_by[i], 0, report);
  }
  double off = 0;
  for (const auto& [told_sum, became] : tenths) {
    off +=
        std::abs(told_sum - static_cast<double>(became.late)) / static_cast<double>(std::max<int64_t>(ours.asked, 1));
  }
  report.AddValue("risk_calibration_error", "  probability told, off on average by", off, "", 0.05);
  report.AddValue("risk_learned", fmt::format("  shipments learned from, on {} lanes", history.lanes()),
                  static_cast<double>(learned), "");
}

}  // namespace throughline::bench
