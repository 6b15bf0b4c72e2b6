// A partner that sends as much as it can, with many events per payload, on several streams: it gets its rate and is
// told to wait, other callers are not slowed, and what was acknowledged is kept.

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/world.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::hostile {
namespace {

using PushRequest = supplier::v1::PushRawEventsRequest;
using PushResponse = supplier::v1::PushRawEventsResponse;

constexpr int kRate = 2000;    // events per second
constexpr int kParcels = 100;  // per payload
constexpr int kScans = 10;     // per parcel
constexpr int kPayload = kParcels * kScans;
constexpr int kStreams = 4;
constexpr int64_t kFlood = 8 * kPayload;

// The tracking number of parcel `parcel` in payload `payload`; check digits are not verified.
std::string Number(int payload, int parcel) { return absl::StrFormat("94001%08d%07d42", payload, parcel); }

std::string Body(int payload) {
  const std::string day = absl::FormatTime("%Y-%m-%d", absl::Now() - absl::Hours(48), absl::UTCTimeZone());
  std::vector<std::string> parcels;
  for (int parcel = 0; parcel < kParcels; ++parcel) {
    std::vector<std::string> scans;
    for (int scan = 0; scan < kScans; ++scan) {
      scans.push_back(absl::StrFormat(
          R"({"eventCode":"10","eventType":"Processed","eventTimestamp":"%sT%02d:00:00","GMTTimestamp":"%sT%02d:00:00Z",)"
          R"("GMTOffset":"+00:00","eventCity":"NEW YORK","eventState":"NY","eventZIP":"10001"})",
          day, scan, day, scan));
    }
    parcels.push_back(absl::StrCat(R"({"trackingNumber":")", Number(payload, parcel), R"(","trackingEvents":[)",
                                   absl::StrJoin(scans, ","), "]}"));
  }
  return absl::StrCat("[", absl::StrJoin(parcels, ","), "]");
}

// What the flooding partner sends, and the answers.
class Flood {
 public:
  explicit Flood(const client::Options& options) : options_(options) {}

  // Opens one stream after the other without a pause, until enough was accepted in all.
  void Run() {
    client::Options options = options_;
    options.tries = 1;  // it ignores the requested delay
    options.push_window = 16;
    const client::Client client(options);
    while (accepted_ < kFlood && !failed()) {
      const absl::Status status = client.Push<PushRequest, PushResponse>(
          [&](PushRequest& request) {
            if (accepted_ >= kFlood) return false;
            const int payload = sent_++;
            request.set_item_id(absl::StrCat(payload));
            request.set_format("usps-tracking-v3");
            request.set_body(Body(payload));
            return true;
          },
          [&](const PushRequest& request, const PushResponse& response) { Answered(request, response); });
      if (status.ok()) continue;
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
      EXPECT_EQ(runtime::ReasonOf(status), "TOO_MANY_EVENTS") << status;
      const absl::Duration delay = runtime::RetryAfterOf(status).value_or(absl::ZeroDuration());
      EXPECT_GT(delay, absl::ZeroDuration()) << status;
      EXPECT_LE(delay, absl::Seconds(1 + 2 * kPayload / kRate)) << "no longer than its debt lasts";
      ++told_to_wait_;
    }
  }

  int64_t accepted() const { return accepted_; }
  int64_t told_to_wait() const { return told_to_wait_; }
  // By payload, of the answered ones.
  std::map<int, int> accepted_of() {
    absl::MutexLock lock(&mutex_);
    return accepted_of_;
  }
  static bool failed() { return ::testing::Test::HasFailure(); }

 private:
  void Answered(const PushRequest& request, const PushResponse& response) {
    EXPECT_FALSE(response.has_error()) << response.error().ShortDebugString();
    EXPECT_EQ(response.events_size(), kPayload);
    int accepted = 0;
    for (const auto& event : response.events()) {
      accepted += event.result() == supplier::v1::PUSH_RESULT_ACCEPTED;
      // Within its rate it may still exceed its share of calls in flight.
      if (event.has_error()) EXPECT_EQ(event.error().reason(), "TOO_MANY_COMMANDS") << event.error().message();
    }
    EXPECT_EQ(accepted, kPayload - static_cast<int>(response.refused_count()));
    accepted_ += accepted;
    absl::MutexLock lock(&mutex_);
    accepted_of_[std::stoi(request.item_id())] = accepted;
  }

  const client::Options options_;
  std::atomic<int> sent_{0};
  std::atomic<int64_t> accepted_{0}, told_to_wait_{0};
  absl::Mutex mutex_;
  std::map<int, int> accepted_of_ ABSL_GUARDED_BY(mutex_);
};

absl::Status PushOne(const client::Client& partner, int n) {
  supplier::v1::PushStatusEventsRequest request;
  request.set_item_id("1");
  supplier::v1::StatusEvent& event = *request.mutable_event();
  event.set_carrier("ups");
  event.set_tracking_number(absl::StrFormat("1Z999AA1%010d", n));
  event.mutable_status()->set_state(supplier::v1::TRACKING_STATE_IN_TRANSIT);
  event.mutable_time()->mutable_instant()->set_seconds(absl::ToUnixSeconds(absl::Now()) - 60);
  bool sent = false, accepted = false;
  const absl::Status status =
      partner.Push<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>(
          [&](supplier::v1::PushStatusEventsRequest& next) {
            if (!std::exchange(sent, true)) return next = request, true;
            return false;
          },
          [&](const auto&, const supplier::v1::PushStatusEventsResponse& response) {
            accepted = response.result() == supplier::v1::PUSH_RESULT_ACCEPTED;
          });
  if (!status.ok()) return status;
  return accepted ? absl::OkStatus() : absl::InternalError("the event was not accepted");
}

TEST(Flood, OfAPartnerSlowsOnlyItself) {
  World world({"--identity-events", absl::StrCat(kRate)});
  client::Options patient = world.suite().OptionsFor("ups");
  patient.tries = 1;
  const client::Client ups(patient);
  Flood flood(world.suite().OptionsFor("usps"));
  std::atomic<int> flooding{kStreams};
  const absl::Time begin = absl::Now();
  std::vector<std::thread> streams;
  for (int i = 0; i < kStreams; ++i) {
    streams.emplace_back([&] {
      flood.Run();
      --flooding;
    });
  }
  int others = 0;
  for (; flooding > 0; ++others) {
    EXPECT_EQ(PushOne(ups, others), absl::OkStatus()) << "another partner";
    EXPECT_EQ(world.Works(), absl::OkStatus()) << "a person";
  }
  for (std::thread& stream : streams) stream.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  ASSERT_FALSE(Flood::failed());
  EXPECT_GE(flood.accepted(), kFlood);
  EXPECT_LE(static_cast<double>(flood.accepted()), kRate * seconds + kRate + kPayload) << "in " << seconds << " s";
  EXPECT_GT(flood.told_to_wait(), 0);
  EXPECT_GT(others, 0);

  // Acknowledged events are kept: sent again, they are duplicates. A sender that waits as told gets everything through.
  client::Options one_by_one = world.suite().OptionsFor("usps");
  one_by_one.push_window = 1;
  const std::map<int, int> accepted_of = flood.accepted_of();
  auto next = accepted_of.begin();
  size_t answered = 0;
  const absl::Status again = client::Client(one_by_one)
                                 .Push<PushRequest, PushResponse>(
                                     [&](PushRequest& request) {
                                       if (next == accepted_of.end()) return false;
                                       request.set_item_id(absl::StrCat(next->first));
                                       request.set_format("usps-tracking-v3");
                                       request.set_body(Body((next++)->first));
                                       return true;
                                     },
                                     [&](const PushRequest& request, const PushResponse& response) {
                                       ++answered;
                                       int known = 0;
                                       for (const auto& event : response.events())
                                         known += event.result() == supplier::v1::PUSH_RESULT_DUPLICATE;
                                       EXPECT_EQ(known, accepted_of.at(std::stoi(request.item_id())));
                                       EXPECT_EQ(response.refused_count(), 0u);
                                     });
  EXPECT_EQ(again, absl::OkStatus());
  EXPECT_EQ(answered, accepted_of.size());
  world.ExpectCleanEnd();
}

}  // namespace
}  // namespace throughline::hostile
