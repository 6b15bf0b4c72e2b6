#include "services/throughline/commands/cases/open_commitment.h"

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/shorthand/first_given.h"
#include "services/throughline/cli/shorthand/ids.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {

absl::Status FillCommitment(
    Tool& tool, const std::string& command_id, google::protobuf::Message& request,
    const std::function<bool(const ownership::v1::OwnershipView&, const ownership::v1::CommitmentView&)>& meant) {
  const auto* reflection = request.GetReflection();
  const auto field = [&](const char* name) { return request.GetDescriptor()->FindFieldByName(name); };
  if (!reflection->GetString(request, field("commitment_id")).empty()) return absl::OkStatus();
  const std::string case_id = reflection->GetString(request, field("case_id"));
  const std::string question =
      absl::StrCat(tool.token_file(), "\n", command_id, "\n", request.GetDescriptor()->full_name(), " of ", case_id);
  auto id = WhatWasSaid(tool.data(), question);
  if (!id) {
    auto client = tool.client();
    if (!client.ok()) return client.status();
    ownership::v1::GetOwnershipRequest ask;
    ask.set_case_id(case_id);
    const auto answer = (*client)->Call<ownership::v1::GetOwnershipResponse>(ask);
    if (!answer.ok()) return answer.status();
    std::vector<Candidate> candidates;
    for (const auto& one : answer->ownership().commitments()) {
      if (!meant(answer->ownership(), one)) continue;
      candidates.push_back({one.commitment().commitment_id(),
                            absl::StrCat(Word(one.commitment().kind()), ": ", one.commitment().text())});
    }
    auto only = TheOnlyOne("commitment", "", std::move(candidates));
    if (!only.ok()) return only.status();
    only = FirstSaid(tool.data(), question, *only, "give the id in full", tool.now());
    if (!only.ok()) return only.status();
    id = *std::move(only);
  }
  reflection->SetString(&request, field("commitment_id"), *id);
  return absl::OkStatus();
}

}  // namespace throughline::tool
