// A unary call over gRPC's callback API. The first end of the call calls gRPC's Finish, exactly once. gRPC keeps its
// reference until OnDone.

#include <cstdlib>

#include "libs/server/calls/errors.h"
#include "libs/server/calls/served_call.h"

namespace throughline::server {
namespace {

class UnaryCall final : public ServedCall, public grpc::ServerUnaryReactor {
 public:
  UnaryCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport,
            const grpc::ByteBuffer& request, grpc::ByteBuffer& response)
      : ServedCall(gate, method, transport, false), request_(request), response_(response) {}

  void Start() {
    if (absl::Status status = Begin(request_.Length()); !status.ok()) return Finish(status);
    const std::shared_ptr<internal::Call> ticket = Ticket();
    Guard([&] { method().method.run(ticket); });
  }

  bool Receive(google::protobuf::Message& request) override {
    absl::Status status = Parse(request_, request);
    if (!status.ok()) Finish(status);
    return status.ok();
  }

  void Answer(const google::protobuf::Message& response) override {
    if (over()) return;
    if (absl::Status status = Audit(response); !status.ok()) return Finish(status);
    if (!BecomeOver(absl::OkStatus())) return;
    response_ = ToBytes(response);
    End();
  }

  void Finish(const absl::Status& status) override {
    if (status.ok()) {
      return Finish(absl::InternalError("the handler answered OK without a response"));
    }
    if (BecomeOver(status)) End();
  }

  void OnCancel() override { Finish(WhyCancelled()); }
  void OnDone() override { Done(); }
  void Drain() override {}
  void Revoke(const absl::Status& why) override { Finish(why); }

  bool Write(const google::protobuf::Message&, const std::string_view*) override { std::abort(); }
  void Release(int) override { std::abort(); }
  bool TakeEvents(int) override { std::abort(); }

 private:
  void End() {
    // gRPC may release its reference before this returns.
    Ref();
    grpc::ServerUnaryReactor::Finish(ToGrpc(final_status()));
    RunHooks();
    Unref();
  }

  const grpc::ByteBuffer& request_;
  grpc::ByteBuffer& response_;
};

}  // namespace

grpc::ServerUnaryReactor* StartUnaryCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport,
                                         const grpc::ByteBuffer& request, grpc::ByteBuffer& response) {
  auto* call = new UnaryCall(gate, method, transport, request, response);
  call->Start();
  return call;
}

}  // namespace throughline::server
