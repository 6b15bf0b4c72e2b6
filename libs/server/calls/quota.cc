#include "libs/server/calls/quota.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::server {
namespace {

// The part of a second's worth that is refilled when a refused caller may retry, so that it is not refused again at
// once.
constexpr double kRefilled = 0.25;

// Lets a stream be opened and used, however low the rate.
constexpr double kLeastBurst = 2;

double Burst(const QuotaOptions& options) { return std::max<double>(options.events_per_second, kLeastBurst); }

}  // namespace

Quota::Quota(std::string name, const QuotaOptions& options)
    : name_(std::move(name)), options_(options), events_left_(Burst(options)) {}

absl::Status Quota::Enter(bool stream) {
  const int most = stream ? options_.streams : options_.calls;
  if ((stream ? streams_ : calls_).fetch_add(1) < most) return absl::OkStatus();
  Leave(stream);
  return runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS_OF_YOURS",
                      absl::StrCat("`", name_, "` has ", most, stream ? " streams open" : " calls under way",
                                   ", the limit of one credential: wait until one of them has ended")),
      stream ? absl::Seconds(5) : absl::Milliseconds(100));
}

void Quota::Leave(bool stream) { (stream ? streams_ : calls_).fetch_sub(1); }

absl::Status Quota::Take(Clock::time_point now, int count, double least) {
  const double rate = options_.events_per_second;
  double missing = 0;
  {
    absl::MutexLock lock(&mu_);
    if (now > counted_) {
      const double passed = std::chrono::duration<double>(now - counted_).count();
      events_left_ = std::min(Burst(options_), events_left_ + passed * rate);
      counted_ = now;
    }
    if (events_left_ >= least) {
      events_left_ -= count;
      return absl::OkStatus();
    }
    missing = std::max(kLeastBurst, rate * kRefilled) - events_left_;
  }
  return runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_EVENTS",
                      absl::StrCat("`", name_, "` sends more than ", options_.events_per_second,
                                   " events a second: send again after the delay, and more slowly")),
      absl::Seconds(missing / rate));
}

std::shared_ptr<Quota> Quotas::Of(const std::string& name) {
  absl::MutexLock lock(&mu_);
  std::shared_ptr<Quota>& quota = quotas_[name];
  if (quota == nullptr) quota = std::make_shared<Quota>(name, options_);
  return quota;
}

}  // namespace throughline::server
