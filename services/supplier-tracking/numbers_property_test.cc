// The lives of one tracking number that is used again and again, against a plain model of the rule in README.md
// ("Tracking numbers that are used again"): which use of it an order gets, and to which use a scan belongs.

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

constexpr int64_t kHour = 3600, kDay = 24 * kHour;

struct Said {
  int64_t at = 0;
  v1::TrackingState state = v1::TRACKING_STATE_UNSPECIFIED;
  int64_t corrects = 0;  // the moment of the scan that it corrects; each scan has its own moment
};

// One use of the number.
struct Use {
  std::string order;  // empty: nobody's
  int64_t announced = 0;
  bool back = false;  // to the sender
  std::vector<Said> said;

  struct Where {
    v1::TrackingState state;
    int64_t since;
  };
  std::optional<Where> Now() const {
    std::vector<Said> counting;
    for (const Said& one : said) {
      const bool taken_back =
          std::any_of(said.begin(), said.end(), [&](const Said& other) { return other.corrects == one.at; });
      if (!taken_back) counting.push_back(one);
    }
    std::sort(counting.begin(), counting.end(), [](const Said& a, const Said& b) { return a.at < b.at; });
    bool turned = back;
    for (const Said& one : counting) {
      if (one.state == v1::TRACKING_STATE_RETURNED) return Where{one.state, one.at};
      if (one.state == v1::TRACKING_STATE_DELIVERED) {
        return Where{turned ? v1::TRACKING_STATE_RETURNED : v1::TRACKING_STATE_DELIVERED, one.at};
      }
      turned |= one.state == v1::TRACKING_STATE_RETURNING;
    }
    if (counting.empty()) return std::nullopt;
    return Where{counting.back().state, counting.back().at};
  }
  std::optional<int64_t> End() const {
    const auto where = Now();
    if (!where) return std::nullopt;
    const bool over = where->state == v1::TRACKING_STATE_DELIVERED || where->state == v1::TRACKING_STATE_RETURNED ||
                      where->state == v1::TRACKING_STATE_LOST_OR_DAMAGED ||
                      where->state == v1::TRACKING_STATE_CANCELLED;
    return over ? std::optional(where->since) : std::nullopt;
  }
};

struct Model {
  std::vector<Use> uses;  // epoch 1 first

  // The epoch that the order gets, from 1; 0: the number is in use by another.
  size_t Claim(const std::string& order, int64_t now, bool back) {
    for (size_t i = uses.size(); i > 0; --i) {
      if (uses[i - 1].order != order) continue;
      if (!back || uses[i - 1].back) return i;
      return Begin(order, now, back);
    }
    if (uses.empty()) return Begin(order, now, back);
    Use& last = uses.back();
    const auto where = last.Now();
    const int64_t heard = where ? where->since : last.order.empty() ? now : last.announced;
    const bool silent = now - heard > 120 * kDay;
    const auto end = last.End();
    if (last.order.empty()) {
      if (silent || (end && now - *end > 30 * kDay)) return Begin(order, now, back);
      last.order = order;
      last.announced = now;
      last.back = back;
      return uses.size();
    }
    return silent || end ? Begin(order, now, back) : 0;
  }
  size_t Begin(const std::string& order, int64_t now, bool back) {
    uses.push_back({order, now, back, {}});
    return uses.size();
  }

  // The epoch of a scan.
  size_t Of(const Said& said) const {
    for (size_t i = uses.size(); said.corrects != 0 && i > 0; --i) {
      for (const Said& known : uses[i - 1].said) {
        if (known.at == said.corrects) return i;
      }
    }
    for (size_t i = uses.size(); i > 1; --i) {
      const auto end = uses[i - 2].End();
      int64_t begins = uses[i - 1].announced - (uses[i - 1].back && !end ? 0 : 72 * kHour);
      if (end) begins = std::max(begins, *end);
      if (!uses[i - 1].order.empty() && said.at > begins) return i;
    }
    return 1;
  }
  void Say(const Said& said) {
    if (uses.empty()) uses.push_back({});
    uses[Of(said) - 1].said.push_back(said);
  }
};

constexpr v1::TrackingState kStates[] = {v1::TRACKING_STATE_ANNOUNCED,  v1::TRACKING_STATE_PICKED_UP,
                                         v1::TRACKING_STATE_IN_TRANSIT, v1::TRACKING_STATE_DELIVERED,
                                         v1::TRACKING_STATE_DELIVERED,  v1::TRACKING_STATE_RETURNING,
                                         v1::TRACKING_STATE_RETURNED,   v1::TRACKING_STATE_LOST_OR_DAMAGED,
                                         v1::TRACKING_STATE_CANCELLED,  v1::TRACKING_STATE_DELIVERED};

// A number in the service and in the model, lived through step by step.
class Life {
 public:
  Life() {
    for (int i = 0; i < 4; ++i) RC_ASSERT(service_.Place(absl::StrCat("SO-", i), kOrder).ok());
  }

  void Step(int kind, int which, int amount) {
    switch (kind) {
      case 0:
        return service_.Pass(absl::Minutes(1 + amount * 7));
      case 1:
        return service_.Pass(absl::Hours(24 * (1 + which * 17)));
      case 2:
      case 3:
        return Claim(absl::StrCat("SO-", which % 4), false);
      case 4:
        return Claim(absl::StrCat("SO-", which % 4), true);
      case 5:
        return Correct(static_cast<size_t>(which), amount);
      case 6:
        return Repeat(static_cast<size_t>(which));
      default:
        return Scan(kStates[which % 10], MomentNear(amount));
    }
  }

  void Check() {
    for (size_t epoch = 1; epoch <= model_.uses.size(); ++epoch) {
      const Use& use = model_.uses[epoch - 1];
      const v1::GetShipmentResponse shown = Get(epoch);
      const auto where = use.Now();
      RC_ASSERT(shown.shipment().order_id() == use.order);
      RC_ASSERT(shown.shipment().return_leg() == use.back);
      RC_ASSERT(static_cast<size_t>(shown.scans_size()) == use.said.size());
      RC_ASSERT(shown.shipment().state() == (where ? where->state : v1::TRACKING_STATE_UNSPECIFIED));
      if (where) RC_ASSERT(shown.shipment().state_since().seconds() == where->since);
    }
    RC_ASSERT(Get(model_.uses.size() + 1).shipment().shipment().empty());
    // Nobody reads about the parcels of others.
    for (int i = 0; i < 4; ++i) {
      const std::string order = absl::StrCat("SO-", i);
      size_t told = 0;
      for (const v1::TraceEntry& entry : service_.Trace(order)) told += entry.kind() == "StatusRecorded" ? 1 : 0;
      size_t theirs = 0;
      for (const Use& use : model_.uses) theirs += use.order == order ? use.said.size() : 0;
      RC_ASSERT(told == theirs);
    }
  }

 private:
  int64_t Now() const { return absl::ToUnixSeconds(service_.now()); }

  v1::GetShipmentResponse Get(size_t epoch) {
    v1::GetShipmentRequest request;
    request.set_carrier("ups");
    request.set_tracking_number("1Z");
    request.set_epoch(static_cast<uint32_t>(epoch));
    request.set_page_size(1000);
    return GetShipment(service_.reader(), request).value_or(v1::GetShipmentResponse());
  }

  // Now, or some time before, or around what the uses begin and end with; no two scans are of one moment.
  int64_t MomentNear(int amount) {
    std::vector<int64_t> marks = {Now()};
    for (const Use& use : model_.uses) {
      if (use.announced != 0) marks.insert(marks.end(), {use.announced, use.announced - 72 * kHour});
      if (const auto end = use.End()) marks.push_back(*end);
    }
    int64_t at =
        marks[static_cast<size_t>(amount) % marks.size()] + (amount % 7 - 3) * (amount % 2 == 0 ? 1 : 11 * kHour);
    at = std::min(at, Now() + 40 * kHour);
    while (!moments_.insert(at).second) --at;
    return at;
  }

  void Claim(const std::string& order, bool back) {
    const size_t epoch = model_.Claim(order, Now(), back);
    const absl::Status status =
        service_.Add(order, absl::StrCat("order_id: \"", order, "\" carrier: \"ups\" tracking_number: \"1Z\" ",
                                         "line_ids: \"1\" return_leg: ", back ? "true" : "false"));
    RC_ASSERT(status.ok() == (epoch > 0));
    if (!status.ok()) RC_ASSERT(runtime::ReasonOf(status) == std::optional<std::string>("NUMBER_IN_USE"));
    if (status.ok()) {
      bool has = false;
      const v1::OrderView view = service_.View(order);
      for (const auto& shipment : view.shipments()) has |= shipment.shipment() == ShipmentStream("ups", "1Z", epoch);
      RC_ASSERT(has);
    }
  }

  void Scan(v1::TrackingState state, int64_t at) { Push({at, state, 0}, ""); }

  void Push(const Said& said, const std::string& more) {
    const std::string state(absl::StripPrefix(v1::TrackingState_Name(said.state), "TRACKING_STATE_"));
    const auto result = service_.Push(supplier::Scan("ups", "1Z", state, said.at) + more);
    RC_ASSERT(result.ok());
    model_.Say(said);
    said_.push_back(said);
  }

  // A carrier takes one of its scans back.
  void Correct(size_t which, int amount) {
    if (said_.empty()) return;
    // Mostly the last delivery: that is what moves the end of a use.
    const auto last = std::find_if(said_.rbegin(), said_.rend(),
                                   [](const Said& said) { return said.state == v1::TRACKING_STATE_DELIVERED; });
    const Said wrong = amount % 3 > 0 && last != said_.rend() ? *last : said_[which % said_.size()];
    std::string fingerprint;
    for (size_t epoch = 1; epoch <= model_.uses.size(); ++epoch) {
      const v1::GetShipmentResponse shown = Get(epoch);
      for (const v1::ScanView& scan : shown.scans()) {
        if (scan.time().instant().seconds() == wrong.at) fingerprint = scan.fingerprint();
      }
    }
    if (fingerprint.empty()) return;
    Push({MomentNear(amount), v1::TRACKING_STATE_IN_TRANSIT, wrong.at},
         absl::StrCat(" correction_of: \"", absl::CHexEscape(fingerprint), "\""));
  }

  // A carrier sends its history again: a scan stays where it is, unless another use has begun by then.
  void Repeat(size_t which) {
    if (said_.empty()) return;
    const Said& again = said_[which % said_.size()];
    if (again.corrects != 0) return;
    const size_t epoch = model_.Of(again);
    const auto& there = model_.uses[epoch - 1].said;
    const bool known = std::any_of(there.begin(), there.end(), [&](const Said& one) { return one.at == again.at; });
    if (!known) return;
    const std::string state(absl::StripPrefix(v1::TrackingState_Name(again.state), "TRACKING_STATE_"));
    const auto result = service_.Push(supplier::Scan("ups", "1Z", state, again.at));
    RC_ASSERT(result.ok());
    RC_ASSERT(*result == v1::PUSH_RESULT_DUPLICATE);
  }

  ServiceUnderTest service_;
  Model model_;
  std::vector<Said> said_;
  std::set<int64_t> moments_;
};

TEST(Numbers, AnyLifeOfANumberFollowsTheRule) {
  const bool held = rc::check("a number's life", [] {
    const auto step = rc::gen::tuple(rc::gen::inRange(0, 12), rc::gen::inRange(0, 10), rc::gen::inRange(0, 60));
    const auto steps = *rc::gen::scale(0.7, rc::gen::container<std::vector<std::tuple<int, int, int>>>(step));
    Life life;
    for (const auto& [kind, which, amount] : steps) life.Step(kind, which, amount);
    life.Check();
  });
  EXPECT_TRUE(held);
}

// Somebody scans it, some time passes, and only then an order claims it.
TEST(Numbers, ANumberThatNobodyClaimedFollowsTheRule) {
  const bool held = rc::check("the life of a number that nobody claimed", [] {
    const auto step = rc::gen::tuple(rc::gen::inRange(0, 12), rc::gen::inRange(0, 10), rc::gen::inRange(0, 60));
    const auto states = *rc::gen::container<std::vector<int>>(2, rc::gen::element(0, 1, 2, 3, 5, 7, 8));
    const int passes = *rc::gen::element(0, 1, 2, 4, 6, 8, 9);
    const auto steps = *rc::gen::scale(0.1, rc::gen::container<std::vector<std::tuple<int, int, int>>>(step));
    Life life;
    for (const int state : states) life.Step(11, state, 0);
    life.Step(1, passes, 0);
    life.Step(2, 0, 0);
    for (const auto& [kind, which, amount] : steps) life.Step(kind, which, amount);
    life.Check();
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace throughline::supplier
