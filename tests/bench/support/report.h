#pragma once

// The results: each figure beside its reference, and their ratio under a key for scripts. One thread.

#include <optional>
#include <string>
#include <vector>

namespace throughline::bench {

class Report {
 public:
  // `target`: the least ratio that is good enough (with `at_most`: the greatest).
  struct Ratio {
    std::string key;
    std::string what;
    double figure = 0;
    double reference = 0;
    std::string unit;
    double ratio = 0;
    double target = 0;
    bool at_most = false;
    bool Met() const { return at_most ? ratio <= target : ratio >= target; }
  };
  void AddRatio(Ratio ratio) { ratios_.push_back(std::move(ratio)); }
  // `at_most`: an upper bound, if there is one.
  void AddValue(std::string key, std::string what, double value, std::string unit,
                std::optional<double> at_most = std::nullopt) {
    values_.push_back({std::move(key), std::move(what), value, std::move(unit), at_most});
  }

  std::string Json() const;  // one object: {"<key>": ratio or value, ...}, figures under "figures"
  std::string Text() const;

 private:
  struct Value {
    std::string key;
    std::string what;
    double value;
    std::string unit;
    std::optional<double> at_most;
  };
  std::vector<Ratio> ratios_;
  std::vector<Value> values_;
};

}  // namespace throughline::bench
