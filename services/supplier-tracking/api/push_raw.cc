#include "services/supplier-tracking/api/push_raw.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/api/execute_report.h"
#include "services/supplier-tracking/api/push_stream.h"

namespace throughline::supplier {
namespace {

using Request = v1::PushRawEventsRequest;
using Response = v1::PushRawEventsResponse;

// A payload whose events are in flight. Answers once the last of them is done. Any thread.
class Payload {
 public:
  Payload(std::shared_ptr<PushStream<Response>> stream, Response response, int events)
      : stream_(std::move(stream)), response_(std::move(response)), left_(events) {
    for (int i = 0; i < events; ++i) response_.add_events();
  }

  void Set(int index, v1::RawEventResult result, const std::string& token) {
    {
      absl::MutexLock lock(&mutex_);
      if (result.has_error()) response_.set_refused_count(response_.refused_count() + 1);
      *response_.mutable_events(index) = std::move(result);
      if (!token.empty()) response_.set_consistency_token(token);
      if (--left_ > 0) return;
    }
    stream_->Answer(response_);
  }

 private:
  const std::shared_ptr<PushStream<Response>> stream_;
  absl::Mutex mutex_;
  Response response_;  // guarded by mutex_ until the last event is set
  int left_ ABSL_GUARDED_BY(mutex_);
};

v1::RawEventResult Refused(const absl::Status& status) {
  v1::RawEventResult result;
  result.set_result(v1::PUSH_RESULT_REFUSED);
  *result.mutable_error() = ErrorOf(status);
  return result;
}

class RawSession : public server::Session<Request> {
 public:
  RawSession(runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers, const Config& config,
             std::shared_ptr<server::ResponseStream<Response>> writer)
      : streams_(streams),
        carriers_(std::move(carriers)),
        config_(config),
        stream_(std::make_shared<PushStream<Response>>(std::move(writer))) {}

  void OnMessage(Request message) override {
    const runtime::Caller caller = stream_->context().CallerOf(message.command_id());
    const std::shared_ptr<const Carriers> carriers = carriers_->Get();
    absl::StatusOr<std::vector<ParsedItem>> items = Parse(caller, *carriers, message);
    if (!stream_->Take(items.ok() ? static_cast<int>(items->size()) : 1)) return;
    Response response;
    response.set_item_id(std::move(*message.mutable_item_id()));
    response.set_command_id(caller.command_id);
    if (!items.ok()) {
      *response.mutable_error() = ErrorOf(items.status());
      return stream_->Answer(response);
    }
    if (items->empty()) return stream_->Answer(response);
    auto payload = std::make_shared<Payload>(stream_, std::move(response), static_cast<int>(items->size()));
    for (size_t i = 0; i < items->size(); ++i) {
      Push(std::move((*items)[i]), static_cast<int>(i), message, caller, payload, carriers);
    }
  }
  bool OnBadMessage(Request message, const absl::Status& status) override {
    stream_->Begin();
    Response response;
    response.set_item_id(Echoed(message.item_id()));
    response.set_command_id(Echoed(message.command_id()));
    *response.mutable_error() = ErrorOf(status);
    stream_->Answer(response);
    return true;
  }
  void OnHalfClose() override { stream_->HalfClose(); }

 private:
  static absl::StatusOr<std::vector<ParsedItem>> Parse(const runtime::Caller& caller, const Carriers& carriers,
                                                       const Request& message) {
    const CarrierAdapter* adapter = carriers.Find(message.format());
    if (adapter == nullptr) {
      return runtime::Refuse(absl::StatusCode::kInvalidArgument, "FORMAT_UNKNOWN",
                             absl::StrCat("format `", message.format(), "` is unknown: use one of ",
                                          absl::StrJoin(carriers.Formats(), ", ",
                                                        [](std::string* out, std::string_view f) { out->append(f); })));
    }
    absl::Status own =
        runtime::RequireParty(caller, absl::string_view(adapter->Party().data(), adapter->Party().size()));
    if (!own.ok()) return own;
    if (message.body().empty()) return runtime::BadField("body", "is empty: send the payload as it came");
    return ReadBody(*adapter, message.body());
  }

  void Push(ParsedItem item, int index, const Request& message, const runtime::Caller& whole,
            const std::shared_ptr<Payload>& payload, const std::shared_ptr<const Carriers>& carriers) {
    const v1::TrackingState state =
        item.kind == ParsedItem::Kind::kEvent && item.judgement.kind == Judgement::Kind::kKnown
            ? item.judgement.meaning.state()
            : v1::TRACKING_STATE_UNSPECIFIED;
    std::vector<std::string> warnings = std::move(item.warnings);
    absl::StatusOr<Report> report =
        ReadItem(std::move(item), message.format(), whole.time, *streams_.View(), config_.limits);
    if (!report.ok()) return payload->Set(index, Refused(report.status()), "");
    runtime::Caller caller = whole;
    caller.command_id =
        message.command_id().empty() ? report->CommandId() : runtime::DerivedId(whole, absl::StrCat("event/", index));
    v1::RawEventResult result;
    result.set_shipment(ShipmentStream(report->carrier, report->number, report->epoch));
    result.set_fingerprint(report->fingerprint);
    result.set_state(state);
    for (std::string& warning : warnings) result.add_warnings(server::CleanUtf8(warning, 256));
    const absl::Time deadline = streams_.clock().Now() + config_.push_deadline;
    Execute(streams_, *std::move(report), std::move(caller), deadline,
            [payload, index, result = std::move(result), live = carriers_,
             carriers](absl::StatusOr<runtime::Outcome<Shipment>> outcome) mutable {
              if (!outcome.ok()) return payload->Set(index, Refused(outcome.status()), "");
              result.set_version(outcome->version);
              result.set_result(ResultOf(outcome->events));
              if (result.result() == v1::PUSH_RESULT_QUARANTINED) live->Quarantined(carriers);
              payload->Set(index, std::move(result), outcome->token);
            });
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const LiveCarriers> carriers_;
  const Config config_;
  const std::shared_ptr<PushStream<Response>> stream_;
};

}  // namespace

void ServePushRaw(server::Api& api, runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                  const Config& config) {
  api.AllowLargerField("throughline.supplier.v1.PushRawEventsRequest.body", config.max_raw_bytes);
  api.BidiStream<Request, Response>(
      "PushRawEvents", config.raw_window,
      [&streams, carriers = std::move(carriers), config](const server::Context&, auto writer) {
        return std::make_shared<RawSession>(streams, carriers, config, std::move(writer));
      });
}

}  // namespace throughline::supplier
