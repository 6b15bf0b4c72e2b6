#include "services/throughline/cli/shorthand/ids.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/money/money.h"
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

// The order of resolution: promises, commitments and handoffs are looked up in their case, so the case comes first.
constexpr const char* kMadeIds[] = {"case_id", "notice_id", "promise_id", "commitment_id", "handoff_id", "remedy_id"};

bool IsBeginning(const std::string& text) {
  return text.size() < kWholeId && absl::c_all_of(text, [](unsigned char c) {
           return absl::ascii_isdigit(c) || (absl::ascii_isupper(c) && c != 'I' && c != 'L' && c != 'O' && c != 'U');
         });
}

std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

using Ids = absl::StatusOr<std::vector<Candidate>>;

Ids CasesThatBegin(const client::Client& client, const std::string& beginning, const std::string& token) {
  intake::v1::ListCasesRequest ask;
  ask.set_case_id_prefix(beginning);
  ask.set_page_size(kShown + 1);
  ask.set_consistency_token(token);
  const auto answer = client.Call<intake::v1::ListCasesResponse>(ask);
  if (!answer.ok()) return answer.status();
  std::vector<Candidate> ids;
  for (const auto& one : answer->cases()) ids.push_back({one.case_id(), ""});
  return ids;
}

Ids NoticesThatBegin(const client::Client& client, const std::string& beginning) {
  outage::v1::ListNoticesRequest ask;
  ask.set_notice_id_prefix(beginning);
  ask.set_page_size(kShown + 1);
  const auto answer = client.Call<outage::v1::ListNoticesResponse>(ask);
  if (!answer.ok()) return answer.status();
  std::vector<Candidate> ids;
  for (const auto& one : answer->notices()) ids.push_back({one.notice_id(), ""});
  return ids;
}

// Ids of the promises, the commitments, the remedies, or the handoff, of one case; with an empty beginning those that
// are open.
Ids OfCaseThatBegin(const client::Client& client, const std::string& case_id, const std::string& beginning,
                    absl::string_view field) {
  ownership::v1::GetOwnershipRequest ask;
  ask.set_case_id(case_id);
  const auto answer = client.Call<ownership::v1::GetOwnershipResponse>(ask);
  if (!answer.ok()) return answer.status();
  const ownership::v1::OwnershipView& view = answer->ownership();
  std::vector<Candidate> ids;
  const auto take = [&](const std::string& id, bool open, const std::string& what) {
    if (beginning.empty() ? open : absl::StartsWith(id, beginning)) ids.push_back({id, what});
  };
  if (field == "promise_id") {
    for (const auto& one : view.promises()) {
      take(one.promise_id(), one.status() == ownership::v1::PROMISE_STATUS_OPEN, one.text());
    }
  } else if (field == "commitment_id") {
    for (const auto& one : view.commitments()) {
      take(one.commitment().commitment_id(), one.outcome() == ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED,
           one.commitment().text());
    }
  } else if (field == "remedy_id") {
    for (const auto& one : view.remedies()) {
      const bool waits = one.status() == ownership::v1::REMEDY_STATUS_REQUESTED ||
                         one.status() == ownership::v1::REMEDY_STATUS_COUNTERED ||
                         one.status() == ownership::v1::REMEDY_STATUS_FAILED;
      take(one.remedy_id(), waits, money::MoneyText(one.amount()));
    }
  } else if (view.has_handoff()) {
    take(view.handoff().handoff_id(), true, absl::StrCat("to ", view.handoff().to()));
  }
  return ids;
}

Ids ThatBegin(const client::Client& client, absl::string_view field, const std::string& beginning,
              const Message& request) {
  if (field == "case_id") return CasesThatBegin(client, beginning, TextOf(request, "consistency_token"));
  if (field == "notice_id") return NoticesThatBegin(client, beginning);
  return OfCaseThatBegin(client, TextOf(request, "case_id"), beginning, field);
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

absl::StatusOr<std::string> TheOnlyOne(absl::string_view what, const std::string& text,
                                       std::vector<Candidate> candidates) {
  if (candidates.size() == 1) return candidates.front().id;
  if (candidates.empty()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, absl::StrCat(absl::AsciiStrToUpper(what), "_UNKNOWN"),
                           text.empty()
                               ? absl::StrCat("no ", what, " is open: look at the case, or name it")
                               : absl::StrCat("no ", what, " begins with ", text,
                                              " here: check it; one that was just made may need its whole id"));
  }
  const bool more = candidates.size() > kShown;
  candidates.resize(std::min<size_t>(candidates.size(), kShown));
  const std::string list = absl::StrJoin(candidates, ", ", [](std::string* out, const Candidate& one) {
    absl::StrAppend(out, one.id, one.what.empty() ? "" : absl::StrCat(" (", one.what, ")"));
  });
  return runtime::Refuse(
      absl::StatusCode::kInvalidArgument, "AMBIGUOUS_ID",
      text.empty()
          ? absl::StrCat("several are open: ", list, more ? " and others" : "", ": name the ", what)
          : absl::StrCat(what, " ", text, " is ambiguous: ", list, more ? " and others" : "", ": write more of it"));
}

absl::Status CompleteIds(Tool& tool, const std::string& command_id, Message& request,
                         const std::set<std::string>& open_ones) {
  for (const char* name : kMadeIds) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
    const std::string beginning = TextOf(request, name);
    if (beginning.empty() ? !open_ones.contains(name) : !IsBeginning(beginning)) continue;
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
    const absl::string_view what(name);
    auto id = TheOnlyOne(what.substr(0, what.find('_')), beginning, *std::move(ids));
    if (!id.ok()) return id.status();
    if (!command_id.empty()) id = FirstSaid(tool.data(), question, *id, "give the id in full", tool.now());
    if (!id.ok()) return id.status();
    put(*id);
  }
  return absl::OkStatus();
}

}  // namespace throughline::tool
