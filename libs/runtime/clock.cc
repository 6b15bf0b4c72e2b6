#include "libs/runtime/clock.h"

#include <algorithm>

namespace throughline::runtime {
namespace {

// More than a slewed clock moves between two readings.
constexpr absl::Duration kJump = absl::Seconds(2);
// A time daemon corrects a wrong jump within about a minute. A right jump delays timers by this at most.
constexpr absl::Duration kPatience = absl::Minutes(2);

bool Agree(absl::Time a, absl::Time b) { return absl::AbsDuration(a - b) <= kJump; }

}  // namespace

absl::Time TrustedTime::At(absl::Time now, absl::Duration steady) {
  const Origin origin = now - steady;
  if (!doubted_ || !Agree(origin, doubted_->origin)) doubted_ = Doubt{origin, steady};
  if (!trusted_ || Agree(origin, *trusted_) || steady - doubted_->since >= kPatience) trusted_ = origin;
  return std::min(now, *trusted_ + steady);
}

}  // namespace throughline::runtime
