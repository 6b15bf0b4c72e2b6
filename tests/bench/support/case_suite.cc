#include "tests/bench/support/case_suite.h"

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "tests/bench/support/requests.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::bench {
namespace {

constexpr int kCallsAtOnce = 64;
constexpr int kLoading = 256;
constexpr double kMostGrowth = 1.2;

void StartClosing(const client::Client& client, const std::string& case_id, Done done) {
  ownership::v1::CloseCaseRequest request;
  request.set_case_id(case_id);
  request.set_reason("The carrier has lost the parcel.");
  request.add_options_offered("The money back.");
  client.Start<ownership::v1::CloseCaseResponse>(request,
                                                 [done = std::move(done)](const auto& closed) { done(closed.ok()); });
}

}  // namespace

std::string Customer(const std::string& run, int64_t n) { return fmt::format("{}-customer-{}", run, n); }
std::string OrderOf(const std::string& customer, int64_t n) { return fmt::format("{}-{}", customer, n); }

CaseSuite::CaseSuite(std::unique_ptr<RunningSuite> suite)
    : suite_(std::move(suite)),
      ana_(suite_->As("ana")),
      ben_(suite_->As("ben")),
      sam_(suite_->As("sam")),
      webshop_(suite_->As("webshop")) {}

std::vector<std::string> CaseSuite::Load(const client::Client& owner, const std::string& run, int64_t count,
                                         int64_t known) {
  known = std::min(known, count);
  const int64_t step = count / known;
  std::vector<std::string> ids(known);
  const int64_t failed = client::DriveCount(kLoading, count, [&](int64_t n, Done done) {
    if (n > 0 && n % 100'000 == 0) Progress(fmt::format("  {} cases opened", n));
    auto request = OpenCase(run, n);
    request.set_customer_id(Customer(run, n));
    owner.Start<intake::v1::OpenCaseResponse>(request, [&ids, n, step, done = std::move(done)](const auto& opened) {
      if (opened.ok() && n % step == 0 && n / step < static_cast<int64_t>(ids.size()))
        ids[n / step] = opened->case_id();
      done(opened.ok());
    });
  });
  if (failed > 0) Fail(fmt::format("{} cases could not be opened", failed));
  return ids;
}

void CaseSuite::LoadCustomer(const std::string& customer, int64_t count) const {
  const int64_t failed = client::DriveCount(kLoading, count, [&](int64_t n, Done done) {
    StartAbout(customer, n, customer + "-open", n, std::move(done), false);
  });
  if (failed > 0) Fail(fmt::format("{} cases of {} could not be opened", failed, customer));
}

void CaseSuite::StartAbout(const std::string& customer, int64_t order, const std::string& run, int64_t n, Done done,
                           bool joins) const {
  auto request = OpenCase(run, n);
  request.set_customer_id(customer);
  request.set_order_id(OrderOf(customer, order));
  ana_.Start<intake::v1::OpenCaseResponse>(
      request, [done = std::move(done), joins](const auto& opened) { done(opened.ok() && opened->joined() == joins); });
}

void CaseSuite::Measure(const std::string& what, int64_t count, const client::StartCall& start, Cost& best) const {
  const double cpu = suite_->CpuSeconds();
  const absl::Time begun = absl::Now();
  if (const int64_t failed = client::DriveCount(kCallsAtOnce, count, start); failed > 0) {
    Fail(fmt::format("{} of {} failed: {}", failed, count, what));
  }
  best.micros = std::min(best.micros, absl::ToDoubleMicroseconds(absl::Now() - begun) / static_cast<double>(count));
  best.cpu_micros = std::min(best.cpu_micros, (suite_->CpuSeconds() - cpu) * 1e6 / static_cast<double>(count));
}

void StartPromise(const client::Client& client, const std::string& case_id, Done done) {
  ownership::v1::MakePromiseRequest request;
  request.set_case_id(case_id);
  request.set_to("the customer");
  request.set_text("We ring when we know where the parcel is.");
  request.mutable_due()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(48)));
  client.Start<ownership::v1::MakePromiseResponse>(request,
                                                   [done = std::move(done)](const auto& made) { done(made.ok()); });
}

void StartInteraction(const client::Client& client, const std::string& case_id, Done done) {
  intake::v1::RecordInteractionRequest request;
  request.set_case_id(case_id);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  request.set_direction(intake::v1::DIRECTION_INBOUND);
  request.set_text("Has anybody found out where my parcel is? It has been three days now.");
  client.Start<intake::v1::RecordInteractionResponse>(
      request, [done = std::move(done)](const auto& recorded) { done(recorded.ok()); });
}

void AddCosts(const std::string& key, const std::string& what, const Cost& more, const Cost& less, Report& report) {
  report.AddRatio({key, what, more.micros, less.micros, "us", more.micros / less.micros, kMostGrowth, true});
  report.AddRatio({key + "_cpu", "  processor time", more.cpu_micros, less.cpu_micros, "us",
                   more.cpu_micros / less.cpu_micros, kMostGrowth, true});
}

void MeasureGrowth(int rounds, const Grown& few, const Grown& many, const std::string& which, const std::string& sizes,
                   Report& report) {
  const auto known = static_cast<int64_t>(std::min(few.ids.size(), many.ids.size()));
  const int64_t count = known / 2 / rounds;  // the second half is closed, each case once
  struct Command {
    std::string key, what;
    std::function<client::StartCall(const CaseSuite&, const std::vector<std::string>& ids, int round)> of;
    Cost few = {}, many = {};
  };
  const auto open = [](const char* kind, bool about_order, bool by_shop) {
    return [=](const CaseSuite& cases, const std::vector<std::string>&, int round) -> client::StartCall {
      return [=, &cases](int64_t n, Done done) {
        const std::string run = fmt::format("{}-{}", kind, round);
        auto request = OpenCase(run, n);
        request.set_customer_id(Customer(run, n));
        if (about_order) request.set_order_id(OrderOf(request.customer_id(), n));
        const client::Client& caller = by_shop ? cases.webshop() : cases.ana();
        caller.Start<intake::v1::OpenCaseResponse>(request, [done = std::move(done)](const auto& r) { done(r.ok()); });
      };
    };
  };
  std::vector<Command> all;
  all.push_back(
      {"promise", "MakePromise", [count](const CaseSuite& cases, const auto& ids, int round) -> client::StartCall {
         return [&cases, &ids, begin = round * count](int64_t n, Done done) {
           StartPromise(cases.ana(), ids[begin + n], std::move(done));
         };
       }});
  all.push_back({"interaction", "RecordInteraction",
                 [count](const CaseSuite& cases, const auto& ids, int round) -> client::StartCall {
                   return [&cases, &ids, begin = round * count](int64_t n, Done done) {
                     StartInteraction(cases.ana(), ids[begin + n], std::move(done));
                   };
                 }});
  all.push_back(
      {"close", "CloseCase", [count, known](const CaseSuite& cases, const auto& ids, int round) -> client::StartCall {
         return [&cases, &ids, begin = known / 2 + round * count](int64_t n, Done done) {
           StartClosing(cases.ana(), ids[begin + n], std::move(done));
         };
       }});
  all.push_back({"open", "OpenCase about no matter", open("plain", false, false)});
  all.push_back({"open_assigned", "OpenCase for whoever is free", open("shop", false, true)});
  all.push_back({"open_matter", "OpenCase about an order", open("matter", true, false)});
  for (int round = 0; round < rounds; ++round) {
    few.suite.AwaitQuiet();
    many.suite.AwaitQuiet();
    Progress(fmt::format("commands about cases, round {}", round + 1));
    for (Command& one : all) {
      few.suite.Measure(one.what, count, one.of(few.suite, few.ids, round), one.few);
      if (many.cold) many.suite.ForgetFiles();
      many.suite.Measure(one.what, count, one.of(many.suite, many.ids, round), one.many);
    }
  }
  for (const Command& one : all) {
    AddCosts("case_" + one.key + "_" + which, one.what + ", " + sizes, one.many, one.few, report);
  }
}

}  // namespace throughline::bench
