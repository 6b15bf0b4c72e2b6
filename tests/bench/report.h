#pragma once

// What was measured: each figure beside its reference, and their ratio under the key that scripts look for. One thread.

#include <optional>
#include <string>
#include <vector>

namespace throughline::bench {

class Report {
 public:
  // `target`: what the ratio should be at least (or, with `at_most`, at most).
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
  // `at_most`: the bound that holds for it, if one does.
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
