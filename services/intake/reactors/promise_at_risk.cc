#include "services/intake/reactors/promise_at_risk.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/projections/contact.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

std::string IdOf(std::string cause, std::string_view purpose) {
  runtime::Caller caller;
  caller.id = kServiceName;
  caller.command_id = std::move(cause);
  return runtime::DerivedId(caller, purpose);
}

std::string OriginOf(const std::string& order_id) { return "promise at risk of order " + order_id; }

// Whether a case that this reactor opened for the order was opened after the alarm, or was open then and is closed now.
// This matters to a replica that runs reactions from the beginning of the log.
bool WasAnswered(const store::KeyValue& reader, const std::string& order_id, absl::Time alarm) {
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
    const Standing standing = StandingOf(*row, kStandings.Get(reader, case_id));
    return standing.opened_at > alarm || (!standing.open() && standing.closed_at > alarm);
  });
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
  // The present decides whether a case about the order is open, and who can own a new one.
  return commit.stream.kind == "order" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           return static_cast<const supplier::v1::OrderEvent&>(*message).has_promise_at_risk();
         });
}

void PromiseAtRiskReactor::Alarm(const supplier::v1::PromiseAtRisk& risk, const runtime::AcceptedCommit& commit,
                                 const store::KeyValue& reader, runtime::Reactions& reactions) const {
  const std::string& order_id = commit.stream.key;
  const v1::OpenCaseRequest request = RequestOf(order_id, risk);
  std::string case_id = IdOf(commit.Cause(), "promise at risk");
  AttachAlert alert;
  alert.request.set_alert_id(IdOf(commit.Cause(), "alert"));
  alert.request.set_text(request.text());
  alert.request.set_origin(request.origin());
  if (kCases.Has(reader, case_id) || CaseOfWords(reader, alert.request.alert_id())) return;
  if (WasAnswered(reader, order_id, commit.time)) return;
  const Holder holder = HolderOf(reader, request);
  if (holder.open) {
    if (!kCases.Has(reader, *holder.open)) return reactions.NotYet("case " + *holder.open + " is not opened yet");
    return reactions.Execute<Case>({Case::kKind, *holder.open}, std::move(alert), "alert");
  }
  OpenCase opening = openings_.For(reader, request, std::move(case_id), runtime::Caller(), reactions.now());
  if (!Case::FirstOwnerOf(request.channel(), opening.candidates, runtime::Caller())) {
    return reactions.NotYet("nobody can own the case of order " + order_id +
                            ": let a rep or supervisor set their availability");
  }
  ReserveMatter reserve{request, std::move(opening), holder.closed, std::move(alert.request)};
  reactions.Execute<Matter>({Matter::kKind, holder.matter}, std::move(reserve), "reserve");
}

void PromiseAtRiskReactor::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                                 runtime::Reactions& reactions) {
  if (commit.stream.kind != "order") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<supplier::v1::OrderEvent>(i);
    if (!event.has_promise_at_risk()) continue;
    Alarm(event.promise_at_risk(), commit, reader, reactions);
  }
}

}  // namespace throughline::intake
