#pragma once

// A replica's page of metrics, fetched from its operations port and read.
//
//   absl::StatusOr<MetricsPage> page = FetchMetrics("127.0.0.1:9470", "/intake/metrics");
//   page->Highest("throughline_fold_lag_seconds");
//
// Any thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::doctor {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

class MetricsPage {
 public:
  // Prometheus' text format. Lines that are not of it are left out.
  explicit MetricsPage(std::string_view text);

  // Of one figure.
  std::vector<Sample> Of(std::string_view name) const;
  // Absent: the page does not have it.
  std::optional<double> Highest(std::string_view name) const;
  // The value of a label of its first sample; empty: it has none.
  std::string Label(std::string_view name, const std::string& label) const;

 private:
  std::vector<Sample> samples_;
};

// UNAVAILABLE: nobody answers within a few seconds. NOT_FOUND: there is no such page. INVALID_ARGUMENT: no `host:port`.
absl::StatusOr<MetricsPage> FetchMetrics(const std::string& address, const std::string& path);

}  // namespace throughline::doctor
