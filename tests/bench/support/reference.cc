#include "tests/bench/support/reference.h"

#include <cstdio>
#include <deque>

#include "absl/synchronization/mutex.h"
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "libs/server/operations/signals.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/throughline/layouts.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::bench {
namespace {

constexpr char kToken[] = "CghTAB3Zm9vYmFyEgYIABAHGCoSBggDEAcYKg";  // as long as a real token

void EchoCase(const intake::v1::OpenCaseRequest& request, intake::v1::OpenCaseResponse& response) {
  response.set_command_id(request.command_id());
  response.set_version(1);
  response.set_consistency_token(kToken);
  response.set_case_id("7ZQ4M2N8P1R5T9V3W6X0Y4Z8A2");
  response.set_owner("ana");
  response.set_assignment_reason(intake::v1::ASSIGNMENT_REASON_TOOK_INTERACTION);
}

void Echo(const supplier::v1::PushStatusEventsRequest& request, supplier::v1::PushStatusEventsResponse& response) {
  response.set_command_id("7ZQ4M2N8P1R5T9V3W6X0Y4Z8A2");
  response.set_version(3);
  response.set_consistency_token(kToken);
  response.set_item_id(request.item_id());
  response.set_result(supplier::v1::PUSH_RESULT_ACCEPTED);
  response.set_shipment("shipment/ups/" + request.event().tracking_number() + "/1");
  response.set_fingerprint(std::string(16, 'f'));
}

void Echo(const supplier::v1::PushRawEventsRequest& request, supplier::v1::PushRawEventsResponse& response) {
  response.set_command_id("7ZQ4M2N8P1R5T9V3W6X0Y4Z8A2");
  response.set_consistency_token(kToken);
  response.set_item_id(request.item_id());
  supplier::v1::RawEventResult& event = *response.add_events();
  event.set_result(supplier::v1::PUSH_RESULT_ACCEPTED);
  event.set_shipment("shipment/ups/1Z999AA10000000000/1");
  event.set_fingerprint(std::string(32, 'f'));
  event.set_version(3);
  event.set_state(supplier::v1::TRACKING_STATE_IN_TRANSIT);
}

// Reads the next message while it writes; answers in order.
template <typename Request, typename Response>
class EchoStream : public grpc::ServerBidiReactor<Request, Response> {
 public:
  EchoStream() { this->StartRead(&request_); }

  void OnReadDone(bool ok) override {
    absl::ReleasableMutexLock lock(&mutex_);
    if (!ok) {
      half_closed_ = true;
      const bool idle = !writing_;
      lock.Release();
      if (idle) this->Finish(grpc::Status::OK);
      return;
    }
    Response response;
    Echo(request_, response);
    queue_.push_back(std::move(response));
    if (!writing_) WriteNext();
    lock.Release();
    this->StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    absl::ReleasableMutexLock lock(&mutex_);
    writing_ = false;
    queue_.pop_front();
    if (ok && !queue_.empty()) return WriteNext();
    const bool over = half_closed_ || !ok;
    lock.Release();
    if (over) this->Finish(grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    writing_ = true;
    this->StartWrite(&queue_.front());
  }

  Request request_;
  absl::Mutex mutex_;
  std::deque<Response> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

void AnswerTrace(const store::KeyValue& store, const supplier::v1::TraceOrderRequest& request,
                 supplier::v1::TraceOrderResponse& response) {
  supplier::kTrace.Scan(
      store, "",
      [&](std::string_view, const auto&, supplier::v1::TraceRow row) {
        *response.add_entries() = std::move(*row.mutable_entry());
        return true;
      },
      request.order_id());
}

// The measured methods only; gRPC's plugin would generate those of all services.
class Reference : public grpc::Service {
 public:
  explicit Reference(const store::KeyValue* store) {
    Unary<intake::v1::OpenCaseRequest, intake::v1::OpenCaseResponse>("/throughline.intake.v1.IntakeService/OpenCase",
                                                                     EchoCase);
    Unary<supplier::v1::TraceOrderRequest, supplier::v1::TraceOrderResponse>(
        "/throughline.supplier.v1.SupplierTrackingService/TraceOrder",
        [store](const auto& request, auto& response) { AnswerTrace(*store, request, response); });
    Stream<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>(
        "/throughline.supplier.v1.SupplierTrackingService/PushStatusEvents");
    Stream<supplier::v1::PushRawEventsRequest, supplier::v1::PushRawEventsResponse>(
        "/throughline.supplier.v1.SupplierTrackingService/PushRawEvents");
  }

 private:
  void Add(const char* path, grpc::internal::RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
    AddMethod(new grpc::internal::RpcServiceMethod(path, type, nullptr));
    MarkMethodCallback(methods_++, handler);
  }
  template <typename Request, typename Response>
  void Stream(const char* path) {
    Add(path, grpc::internal::RpcMethod::BIDI_STREAMING,
        new grpc::internal::CallbackBidiHandler<Request, Response>(
            [](grpc::CallbackServerContext*) { return new EchoStream<Request, Response>(); }));
  }
  template <typename Request, typename Response, typename Answer>
  void Unary(const char* path, Answer answer) {
    Add(path, grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::CallbackUnaryHandler<Request, Response>(
            [answer](grpc::CallbackServerContext* context, const Request* request, Response* response) {
              answer(*request, *response);
              grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
              reactor->Finish(grpc::Status::OK);
              return reactor;
            }));
  }

  int methods_ = 0;
};

}  // namespace

int ServeReference(const std::string& store_path) {
  server::StopSignals signals;
  std::unique_ptr<store::RocksKeyValue> store;
  if (!store_path.empty()) {
    store::RocksKeyValue::Options options;
    options.path = store_path;
    options.layout = LayoutOf(log::Topic::kSupplierTracking);
    options.cache_bytes = size_t{128} << 20;
    auto opened = store::RocksKeyValue::OpenToRead(options);
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
      return 1;
    }
    store = *std::move(opened);
  }
  Reference reference(store.get());
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&reference);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("reference: 127.0.0.1:%d\nready\n", port);
  std::fflush(stdout);
  signals.Wait();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

}  // namespace throughline::bench
