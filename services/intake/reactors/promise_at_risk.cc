#include "services/intake/reactors/promise_at_risk.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/projections/standing.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

std::string CaseIdOf(std::string cause) {
  runtime::Caller caller;
  caller.id = "throughline.intake";
  caller.command_id = std::move(cause);
  return runtime::DerivedId(caller, "promise at risk");
}

std::string OriginOf(const std::string& order_id) { return "promise at risk of order " + order_id; }

// Whether a case that this reactor opened for the order is open, or was open when the alarm was raised. The latter
// matters to a replica that runs reactions from the beginning of the log.
bool HadOpenCase(const store::KeyValue& reader, const std::string& order_id, absl::Time alarm) {
  std::vector<std::string> about;
  kByOrder.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        about.push_back(std::get<2>(key));
        return true;
      },
      order_id);
  return absl::c_any_of(about, [&](const std::string& case_id) {
    const auto row = kCases.Get(reader, case_id);
    if (!row || row->view().origin() != OriginOf(order_id)) return false;
    const auto standing = kStandings.Get(reader, case_id);
    return StandingOf(*row, standing).open() || runtime::FromProto(standing->closed_at()) > alarm;
  });
}

// The first case's id is derived from the promise, so that a second alarm, raised before the case is folded, leads to
// the same case. Later ids are derived from the alarm.
std::string CaseIdFor(const store::KeyValue& reader, const runtime::AcceptedCommit& commit, absl::Time promised_time) {
  std::string first = CaseIdOf(commit.stream.key + "@" + std::to_string(absl::ToUnixMicros(promised_time)));
  return kCases.Has(reader, first) ? CaseIdOf(commit.Cause()) : first;
}

v1::OpenCaseRequest RequestOf(const std::string& order_id, const supplier::v1::PromiseAtRisk& risk) {
  const std::string promised =
      absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(risk.promised_time()), absl::UTCTimeZone());
  v1::OpenCaseRequest request;
  request.set_customer_id(risk.customer_id());
  request.set_subject("The promise of order " + order_id + " is at risk");
  request.set_text("Promised by " + promised + ". " + (risk.cause().empty() ? "" : "Why: " + risk.cause() + ". ") +
                   "Tell the customer before they ask.");
  request.set_channel(v1::CHANNEL_PROACTIVE);
  request.set_order_id(order_id);
  request.set_origin(OriginOf(order_id));
  return request;
}

}  // namespace

bool PromiseAtRiskReactor::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  // The present roster decides who can own the case.
  return commit.stream.kind == "order" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return static_cast<const supplier::v1::OrderEvent&>(*message).has_promise_at_risk();
         });
}

void PromiseAtRiskReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                                 runtime::Reactions& reactions) {
  if (commit.stream.kind != "order") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<supplier::v1::OrderEvent>(i);
    if (!event.has_promise_at_risk()) continue;
    const std::string& order_id = commit.stream.key;
    if (HadOpenCase(reader, order_id, commit.time)) continue;
    std::string case_id = CaseIdFor(reader, commit, runtime::FromProto(event.promise_at_risk().promised_time()));
    OpenCase command = facts_.Gather(reader, RequestOf(order_id, event.promise_at_risk()), case_id, runtime::Caller(),
                                     reactions.now());
    if (!Case::FirstOwnerOf(command.request.channel(), command.candidates, runtime::Caller())) {
      reactions.NotYet("nobody can own the case of order " + order_id +
                       ": let a rep or supervisor set their availability");
      continue;
    }
    reactions.Execute<Case>({Case::kKind, std::move(case_id)}, std::move(command), "open");
  }
}

}  // namespace throughline::intake
