#pragma once

// A suite with many cases, and what commands about them cost in it.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/client/client.h"
#include "libs/client/load.h"
#include "tests/bench/support/fixture.h"
#include "tests/bench/support/report.h"
#include "tests/bench/throughput.h"

namespace throughline::bench {

inline constexpr int64_t kKnownCases = 10'000;  // whose ids are kept, spread evenly over all

using Done = std::function<void(bool)>;

// What one command costs; the best of several rounds.
struct Cost {
  double micros = 1e9;      // per command, 64 at a time
  double cpu_micros = 1e9;  // of the suite's processor time
};

class CaseSuite {
 public:
  // On a suite that runs.
  explicit CaseSuite(std::unique_ptr<RunningSuite> suite = std::make_unique<RunningSuite>());

  const client::Client& ana() const { return ana_; }
  const client::Client& ben() const { return ben_; }
  const client::Client& sam() const { return sam_; }
  const client::Client& webshop() const { return webshop_; }
  RunningSuite& suite() { return *suite_; }
  void AwaitQuiet() const { suite_->AwaitQuiet(); }
  void ForgetFiles() const { suite_->ForgetFiles(); }

  // Opens cases of the caller, each of a customer of its own, about no order. Returns the ids of `known` of them.
  static std::vector<std::string> Load(const client::Client& owner, const std::string& run, int64_t count,
                                       int64_t known);
  // Opens cases of the customer, each about an order of its own.
  void LoadCustomer(const std::string& customer, int64_t count) const;
  // `joins`: whether such a case is open.
  void StartAbout(const std::string& customer, int64_t order, const std::string& run, int64_t n, Done done,
                  bool joins) const;

  // `count` commands, and keeps what they cost if that is less than before.
  void Measure(const std::string& what, int64_t count, const client::StartCall& start, Cost& best) const;

 private:
  const std::unique_ptr<RunningSuite> suite_;
  const client::Client ana_, ben_, sam_, webshop_;
};

// The customer of case `n` of the run; and that customer's order `n`.
std::string Customer(const std::string& run, int64_t n);
std::string OrderOf(const std::string& customer, int64_t n);

void StartPromise(const client::Client& client, const std::string& case_id, Done done);
void StartInteraction(const client::Client& client, const std::string& case_id, Done done);

// What it costs with more beside with less; aim: at most 1.2 times.
void AddCosts(const std::string& key, const std::string& what, const Cost& more, const Cost& less, Report& report);

// The same commands with few cases and with many, of which ana owns those whose ids are given. `which`: for the keys,
// as `1m_vs_10k`; `sizes`: in words.
struct Grown {
  const CaseSuite& suite;
  const std::vector<std::string>& ids;
  bool cold = false;  // before each measurement the kernel forgets its files
};
void MeasureGrowth(int rounds, const Grown& few, const Grown& many, const std::string& which, const std::string& sizes,
                   Report& report);

}  // namespace throughline::bench
