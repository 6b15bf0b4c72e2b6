#include "tests/stories/company.h"

namespace throughline::stories {

absl::Status Company::Opens(std::vector<std::string> ownership_flags) {
  ownership_flags_ = std::move(ownership_flags);
  return premises_->Start(ownership_flags_);
}

absl::Status Company::LosesPowerAndStartsAgain() {
  premises_->Kill();
  lines_.clear();
  return premises_->Start(ownership_flags_);
}

absl::Status Company::LosesAllButItsLogAndStartsAgain() {
  premises_->Kill();
  premises_->LoseStores();
  lines_.clear();
  return premises_->Start(ownership_flags_);
}

absl::Status Company::Closes() {
  lines_.clear();
  if (absl::Status status = premises_->Terminate(); !status.ok()) return status;
  if (absl::Status status = premises_->Verify(); !status.ok()) return status;
  return premises_->LogIsDiscreet();
}

const client::Client& Company::Lines(const std::string& person) {
  std::unique_ptr<client::Client>& line = lines_[person];
  if (line == nullptr) line = std::make_unique<client::Client>(premises_->OptionsFor(person));
  return *line;
}

double Company::Number(const std::string& service, const std::string& gauge) const {
  return premises_->Number(service, gauge);
}

bool Company::NumberBecomes(const std::string& service, const std::string& gauge, double value) const {
  return Eventually([&] { return Number(service, gauge) == value; });
}

}  // namespace throughline::stories
