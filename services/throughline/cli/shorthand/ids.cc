#include "services/throughline/cli/shorthand/ids.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/refusal.h"
#include "services/throughline/cli/shorthand/first_given.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kWholeId = 26;  // libs/runtime/domain/ids.h
constexpr int kShown = 5;        // at most so many candidates in an error

// The order of resolution: promises and handoffs are looked up in their case, so the case comes first.
constexpr const char* kMadeIds[] = {"case_id", "notice_id", "promise_id", "handoff_id"};

bool IsBeginning(const std::string& text) {
  return text.size() < kWholeId && absl::c_all_of(text, [](unsigned char c) {
           return absl::ascii_isdigit(c) || (absl::ascii_isupper(c) && c != 'I' && c != 'L' && c != 'O' && c != 'U');
         });
}

std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

using Ids = absl::StatusOr<std::vector<std::string>>;

Ids CasesThatBegin(const client::Client& client, const std::string& beginning, const std::string& token) {
  intake::v1::ListCasesRequest ask;
  ask.set_case_id_prefix(beginning);
  ask.set_page_size(kShown + 1);
  ask.set_consistency_token(token);
  const auto answer = client.Call<intake::v1::ListCasesResponse>(ask);
  if (!answer.ok()) return answer.status();
  std::vector<std::string> ids;
  for (const auto& one : answer->cases()) ids.push_back(one.case_id());
  return ids;
}

Ids NoticesThatBegin(const client::Client& client, const std::string& beginning) {
  outage::v1::ListNoticesRequest ask;
  ask.set_notice_id_prefix(beginning);
  ask.set_page_size(kShown + 1);
  const auto answer = client.Call<outage::v1::ListNoticesResponse>(ask);
  if (!answer.ok()) return answer.status();
  std::vector<std::string> ids;
  for (const auto& one : answer->notices()) ids.push_back(one.notice_id());
  return ids;
}

// Ids of the promises, or the handoffs, of one case.
Ids OfCaseThatBegin(const client::Client& client, const std::string& case_id, const std::string& beginning,
                    bool promises) {
  ownership::v1::GetOwnershipRequest ask;
  ask.set_case_id(case_id);
  const auto answer = client.Call<ownership::v1::GetOwnershipResponse>(ask);
  if (!answer.ok()) return answer.status();
  std::vector<std::string> ids;
  const auto take = [&](const std::string& id) {
    if (absl::StartsWith(id, beginning)) ids.push_back(id);
  };
  if (promises) {
    for (const auto& one : answer->ownership().promises()) take(one.promise_id());
  } else if (answer->ownership().has_handoff()) {
    take(answer->ownership().handoff().handoff_id());
  }
  return ids;
}

Ids ThatBegin(const client::Client& client, absl::string_view field, const std::string& beginning,
              const Message& request) {
  if (field == "case_id") return CasesThatBegin(client, beginning, TextOf(request, "consistency_token"));
  if (field == "notice_id") return NoticesThatBegin(client, beginning);
  return OfCaseThatBegin(client, TextOf(request, "case_id"), beginning, field == "promise_id");
}

absl::StatusOr<std::string> TheOnlyOne(absl::string_view field, const std::string& beginning,
                                       std::vector<std::string> ids) {
  const std::string what(field.substr(0, field.find('_')));
  if (ids.size() == 1) return ids.front();
  if (ids.empty()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, absl::StrCat(absl::AsciiStrToUpper(what), "_UNKNOWN"),
                           absl::StrCat("no ", what, " begins with ", beginning,
                                        " here: check it; one that was just made may need its whole id"));
  }
  const bool more = ids.size() > kShown;
  ids.resize(std::min<size_t>(ids.size(), kShown));
  return runtime::Refuse(absl::StatusCode::kInvalidArgument, "AMBIGUOUS_ID",
                         absl::StrCat(what, " ", beginning, " is ambiguous: ", absl::StrJoin(ids, ", "),
                                      more ? " and others" : "", ": write more of it"));
}

}  // namespace

bool HoldsMadeId(const FieldDescriptor& field) {
  return absl::c_any_of(kMadeIds, [&](const char* name) { return field.name() == name; });
}

std::string NormalizeId(std::string& text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  if (upper.size() != kWholeId && !IsBeginning(upper)) return "";  // let the server judge it
  if (text.empty() || text.size() >= kShortestBeginning) {
    text = upper;
    return "";
  }
  return absl::StrCat("`", text, "` is too short: write the first ", kShortestBeginning, " letters of the id at least");
}

absl::Status CompleteIds(Tool& tool, const std::string& command_id, Message& request) {
  for (const char* name : kMadeIds) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
    const std::string beginning = TextOf(request, name);
    if (beginning.empty() || !IsBeginning(beginning)) continue;
    const std::string question = absl::StrCat(tool.token_file(), "\n", command_id, "\n",
                                              request.GetDescriptor()->full_name(), " ", name, " ", beginning);
    const auto put = [&](const std::string& id) { request.GetReflection()->SetString(&request, field, id); };
    if (!command_id.empty()) {
      if (const auto kept = WhatWasSaid(tool.data(), question)) {
        put(*kept);
        continue;
      }
    }
    auto client = tool.client();
    if (!client.ok()) return client.status();
    auto ids = ThatBegin(**client, name, beginning, request);
    if (!ids.ok()) return ids.status();
    auto id = TheOnlyOne(name, beginning, *std::move(ids));
    if (!id.ok()) return id.status();
    if (!command_id.empty()) id = FirstSaid(tool.data(), question, *id, "give the id in full", tool.now());
    if (!id.ok()) return id.status();
    put(*id);
  }
  return absl::OkStatus();
}

}  // namespace throughline::tool
