// Commands about cases: what each costs with a million cases, compared with ten thousand; for a customer with ten
// thousand cases; and for an owner with a hundred thousand.

#include "tests/bench/cases.h"

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "tests/bench/support/case_suite.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::bench {
namespace {

constexpr int64_t kManyOfCustomer = 10'000;
constexpr int64_t kFewOfCustomer = 10;
constexpr int64_t kSmallCustomers = 200;
constexpr int64_t kFewOfOwner = 1'000;

void StartPage(const client::Client& client, const std::string& customer, int64_t cases, Done done) {
  intake::v1::GetCustomerRequest request;
  request.set_customer_id(customer);
  request.set_page_size(10);
  client.Start<intake::v1::GetCustomerResponse>(request, [done = std::move(done), cases](const auto& page) {
    done(page.ok() && page->items_size() == std::min<int64_t>(cases, 10));
  });
}

void MeasureCustomer(const Size& size, CaseSuite& cases, Report& report) {
  const int64_t large = std::min(kManyOfCustomer, size.small_orders);
  const auto small_name = [](int64_t n) { return Customer("small", n % kSmallCustomers); };
  const std::string large_name = Customer("large", 0);
  Progress(fmt::format("customers with {} and {} cases", kFewOfCustomer, large));
  for (int64_t n = 0; n < kSmallCustomers; ++n) cases.LoadCustomer(small_name(n), kFewOfCustomer);
  cases.LoadCustomer(large_name, large);
  const int64_t count = kSmallCustomers * kFewOfCustomer;  // so many different cases of either side
  Cost join_small, join_large, page_small, page_large;
  for (int round = 0; round < size.rounds; ++round) {
    cases.AwaitQuiet();
    const std::string run = fmt::format("join-{}", round);
    const auto join = [&](const std::string& which, const auto& about, Cost& cost) {
      cases.Measure(
          "joining a case", count,
          [&](int64_t n, Done done) {
            const auto [customer, order] = about(n);
            cases.StartAbout(customer, order, run + which, n, std::move(done), true);
          },
          cost);
    };
    join(
        "small", [&](int64_t n) { return std::pair(small_name(n), n / kSmallCustomers); }, join_small);
    join(
        "large", [&](int64_t n) { return std::pair(large_name, n * (large / count)); }, join_large);
    const auto page = [&](const auto& who, int64_t has, Cost& cost) {
      cases.Measure(
          "GetCustomer", count, [&](int64_t n, Done done) { StartPage(cases.ana(), who(n), has, std::move(done)); },
          cost);
    };
    page(small_name, kFewOfCustomer, page_small);
    page([&](int64_t) { return large_name; }, large, page_large);
  }
  const std::string sizes = fmt::format("a customer with {} cases vs {}", large, kFewOfCustomer);
  AddCosts("case_join_10k_vs_10", "joining a case, " + sizes, join_large, join_small, report);
  AddCosts("customer_page_10k_vs_10", "GetCustomer, " + sizes, page_large, page_small, report);
}

void MeasureOwner(const Size& size, CaseSuite& cases, Report& report) {
  const int64_t large = size.large_orders / 10;
  Progress(fmt::format("owners with {} and {} cases", kFewOfOwner, large));
  // First the few, so that the rows of both are in files.
  const auto of_sam = CaseSuite::Load(cases.sam(), "sam", kFewOfOwner, kFewOfOwner);
  const auto of_ben = CaseSuite::Load(cases.ben(), "ben", large, kFewOfOwner);
  Cost few, many;
  for (int round = 0; round < size.rounds; ++round) {
    cases.AwaitQuiet();
    const auto promises = [](const client::Client& owner, const std::vector<std::string>& ids) -> client::StartCall {
      return [&](int64_t n, Done done) { StartPromise(owner, ids[n], std::move(done)); };
    };
    cases.Measure("MakePromise", kFewOfOwner, promises(cases.sam(), of_sam), few);
    cases.Measure("MakePromise", kFewOfOwner, promises(cases.ben(), of_ben), many);
  }
  AddCosts("case_owner_100k_vs_1k", fmt::format("MakePromise, an owner with {} cases vs {}", large, kFewOfOwner), many,
           few, report);
}

}  // namespace

void MeasureCases(const Size& size, Report& report) {
  CaseSuite few, many;
  Progress(fmt::format("cases: opening {} and {}", size.small_orders, size.large_orders));
  const auto of_few = CaseSuite::Load(few.ana(), "base", size.small_orders, kKnownCases);
  const absl::Time begun = absl::Now();
  const auto of_many = CaseSuite::Load(many.ana(), "base", size.large_orders, kKnownCases);
  report.AddValue("case_loading_seconds", fmt::format("opening {} cases", size.large_orders),
                  absl::ToDoubleSeconds(absl::Now() - begun), "s");
  MeasureGrowth(size.rounds, {few, of_few}, {many, of_many}, "1m_vs_10k",
                fmt::format("{} cases vs {}", size.large_orders, size.small_orders), report);
  MeasureCustomer(size, many, report);
  MeasureOwner(size, many, report);
}

}  // namespace throughline::bench
