// Payloads that are too large, or that nobody can read, between good ones on one stream: each is answered for itself.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "tests/hostile/world.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::hostile {
namespace {

using RawEvents = supplier::v1::PushRawEventsRequest;
using RawAnswers = supplier::v1::PushRawEventsResponse;

std::string Scan(const std::string& number) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::Now() - absl::Hours(24), absl::UTCTimeZone());
  return absl::StrFormat(R"({"trackingNumber":"%s","trackingEvents":[{"eventCode":"10","eventType":"Processed",)"
                         R"("eventTimestamp":"%s","GMTTimestamp":"%sZ","GMTOffset":"+00:00"}]})",
                         number, time, time);
}

TEST(Payloads, OneTooLargeIsRefusedAloneAndTheStreamGoesOn) {
  constexpr size_t kMiB = 1 << 20;
  const std::string padding(5 * kMiB + 4096, ' ');
  const std::vector<std::string> bodies = {
      Scan("9400100000000000000017"),
      Scan("9400100000000000000024") + padding,  // good but for its size
      std::string(5 * kMiB, 'x'),                // unreadable, as large as a payload may be, and kept
      "neither JSON nor a payload",              // unreadable, and kept
      Scan("9400100000000000000031"),
  };
  std::vector<RawAnswers> answers(bodies.size());
  size_t sent = 0, answered = 0;
  const absl::Status status = World::Shared().as("usps").Push<RawEvents, RawAnswers>(
      [&](RawEvents& request) {
        if (sent == bodies.size()) return false;
        request.set_item_id(absl::StrCat(sent));
        request.set_format("usps-tracking-v3");
        request.set_body(bodies[sent++]);
        return true;
      },
      [&](const RawEvents& request, const RawAnswers& response) {
        ++answered;
        answers[std::stoi(request.item_id())] = response;
      });
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(answered, bodies.size());
  for (const size_t good : {size_t{0}, size_t{4}}) {
    ASSERT_EQ(answers[good].events_size(), 1) << answers[good].ShortDebugString();
    EXPECT_EQ(answers[good].events(0).result(), supplier::v1::PUSH_RESULT_ACCEPTED);
  }
  EXPECT_EQ(answers[1].events_size(), 0);
  EXPECT_NE(answers[1].error().message().find("body"), std::string::npos) << answers[1].ShortDebugString();
  for (const size_t kept : {size_t{2}, size_t{3}}) {
    ASSERT_EQ(answers[kept].events_size(), 1) << answers[kept].ShortDebugString();
    EXPECT_EQ(answers[kept].events(0).result(), supplier::v1::PUSH_RESULT_QUARANTINED);
  }
}

}  // namespace
}  // namespace throughline::hostile
