#include "libs/server/calls/served_call.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/support/proto_buffer_reader.h"

#include "libs/runtime/domain/damage.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/operations/logging.h"
#include "libs/server/operations/read_audit.h"

namespace throughline::server {
namespace {

using absl::StatusCode;
using runtime::Refuse;

// At its deadline a client cancels the call. The cancellation may arrive before the deadline on our clock.
constexpr absl::Duration kDeadlineSlack = absl::Milliseconds(20);

std::string_view Metadata(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* key) {
  const auto it = metadata.find(key);
  return it == metadata.end() ? std::string_view() : std::string_view(it->second.data(), it->second.size());
}

std::vector<std::string> Properties(const grpc::AuthContext& connection, const char* name) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : connection.FindPropertyValues(name)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

std::string Property(const grpc::AuthContext& connection, const char* name) {
  std::vector<std::string> values = Properties(connection, name);
  return values.empty() ? std::string() : std::move(values.front());
}

identity::PeerCertificate CertificateOf(const grpc::AuthContext& connection) {
  identity::PeerCertificate certificate{.subject = Property(connection, GRPC_X509_SUBJECT_PROPERTY_NAME),
                                        .uris = Properties(connection, GRPC_PEER_URI_PROPERTY_NAME),
                                        .chain_pem = Property(connection, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)};
  if (certificate.chain_pem.empty()) certificate.chain_pem = Property(connection, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return certificate;
}

std::string Flatten(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string flat;
  if (!bytes.Dump(&slices).ok()) return flat;
  for (const grpc::Slice& slice : slices) flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return flat;
}

// The level of a call's log line: our own failures are errors.
LogLevel LevelOf(StatusCode code) {
  switch (code) {
    case StatusCode::kInternal:
    case StatusCode::kUnknown:
    case StatusCode::kDataLoss:
      return LogLevel::kError;
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kResourceExhausted:
      return LogLevel::kWarning;
    default:
      return LogLevel::kInfo;
  }
}

}  // namespace

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

ServedCall::ServedCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport, bool stream)
    : gate_(gate), method_(method), transport_(transport), stream_call_(stream), began_(absl::Now()) {}

absl::Status ServedCall::Begin(size_t bytes) {
  method_.probe.Started();
  const auto& metadata = transport_.client_metadata();
  const auto parent = tracing::TraceContext::Parse(Metadata(metadata, "traceparent"));
  if (parent) parent_span_ = parent->span_id;
  trace_ = gate_.options().tracer == nullptr ? parent : gate_.options().tracer->Begin(parent);
  absl::Status entered = gate_.Enter(stream_call_);
  const auto deadline = transport_.deadline();
  const absl::Time by_default = began_ + gate_.options().default_deadline;
  if (deadline != std::chrono::system_clock::time_point::max()) {
    set_deadline(absl::FromChrono(deadline));
    // The deadline of a watch is its length. A replica that lags says so sooner, so that the client tries another.
    if (stream_call_) set_patience(std::min(absl::FromChrono(deadline), by_default));
  } else if (stream_call_) {
    set_patience(by_default);
  } else {
    set_deadline(by_default);
    gate_.ListForExpiry(*this);
  }
  if (stream_call_) entered.Update(gate_.ListForDrain(*this));
  if (!entered.ok()) return entered;
  const std::string_view authorization = Metadata(metadata, "authorization");
  std::optional<identity::PeerCertificate> certificate;
  const auto connection = transport_.auth_context();
  if (gate_.WantsCertificate(!authorization.empty())) certificate = CertificateOf(*connection);
  return gate_.Admit(method_,
                     {.authorization = authorization,
                      .correlation_id = Metadata(metadata, "x-correlation-id"),
                      .trace = trace_,
                      .tracestate = Metadata(metadata, "tracestate"),
                      .certificate = certificate ? &*certificate : nullptr,
                      .inside = Property(*connection, GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME).empty(),
                      .bytes = bytes},
                     *this, stream_call_, caller());
}

void ServedCall::Guard(const std::function<void()>& handler) {
  try {
    handler();
  } catch (const store::DamagedRow& damaged) {
    Finish(runtime::RowUnreadable(damaged));
  } catch (const std::exception& error) {
    Finish(absl::InternalError(absl::StrCat("the handler failed: ", error.what())));
  }
}

std::shared_ptr<internal::Call> ServedCall::Ticket() {
  Ref();
  return std::shared_ptr<internal::Call>(this, [](ServedCall* call) {
    if (!call->over()) {
      call->Finish(
          Refuse(StatusCode::kInternal, "NO_ANSWER",
                 "the server lost track of this call: what it asked for may or may not have happened; the same "
                 "command id may be sent again without a second effect"));
    }
    call->Unref();
  });
}

absl::Status ServedCall::Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  const size_t size = bytes.Length();
  if (const size_t most = method_.checks.max_message_bytes(); size > most) {
    return Refuse(StatusCode::kInvalidArgument, "MESSAGE_TOO_LARGE",
                  absl::StrCat("the message has ", size, " bytes, at most ", most, " are taken: send less at a time"));
  }
  {
    // Reading does not change the buffer; the reader's interface lacks const.
    grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&bytes));
    if (!reader.status().ok() || !message.ParseFromZeroCopyStream(&reader)) {
      return ExplainParseFailure(*method_.method.descriptor->input_type(), Flatten(bytes));
    }
  }
  // Unknown fields are unchecked: they must not get into an event that a later version reads.
  message.DiscardUnknownFields();
  if (absl::Status status = method_.checks.Check(message, gate_.now()); !status.ok()) return status;
  if (method_.subjects && gate_.options().audit != nullptr) {
    auto audited = std::make_unique<Audited>();
    audited->order = IdIn(message, "order_id");
    audited->customer = IdIn(message, "customer_id");
    method_.subjects->AddCases(message, audited->asked);
    absl::MutexLock lock(&audit_mu_);
    audited_ = std::move(audited);
  }
  if (!method_.method.descriptor->client_streaming()) {
    std::string scratch;
    const std::string* command_id = method_.checks.CommandId(message, scratch);
    if (command_id != nullptr) caller().command_id = command_id->empty() ? runtime::RandomId() : *command_id;
  }
  return absl::OkStatus();
}

absl::Status ServedCall::Audit(const google::protobuf::Message& response) {
  if (!method_.subjects || gate_.options().audit == nullptr) return absl::OkStatus();
  const runtime::Caller& who = context().caller();
  Reading reading{
      .at = gate_.now(), .by = who.id, .rpc = std::string_view(method_.path).substr(1), .trace = who.correlation_id};
  for (const runtime::Role role : who.roles) reading.roles.push_back(identity::RoleName(role));
  absl::MutexLock lock(&audit_mu_);
  if (audited_ == nullptr) return absl::OkStatus();  // nothing was asked
  std::set<std::string> cases = audited_->asked;
  method_.subjects->AddCases(response, cases);
  for (const std::string& one : cases) {
    if (!audited_->recorded.contains(one)) reading.cases.push_back(one);
  }
  if (reading.cases.empty() && (cases.empty() || audited_->began))
    return absl::OkStatus();  // it shows no case, or none that is new
  reading.order = audited_->order;
  reading.customer = audited_->customer;
  absl::Status status = gate_.options().audit->Record(reading);
  if (!status.ok()) return status;
  audited_->began = true;
  audited_->recorded.merge(cases);
  return absl::OkStatus();
}

runtime::Caller ServedCall::CallerOf(std::string_view command_id) const {
  runtime::Caller caller = context().caller();
  caller.command_id = command_id.empty() ? runtime::RandomId() : std::string(command_id);
  caller.time = gate_.now();
  return caller;
}

bool ServedCall::BecomeOver(const absl::Status& status) {
  if (claimed_.exchange(true, std::memory_order_acq_rel)) return false;
  final_ = status;
  over_.store(true, std::memory_order_release);
  return true;
}

void ServedCall::RunHooks() {
  std::vector<std::function<void()>> hooks;
  {
    absl::MutexLock lock(&hooks_mu_);
    hooks.swap(hooks_);
  }
  for (const auto& hook : hooks) hook();
}

void ServedCall::OnOver(std::function<void()> hook) {
  {
    absl::MutexLock lock(&hooks_mu_);
    if (!over()) {
      hooks_.push_back(std::move(hook));
      return;
    }
  }
  hook();
}

void ServedCall::SetStream(std::string_view stream) {
  absl::MutexLock lock(&hooks_mu_);
  stream_ = std::string(stream);
}

void ServedCall::Expire() {
  Finish(Refuse(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                absl::StrCat("no answer within ", absl::FormatDuration(gate_.options().default_deadline),
                             ": the command may still take effect; the same command id may be sent again without a "
                             "second effect")));
}

absl::Status ServedCall::WhyCancelled() const {
  if (absl::Now() + kDeadlineSlack >= context().deadline()) {
    return Refuse(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                  "the deadline of the call has passed: the command may still take effect; the same command id may be "
                  "sent again without a second effect");
  }
  return Refuse(StatusCode::kCancelled, "CANCELLED", "the client cancelled the call or went away");
}

void ServedCall::Done() {
  gate_.Unlist(*this);
  const absl::Duration took = absl::Now() - began_;
  method_.probe.Finished(final_.raw_code(), took);
  Tell(took);
  gate_.Leave(*this, stream_call_);
  Unref();
}

void ServedCall::Tell(absl::Duration took) {
  const bool slow = final_.ok() && !stream_call_ && took > gate_.options().slow_call;
  const LogLevel level = slow ? LogLevel::kWarning : LevelOf(final_.code());
  const bool logs = logging::Logs(level);
  tracing::Tracer* const tracer = gate_.options().tracer;
  const bool traces = tracer != nullptr && trace_ && trace_->sampled;
  if (!logs && !traces) return;
  std::string stream;
  {
    absl::MutexLock lock(&hooks_mu_);
    stream = stream_;
  }
  const runtime::Caller& who = context().caller();
  const std::string reason = runtime::ReasonOf(final_).value_or("");
  const std::string outcome = absl::StrCat(absl::StatusCodeToString(final_.code()), reason.empty() ? "" : "/", reason);
  if (logs) {
    // The text of a refusal may repeat what a caller wrote; only that of our own faults is for this log.
    const bool ours = LevelOf(final_.code()) == LogLevel::kError;
    const std::vector<std::string> fields = runtime::BadFieldsOf(final_);
    Log(level,
        {.service = method_.service,
         .trace = trace_ ? std::string_view(trace_->trace_id) : std::string_view(who.correlation_id),
         .correlation = trace_ && who.correlation_id != trace_->trace_id ? std::string_view(who.correlation_id)
                                                                         : std::string_view(),
         .stream = stream,
         .command = who.command_id},
        absl::StrCat(method_.path.substr(1), " ", outcome, slow ? " slow" : "", " in ",
                     absl::FormatDuration(absl::Trunc(took, absl::Microseconds(1))), " by ",
                     who.id.empty() ? "?" : who.id, " from ", transport_.peer(),
                     fields.empty() ? "" : absl::StrCat(" fields ", absl::StrJoin(fields, " ")),
                     ours ? absl::StrCat(": ", final_.message()) : ""));
  }
  if (traces) {
    tracer->End({.service = method_.service,
                 .name = method_.path.substr(1),
                 .kind = tracing::Span::Kind::kServer,
                 .context = *trace_,
                 .parent_id = parent_span_,
                 .tracestate = who.tracestate,
                 .began = began_,
                 .ended = began_ + took,
                 // A refusal is no failure of the server's, as OpenTelemetry sees it.
                 .failure = LevelOf(final_.code()) == LogLevel::kInfo ? "" : outcome,
                 .attributes = {{"rpc.system", "grpc"},
                                {"rpc.grpc.status_code", std::to_string(final_.raw_code())},
                                {"throughline.outcome", outcome},
                                {"throughline.stream", stream},
                                {"throughline.command_id", who.command_id},
                                {"throughline.correlation_id", who.correlation_id}}});
  }
}

}  // namespace throughline::server
