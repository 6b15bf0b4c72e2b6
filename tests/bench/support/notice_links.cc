// An outage with ten thousand cases: how long it takes to link them when the notice is published, and to ask their
// owners when it is resolved, compared with opening as many cases; what that does to the p99 of other commands
// meanwhile; and what it takes of memory. No owner may change, and each is asked once.

#include "tests/bench/support/notice_links.h"

#include <set>
#include <thread>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/runtime/domain/time.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/requests.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::bench {
namespace {

constexpr int kOthersInFlight = 4;  // low, so that other calls find a free processor
constexpr absl::Duration kLongest = absl::Minutes(3);

template <typename Response, typename Request>
Response Call(const client::Client& who, const Request& request) {
  auto response = who.Call<Response>(request);
  if (!response.ok()) Fail(response.status().ToString());
  return *std::move(response);
}

// A component with so many open cases about it, all of ana.
class Outage {
 public:
  Outage(const RunningSuite& suite, std::string component, int64_t cases)
      : ana_(suite.As("ana")), sam_(suite.As("sam")), component_(std::move(component)), cases_(cases) {
    outage::v1::DefineComponentRequest define;
    define.set_component_id(component_);
    define.set_name("Checkout");
    Call<outage::v1::DefineComponentResponse>(sam_, define);
    const absl::Time begun = absl::Now();
    const int64_t failed = client::DriveCount(64, cases, [&](int64_t n, std::function<void(bool)> done) {
      intake::v1::OpenCaseRequest request = OpenCase(component_, n);
      request.set_customer_id(fmt::format("{}-{}", component_, n));
      request.set_component_id(component_);
      ana_.Start<intake::v1::OpenCaseResponse>(request,
                                               [done = std::move(done)](const auto& opened) { done(opened.ok()); });
    });
    if (failed > 0) Fail(fmt::format("{} OpenCase calls failed", failed));
    opening_ = absl::Now() - begun;
  }

  absl::Duration opening() const { return opening_; }

  // Until all cases are linked.
  absl::Duration Publish() {
    outage::v1::PublishNoticeRequest publish;
    publish.set_kind(outage::v1::NOTICE_KIND_OUTAGE);
    publish.add_component_ids(component_);
    publish.set_title("Paying fails");
    publish.set_description("The page stays white after the last step.");
    publish.set_next_update_due_in("1 hour");
    publish.set_expected_end_unknown(true);
    const absl::Time begun = absl::Now();
    notice_ = Call<outage::v1::PublishNoticeResponse>(sam_, publish).notice_id();
    outage::v1::GetNoticeRequest get;
    get.set_notice_id(notice_);
    Await(begun, "the cases were not linked", [&] {
      return Call<outage::v1::GetNoticeResponse>(sam_, get).notice().linked_case_count() ==
             static_cast<uint64_t>(cases_);
    });
    return absl::Now() - begun;
  }

  // Does not wait.
  void Resolve() {
    outage::v1::ResolveNoticeRequest resolve;
    resolve.set_notice_id(notice_);
    resolve.set_text("It works.");
    resolve.set_cause("A disk was full");
    resolve.set_changed("Old logs go");
    Call<outage::v1::ResolveNoticeResponse>(sam_, resolve);
  }
  // Until ana is asked about each case, once.
  absl::Duration AwaitAsked(absl::Time begun) {
    Await(begun, "not all owners were asked", [&] { return Asked() == static_cast<size_t>(cases_); });
    return absl::Now() - begun;
  }

 private:
  static void Await(absl::Time begun, const char* otherwise, const std::function<bool()>& holds) {
    while (!holds()) {
      if (absl::Now() > begun + kLongest) Fail(otherwise);
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
  // The cases about whose notice ana is asked. They come first in her worklist.
  size_t Asked() {
    std::set<std::string> asked;
    ownership::v1::ListWorklistRequest request;
    request.set_page_size(1000);
    do {
      const auto page = Call<ownership::v1::ListWorklistResponse>(ana_, request);
      bool any = false;
      for (const auto& item : page.items()) {
        if (item.reason() != ownership::v1::WORKLIST_REASON_CONFIRMATION_REQUESTED || item.notice_id() != notice_) {
          continue;
        }
        any = true;
        if (item.owner() != "ana") Fail("linking changed the owner of " + item.case_id());
        if (!asked.insert(item.case_id()).second) Fail("an owner was asked twice about " + item.case_id());
      }
      if (!any && !asked.empty()) break;
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return asked.size();
  }

  const client::Client ana_, sam_;
  const std::string component_;
  const int64_t cases_;
  absl::Duration opening_;
  std::string notice_;
};

// OpenCase by others, from a second before `meanwhile` on.
client::Measured Meanwhile(const RunningSuite& suite, const std::string& run, double seconds,
                           const std::function<void()>& meanwhile) {
  std::thread working([&] {
    absl::SleepFor(absl::Seconds(1));
    if (meanwhile) meanwhile();
  });
  const client::Client ben(suite.As("ben"));
  const client::Measured measured = DriveOpenCase(ben, run, kOthersInFlight, seconds);
  working.join();
  return measured;
}

void Best(client::Measured& best, const client::Measured& measured) {
  if (best.answers == 0 || measured.p99_ms < best.p99_ms) best = measured;
}

}  // namespace

void MeasureNoticeLinks(const Size& size, Report& report) {
  const int64_t cases = size.linked_cases;
  // What takes a second or two is not to be lost in many that are quiet.
  const double seconds = std::min(size.seconds, 2.0);
  RunningSuite suite;
  client::Measured alone, linking, asking;
  absl::Duration opened = absl::InfiniteDuration(), linked = opened, asked = opened;
  double before = 0, after = 0;
  for (int round = 0; round < std::min(size.rounds, 3); ++round) {
    Progress(fmt::format("notice links, round {}: opening {} cases, twice", round + 1, cases));
    Outage quiet(suite, fmt::format("quiet-{}", round), cases), busy(suite, fmt::format("busy-{}", round), cases);
    opened = std::min({opened, quiet.opening(), busy.opening()});
    suite.AwaitQuiet();
    if (round == 0) before = suite.PeakMemoryMib();
    linked = std::min(linked, quiet.Publish());
    const absl::Time begun = absl::Now();
    quiet.Resolve();
    asked = std::min(asked, quiet.AwaitAsked(begun));
    if (round == 0) after = suite.PeakMemoryMib();
    suite.AwaitQuiet();
    Best(alone, Meanwhile(suite, fmt::format("alone{}", round), seconds, nullptr));
    suite.AwaitQuiet();
    Best(linking, Meanwhile(suite, fmt::format("linking{}", round), seconds, [&] { busy.Publish(); }));
    suite.AwaitQuiet();
    Best(asking, Meanwhile(suite, fmt::format("asking{}", round), seconds, [&] { busy.Resolve(); }));
    suite.AwaitQuiet();
    busy.AwaitAsked(absl::Now());
    Progress(fmt::format("p99 {:.2f} ms alone, {:.2f} ms while linking, {:.2f} ms while asking", alone.p99_ms,
                         linking.p99_ms, asking.p99_ms));
  }
  const auto ratio = [&](const char* key, const std::string& what, double figure, double reference, const char* unit,
                         double target) {
    report.AddRatio({key, what, figure, reference, unit, figure / reference, target, true});
  };
  const double open = absl::ToDoubleSeconds(opened);
  ratio("link_10k_vs_open_10k", fmt::format("linking {} cases to a notice, vs opening them", cases),
        absl::ToDoubleSeconds(linked), open, "s", 2.0);
  ratio("ask_10k_vs_open_10k", fmt::format("asking the owners of {} cases, vs opening them", cases),
        absl::ToDoubleSeconds(asked), open, "s", 2.0);
  // Without an aim: shown, not judged.
  report.AddValue("link_10k_p99_vs_alone", fmt::format("OpenCase p99 while {} cases are linked, vs alone", cases),
                  linking.p99_ms / alone.p99_ms, "times");
  report.AddValue("ask_10k_p99_vs_alone", fmt::format("OpenCase p99 while {} owners are asked, vs alone", cases),
                  asking.p99_ms / alone.p99_ms, "times");
  ratio("link_10k_rss_vs_before", fmt::format("peak memory after linking {} and asking, vs before", cases), after,
        before, "MiB", 1.5);
}

}  // namespace throughline::bench
