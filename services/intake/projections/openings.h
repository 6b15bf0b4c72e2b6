#pragma once

// Complete OpenCase commands: with all that rows and settings say about the opening. Any thread.

#include <optional>
#include <string>

#include "services/intake/projections/opening_facts.h"

namespace throughline::intake {

class Openings {
 public:
  explicit Openings(const Config& config) : facts_(config), next_update_within_(config.next_update_within) {}

  OpenCase For(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
               const runtime::Caller& caller, absl::Time now) const;

  // The case that continues this one, which had been closed for so long when the customer spoke: with the same owner,
  // if they are active. None: no case continues it.
  std::optional<OpenCase> Continuing(const store::KeyValue& reader, const std::string& case_id,
                                     const runtime::Caller& caller, absl::Time now) const;

  // The part of this case that becomes a case of its own, with the same owner. FAILED_PRECONDITION CASE_CLOSED,
  // PERSON_UNKNOWN, PERSON_DEACTIVATED; NOT_FOUND CASE_UNKNOWN.
  absl::StatusOr<OpenCase> SplittingOff(const store::KeyValue& reader, const v1::SplitCaseRequest& request,
                                        std::string case_id, const runtime::Caller& caller, absl::Time now) const;

 private:
  void AddFacts(const store::KeyValue& reader, OpenCase& command) const;

  const OpeningFacts facts_;
  const absl::Duration next_update_within_;
};

}  // namespace throughline::intake
