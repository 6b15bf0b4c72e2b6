#include "services/intake/reactors/order_alarms.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/projections/contact.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/order_concern.pb.h"

namespace throughline::intake {
namespace {

std::string IdOf(std::string cause, std::string_view purpose) {
  runtime::Caller caller;
  caller.id = kServiceName;
  caller.command_id = std::move(cause);
  return runtime::DerivedId(caller, purpose);
}

constexpr char kPromise[] = "promise at risk";

// Whether a case that this reactor opened for the order was opened after the alarm, or was open then and is closed now.
// This matters to a replica that runs reactions from the beginning of the log.
bool WasAnswered(const store::KeyValue& reader, const std::string& order_id, const std::string& origin,
                 absl::Time alarm) {
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
    if (!row || row->view().origin() != origin) return false;
    const Standing standing = StandingOf(*row, kStandings.Get(reader, case_id));
    return standing.opened_at > alarm || (!standing.open() && standing.closed_at > alarm);
  });
}

v1::OpenCaseRequest RequestOf(const std::string& order_id, const std::string& customer_id, const std::string& origin) {
  v1::OpenCaseRequest request;
  request.set_customer_id(customer_id);
  request.set_channel(v1::CHANNEL_PROACTIVE);
  request.set_order_id(order_id);
  request.set_origin(origin);
  return request;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(time), absl::UTCTimeZone());
}

v1::OpenCaseRequest RequestOf(const std::string& order_id, const supplier::v1::PromiseAtRisk& risk) {
  v1::OpenCaseRequest request = RequestOf(order_id, risk.customer_id(), absl::StrCat(kPromise, " of order ", order_id));
  request.set_subject("The promise of order " + order_id + " is at risk");
  request.set_text(absl::StrCat("Promised by ", TimeText(risk.promised_time()), ". ",
                                risk.cause().empty() ? "" : absl::StrCat("Why: ", risk.cause(), ". "),
                                "Tell the customer before they ask."));
  return request;
}

// `serial mismatch`.
std::string KindText(supplier::v1::ConcernKind kind) {
  const std::string name = supplier::v1::ConcernKind_Name(kind);
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, "CONCERN_KIND_"), {{"_", " "}}));
}

v1::OpenCaseRequest RequestOf(const std::string& order_id, const supplier::v1::OrderConcernRaised& raised) {
  const supplier::v1::OrderConcern& concern = raised.concern();
  const std::string kind = KindText(concern.kind());
  v1::OpenCaseRequest request = RequestOf(order_id, raised.customer_id(), absl::StrCat(kind, " of order ", order_id));
  request.set_subject(absl::StrCat("Order ", order_id, ": ", kind));
  request.set_text(absl::StrCat("Since ", TimeText(concern.since()), ": ", concern.text(),
                                ". Find out, and tell the customer before they ask."));
  return request;
}

}  // namespace

bool OrderAlarms::NeedsPresent(const runtime::AcceptedCommit& commit) const {
  // The present decides whether a case about the order is open, and who can own a new one.
  return commit.stream.kind == "order" && absl::c_any_of(commit.events, [](const runtime::MessagePtr& message) {
           const auto& event = static_cast<const supplier::v1::OrderEvent&>(*message);
           return event.has_promise_at_risk() || event.has_concern_raised();
         });
}

void OrderAlarms::Raise(const v1::OpenCaseRequest& request, const std::string& purpose,
                        const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                        runtime::Reactions& reactions) const {
  const std::string& order_id = commit.stream.key;
  const bool promise = purpose == kPromise;
  std::string case_id = IdOf(commit.Cause(), purpose);
  AttachAlert alert;
  alert.request.set_alert_id(IdOf(commit.Cause(), promise ? "alert" : "alert/" + purpose));
  alert.request.set_text(request.text());
  alert.request.set_origin(request.origin());
  if (kCases.Has(reader, case_id) || CaseOfWords(reader, alert.request.alert_id())) return;
  // Each concern is told once, by its own id; a promise that comes into risk again was told already.
  if (promise && WasAnswered(reader, order_id, request.origin(), commit.time)) return;
  const Holder holder = HolderOf(reader, request);
  const auto named = [&](const std::string& what) { return promise ? what : absl::StrCat(what, "/", purpose); };
  if (holder.open) {
    if (!kCases.Has(reader, *holder.open)) return reactions.NotYet("case " + *holder.open + " is not opened yet");
    return reactions.Execute<Case>({Case::kKind, *holder.open}, std::move(alert), named("alert"));
  }
  OpenCase opening = openings_.For(reader, request, std::move(case_id), runtime::Caller(), reactions.now());
  if (!Case::FirstOwnerOf(request.channel(), opening.candidates, runtime::Caller())) {
    return reactions.NotYet("nobody can own the case of order " + order_id +
                            ": let a rep or supervisor set their availability");
  }
  ReserveMatter reserve{request, std::move(opening), holder.closed, std::move(alert.request)};
  reactions.Execute<Matter>({Matter::kKind, holder.matter}, std::move(reserve), named("reserve"));
}

void OrderAlarms::React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                        runtime::Reactions& reactions) {
  if (commit.stream.kind != "order") return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<supplier::v1::OrderEvent>(i);
    if (event.has_promise_at_risk()) {
      Raise(RequestOf(commit.stream.key, event.promise_at_risk()), kPromise, commit, reader, reactions);
    } else if (event.has_concern_raised()) {
      const supplier::v1::OrderConcern& concern = event.concern_raised().concern();
      const std::string purpose = absl::StrCat("concern/", static_cast<int>(concern.kind()), "/", concern.about());
      Raise(RequestOf(commit.stream.key, event.concern_raised()), purpose, commit, reader, reactions);
    }
  }
}

}  // namespace throughline::intake
