#include "services/intake/projections/openings.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/refusal.h"
#include "services/intake/domain/matter.h"
#include "services/intake/projections/case_view.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {
namespace {

absl::Status CheckOwner(const store::KeyValue& reader, const std::string& owner) {
  return ownership::CheckActive(ownership::kPersons.Get(reader, owner), owner);
}

v1::OpenCaseRequest RequestAfter(const v1::CaseRow& row, const v1::Interaction& words) {
  const v1::CaseView& view = row.view();
  v1::OpenCaseRequest request;
  request.set_customer_id(view.customer_id());
  request.set_subject(view.subject());
  request.set_text(words.text());
  request.set_channel(words.channel());
  if (view.has_order_id()) request.set_order_id(view.order_id());
  if (view.has_component_id()) request.set_component_id(view.component_id());
  *request.mutable_further_component_ids() = view.further_component_ids();
  request.set_language(view.language());
  request.set_customer_calendar(view.customer_calendar());
  *request.mutable_attachments() = words.attachments();
  *request.mutable_skills() = row.skills();
  return request;
}

}  // namespace

void Openings::AddFacts(const store::KeyValue& reader, OpenCase& command) const {
  command.next_update_within = next_update_within_;
  for (const std::string& component : command.request.further_component_ids()) {
    kActiveNotices.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const std::string&) {
          const std::string& notice = std::get<1>(key);
          if (!absl::c_linear_search(command.notice_ids, notice)) command.notice_ids.push_back(notice);
          return true;
        },
        component);
  }
  command.unknown_component_ids = UnknownOf(reader, ComponentsOf(command.request));
}

OpenCase Openings::For(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
                       const runtime::Caller& caller, absl::Time now) const {
  OpenCase command = facts_.Gather(reader, std::move(request), std::move(case_id), caller, now);
  AddFacts(reader, command);
  return command;
}

std::optional<OpenCase> Openings::Continuing(const store::KeyValue& reader, const std::string& case_id,
                                             const runtime::Caller& caller, absl::Time now) const {
  const auto row = kCases.Get(reader, case_id);
  if (!row || row->continued_by_case_id().empty()) return std::nullopt;
  const auto words = kInteractions.Get(reader, case_id, row->continuing_interaction());
  if (!words) return std::nullopt;
  OpenCase command = For(reader, RequestAfter(*row, *words), row->continued_by_case_id(), caller, now);
  const std::string owner = StandingOf(*row, kStandings.Get(reader, case_id)).owner;
  if (CheckOwner(reader, owner).ok()) {
    command.same_owner = owner;
    command.reservation = nullptr;
  }
  command.continues_case_id = case_id;
  return command;
}

absl::StatusOr<OpenCase> Openings::SplittingOff(const store::KeyValue& reader, const v1::SplitCaseRequest& request,
                                                std::string case_id, const runtime::Caller& caller,
                                                absl::Time now) const {
  const auto row = kCases.Get(reader, request.case_id());
  if (!row) return CaseUnknown(request.case_id());
  const Standing standing = StandingOf(*row, kStandings.Get(reader, request.case_id()));
  const bool done = kCases.Has(reader, case_id);  // by an earlier try, whatever happened to the case since
  if (!standing.open() && !done) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "CASE_CLOSED",
                           "the case is closed: reopen it first, or open a case of its own");
  }
  v1::OpenCaseRequest part;
  part.set_customer_id(row->view().customer_id());
  part.set_subject(request.subject());
  part.set_text(request.text());
  part.set_channel(row->view().channel());
  if (request.has_order_id()) part.set_order_id(request.order_id());
  if (request.has_component_id()) part.set_component_id(request.component_id());
  part.set_language(row->view().language());
  part.set_customer_calendar(row->view().customer_calendar());
  OpenCase command = For(reader, std::move(part), std::move(case_id), caller, now);
  command.reservation = nullptr;
  command.same_owner = standing.owner;
  command.split_from_case_id = request.case_id();
  command.taker = done ? absl::OkStatus() : CheckOwner(reader, standing.owner);
  return command;
}

}  // namespace throughline::intake
