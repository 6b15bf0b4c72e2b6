#include "tests/bench/reference.h"

#include <cstdio>
#include <deque>

#include "absl/synchronization/mutex.h"
#include <grpcpp/grpcpp.h>

#include "libs/server/signals.h"
#include "libs/store/rocks_key_value.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/throughline/layouts.h"
#include "throughline/intake/v1/intake_service.grpc.pb.h"
#include "throughline/supplier/v1/supplier_tracking_service.grpc.pb.h"

namespace throughline::bench {
namespace {

constexpr char kToken[] = "CghTAB3Zm9vYmFyEgYIABAHGCoSBggDEAcYKg";  // as long as a real one

class EchoIntake : public intake::v1::IntakeService::CallbackService {
  grpc::ServerUnaryReactor* OpenCase(grpc::CallbackServerContext* context, const intake::v1::OpenCaseRequest* request,
                                     intake::v1::OpenCaseResponse* response) override {
    response->set_command_id(request->command_id());
    response->set_version(1);
    response->set_token(kToken);
    response->set_case_id("7ZQ4M2N8P1R5T9V3W6X0Y4Z8A2");
    response->set_owner("ana");
    response->set_owner_named(intake::v1::OWNER_NAMING_TOOK_CONTACT);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// Reads on while it writes; answers what it reads, in order.
class EchoStream
    : public grpc::ServerBidiReactor<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse> {
 public:
  EchoStream() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    absl::ReleasableMutexLock lock(&mutex_);
    if (!ok) {
      half_closed_ = true;
      const bool idle = !writing_;
      lock.Release();
      if (idle) Finish(grpc::Status::OK);
      return;
    }
    supplier::v1::PushStatusEventsResponse response;
    response.set_command_id("7ZQ4M2N8P1R5T9V3W6X0Y4Z8A2");
    response.set_version(3);
    response.set_token(kToken);
    response.set_item_id(request_.item_id());
    response.set_result(supplier::v1::PUSH_RESULT_ACCEPTED);
    response.set_shipment("shipment/ups/" + request_.event().tracking_number() + "/1");
    response.set_fingerprint(std::string(16, 'f'));
    queue_.push_back(std::move(response));
    if (!writing_) WriteNext();
    lock.Release();
    StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    absl::ReleasableMutexLock lock(&mutex_);
    writing_ = false;
    queue_.pop_front();
    if (ok && !queue_.empty()) return WriteNext();
    const bool over = half_closed_ || !ok;
    lock.Release();
    if (over) Finish(grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    writing_ = true;
    StartWrite(&queue_.front());
  }

  supplier::v1::PushStatusEventsRequest request_;
  absl::Mutex mutex_;
  std::deque<supplier::v1::PushStatusEventsResponse> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class EchoSupplier : public supplier::v1::SupplierTrackingService::CallbackService {
 public:
  explicit EchoSupplier(const store::KeyValue* store) : store_(store) {}

  grpc::ServerBidiReactor<supplier::v1::PushStatusEventsRequest, supplier::v1::PushStatusEventsResponse>*
  PushStatusEvents(grpc::CallbackServerContext*) override {
    return new EchoStream();
  }

  grpc::ServerUnaryReactor* TraceOrder(grpc::CallbackServerContext* context,
                                       const supplier::v1::TraceOrderRequest* request,
                                       supplier::v1::TraceOrderResponse* response) override {
    supplier::kTrace.Scan(
        *store_, "",
        [&](std::string_view, const auto&, supplier::v1::TraceRow row) {
          *response->add_entries() = std::move(*row.mutable_entry());
          return true;
        },
        request->order_id());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const store::KeyValue* store_;
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
  EchoIntake intake;
  EchoSupplier supplier(store.get());
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&intake);
  builder.RegisterService(&supplier);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("reference: 127.0.0.1:%d\nready\n", port);
  std::fflush(stdout);
  signals.Wait();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}

}  // namespace throughline::bench
