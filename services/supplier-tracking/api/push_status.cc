#include "services/supplier-tracking/api/push_status.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/api/execute_report.h"
#include "services/supplier-tracking/api/push_stream.h"

namespace throughline::supplier {
namespace {

using StatusRequest = v1::PushStatusEventsRequest;
using StatusResponse = v1::PushStatusEventsResponse;

class StatusSession : public server::Session<StatusRequest> {
 public:
  StatusSession(runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers, const Config& config,
                std::shared_ptr<server::ResponseStream<StatusResponse>> writer)
      : streams_(streams),
        carriers_(std::move(carriers)),
        config_(config),
        stream_(std::make_shared<PushStream<StatusResponse>>(std::move(writer))) {}

  void OnMessage(StatusRequest message) override {
    stream_->Begin();
    StatusResponse response;
    response.set_item_id(std::move(*message.mutable_item_id()));
    const server::Context& context = stream_->context();
    const std::shared_ptr<const Carriers> carriers = carriers_->Get();
    absl::StatusOr<Report> report = Read(context, *carriers, message);
    if (!report.ok()) return Refuse(std::move(response), message.command_id(), report.status());
    runtime::Caller caller =
        context.CallerOf(message.command_id().empty() ? report->CommandId() : message.command_id());
    response.set_command_id(caller.command_id);
    response.set_shipment(ShipmentStream(report->carrier, report->number, report->epoch));
    response.set_fingerprint(report->fingerprint);
    const absl::Time deadline = streams_.clock().Now() + config_.push_deadline;
    Execute(streams_, *std::move(report), std::move(caller), deadline,
            [stream = stream_, response = std::move(response), live = carriers_,
             carriers](absl::StatusOr<runtime::Outcome<Shipment>> outcome) mutable {
              if (outcome.ok()) {
                response.set_version(outcome->version);
                response.set_consistency_token(std::move(outcome->token));
                response.set_result(ResultOf(outcome->events));
                if (response.result() == v1::PUSH_RESULT_QUARANTINED) live->Quarantined(carriers);
              } else {
                response.clear_shipment();
                response.clear_fingerprint();
                SetRefused(outcome.status(), response);
              }
              stream->Answer(response);
            });
  }
  bool OnBadMessage(StatusRequest message, const absl::Status& status) override {
    stream_->Begin();
    StatusResponse response;
    response.set_item_id(Echoed(message.item_id()));
    Refuse(std::move(response), Echoed(message.command_id()), status);
    return true;
  }
  void OnHalfClose() override { stream_->HalfClose(); }

 private:
  absl::StatusOr<Report> Read(const server::Context& context, const Carriers& carriers, StatusRequest& message) const {
    if (!message.has_event()) return runtime::BadField("event", "is not set: give the event");
    // First, so that a partner learns nothing about another's shipments.
    absl::Status own = runtime::RequireParty(context.caller(), message.event().carrier());
    // Our stores speak for themselves; no partner does.
    if (own.ok() && !message.event().store_receipt().empty()) {
      own = runtime::RequireParty(context.caller(), "our stores");
    }
    if (!own.ok()) return own;
    return ReadEvent(std::move(*message.mutable_event()), carriers, *streams_.View(), config_.limits);
  }
  static void SetRefused(const absl::Status& status, StatusResponse& response) {
    response.set_result(v1::PUSH_RESULT_REFUSED);
    *response.mutable_error() = ErrorOf(status);
  }
  void Refuse(StatusResponse response, const std::string& command_id, const absl::Status& status) {
    response.set_command_id(command_id);
    SetRefused(status, response);
    stream_->Answer(response);
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const LiveCarriers> carriers_;
  const Config config_;
  const std::shared_ptr<PushStream<StatusResponse>> stream_;
};

}  // namespace

void ServePushStatus(server::Api& api, runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers,
                     const Config& config) {
  api.BidiStream<StatusRequest, StatusResponse>(
      "PushStatusEvents", config.push_window,
      [&streams, carriers = std::move(carriers), config](const server::Context&, auto writer) {
        return std::make_shared<StatusSession>(streams, carriers, config, std::move(writer));
      });
}

}  // namespace throughline::supplier
