#include "libs/runtime/clock.h"

#include <algorithm>

namespace throughline::runtime {
namespace {

// More than a clock that is kept right by small steps moves between two looks.
constexpr absl::Duration kJump = absl::Seconds(2);
// Time daemons look about once a minute, so they mend a wrong jump before this has passed. Timers that a right jump
// holds up are late by no more than this.
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
