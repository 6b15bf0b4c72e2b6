// Commands about cases: what each costs with a million cases, compared with ten thousand; for a customer with ten
// thousand cases; and for an owner with a hundred thousand.

#include "tests/bench/cases.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/client/load.h"
#include "tests/bench/fixture.h"
#include "tests/bench/requests.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::bench {
namespace {

constexpr int kCallsAtOnce = 64;
constexpr int kLoading = 256;
constexpr int64_t kKnownCases = 10'000;  // whose ids are kept, spread evenly over all
constexpr int64_t kManyOfCustomer = 10'000;
constexpr int64_t kFewOfCustomer = 10;
constexpr int64_t kSmallCustomers = 200;
constexpr int64_t kFewOfOwner = 1'000;
constexpr double kMostGrowth = 1.2;

using Done = std::function<void(bool)>;

std::string Customer(const std::string& run, int64_t n) { return fmt::format("{}-customer-{}", run, n); }
std::string OrderOf(const std::string& customer, int64_t n) { return fmt::format("{}-{}", customer, n); }

// What one command costs; the best of several rounds.
struct Cost {
  double micros = 1e9;      // per command, `kCallsAtOnce` at a time
  double cpu_micros = 1e9;  // of the suite's processor time
};

class CaseSuite {
 public:
  CaseSuite()
      : ana_(suite_.As("ana")), ben_(suite_.As("ben")), sam_(suite_.As("sam")), webshop_(suite_.As("webshop")) {}

  const client::Client& ana() const { return ana_; }
  const client::Client& ben() const { return ben_; }
  const client::Client& sam() const { return sam_; }
  const client::Client& webshop() const { return webshop_; }
  void AwaitQuiet() const { suite_.AwaitQuiet(); }

  // Opens cases of the caller, each of a customer of its own, about no order. Returns the ids of `known` of them.
  static std::vector<std::string> Load(const client::Client& owner, const std::string& run, int64_t count,
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
  // Opens cases of the customer, each about an order of its own.
  void LoadCustomer(const std::string& customer, int64_t count) const {
    const int64_t failed = client::DriveCount(kLoading, count, [&](int64_t n, Done done) {
      StartAbout(customer, n, customer + "-open", n, std::move(done), false);
    });
    if (failed > 0) Fail(fmt::format("{} cases of {} could not be opened", failed, customer));
  }
  // `joins`: whether such a case is open.
  void StartAbout(const std::string& customer, int64_t order, const std::string& run, int64_t n, Done done,
                  bool joins) const {
    auto request = OpenCase(run, n);
    request.set_customer_id(customer);
    request.set_order_id(OrderOf(customer, order));
    ana_.Start<intake::v1::OpenCaseResponse>(request, [done = std::move(done), joins](const auto& opened) {
      done(opened.ok() && opened->joined() == joins);
    });
  }

  // `count` commands, and keeps what they cost if that is less than before.
  void Measure(const std::string& what, int64_t count, const client::StartCall& start, Cost& best) const {
    const double cpu = suite_.CpuSeconds();
    const absl::Time begun = absl::Now();
    if (const int64_t failed = client::DriveCount(kCallsAtOnce, count, start); failed > 0) {
      Fail(fmt::format("{} of {} failed: {}", failed, count, what));
    }
    best.micros = std::min(best.micros, absl::ToDoubleMicroseconds(absl::Now() - begun) / static_cast<double>(count));
    best.cpu_micros = std::min(best.cpu_micros, (suite_.CpuSeconds() - cpu) * 1e6 / static_cast<double>(count));
  }

 private:
  RunningSuite suite_;
  const client::Client ana_, ben_, sam_, webshop_;
};

void StartInteraction(const client::Client& client, const std::string& case_id, Done done) {
  intake::v1::RecordInteractionRequest request;
  request.set_case_id(case_id);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  request.set_direction(intake::v1::DIRECTION_INBOUND);
  request.set_text("Has anybody found out where my parcel is? It has been three days now.");
  client.Start<intake::v1::RecordInteractionResponse>(
      request, [done = std::move(done)](const auto& recorded) { done(recorded.ok()); });
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

void StartClosing(const client::Client& client, const std::string& case_id, Done done) {
  ownership::v1::CloseCaseRequest request;
  request.set_case_id(case_id);
  request.set_reason("The carrier has lost the parcel.");
  request.add_options_offered("The money back.");
  client.Start<ownership::v1::CloseCaseResponse>(request,
                                                 [done = std::move(done)](const auto& closed) { done(closed.ok()); });
}

void StartPage(const client::Client& client, const std::string& customer, int64_t cases, Done done) {
  intake::v1::GetCustomerRequest request;
  request.set_customer_id(customer);
  request.set_page_size(10);
  client.Start<intake::v1::GetCustomerResponse>(request, [done = std::move(done), cases](const auto& page) {
    done(page.ok() && page->items_size() == std::min<int64_t>(cases, 10));
  });
}

void AddCosts(const std::string& key, const std::string& what, const Cost& more, const Cost& less, Report& report) {
  report.AddRatio({key, what, more.micros, less.micros, "us", more.micros / less.micros, kMostGrowth, true});
  report.AddRatio({key + "_cpu", "  processor time", more.cpu_micros, less.cpu_micros, "us",
                   more.cpu_micros / less.cpu_micros, kMostGrowth, true});
}

// The same commands with few cases and with many.
void MeasureGrowth(const Size& size, CaseSuite& few, const std::vector<std::string>& of_few, CaseSuite& many,
                   const std::vector<std::string>& of_many, Report& report) {
  const auto known = static_cast<int64_t>(std::min(of_few.size(), of_many.size()));
  const int64_t count = known / 2 / size.rounds;  // the second half is closed, each case once
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
  for (int round = 0; round < size.rounds; ++round) {
    few.AwaitQuiet();
    many.AwaitQuiet();
    Progress(fmt::format("commands about cases, round {}", round + 1));
    for (Command& one : all) {
      few.Measure(one.what, count, one.of(few, of_few, round), one.few);
      many.Measure(one.what, count, one.of(many, of_many, round), one.many);
    }
  }
  for (const Command& one : all) {
    AddCosts("case_" + one.key + "_1m_vs_10k",
             fmt::format("{}, {} cases vs {}", one.what, size.large_orders, size.small_orders), one.many, one.few,
             report);
  }
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
  MeasureGrowth(size, few, of_few, many, of_many, report);
  MeasureCustomer(size, many, report);
  MeasureOwner(size, many, report);
}

}  // namespace throughline::bench
