#include "tests/stories/company.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "tests/stories/http_get.h"

namespace throughline::stories {

bool Eventually(const std::function<bool()>& holds) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!holds()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

absl::Status Company::Opens() { return suite_.Start(); }

absl::Status Company::LosesPowerAndStartsAgain() {
  suite_.Kill();
  lines_.clear();
  return suite_.Start();
}

absl::Status Company::Closes() {
  lines_.clear();
  if (const int code = suite_.Terminate(); code != 0) {
    return absl::InternalError("`throughline up` ended with " + std::to_string(code));
  }
  const testing::Finished verify = testing::Run({testing::Program("throughline"), "verify", "--data", suite_.data()});
  if (verify.exit_code != 0) return absl::DataLossError("`throughline verify`: " + verify.out + verify.err);
  return absl::OkStatus();
}

const client::Client& Company::Lines(const std::string& person) {
  std::unique_ptr<client::Client>& line = lines_[person];
  if (line == nullptr) line = std::make_unique<client::Client>(suite_.OptionsFor(person));
  return *line;
}

double Company::Number(const std::string& service, const std::string& gauge) const {
  const absl::StatusOr<std::string> page = HttpGet(suite_.metrics_address(), "/" + service + "/metrics");
  if (!page.ok()) return -1;
  for (const absl::string_view line : absl::StrSplit(*page, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    double value = -1;
    if (parts.first == gauge && absl::SimpleAtod(parts.second, &value)) return value;
  }
  return -1;
}

bool Company::NumberBecomes(const std::string& service, const std::string& gauge, double value) const {
  return Eventually([&] { return Number(service, gauge) == value; });
}

}  // namespace throughline::stories
