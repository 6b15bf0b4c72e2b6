#include "tests/hostile/raw_client.h"

#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/server/calls/errors.h"

namespace throughline::hostile {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

struct RawClient::Connection {
  explicit Connection(const std::string& address) : stub(Connect(address)) {}
  grpc::GenericStub stub;
};

RawClient::RawClient(const std::string& address) : connection_(std::make_unique<Connection>(address)) {}
RawClient::~RawClient() = default;

// For gRPC every call is a bidirectional stream; the server checks how many messages a method takes.
RawAnswer RawClient::Call(const RawRequest& request) const {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + request.timeout));
  if (!request.authorization.empty()) context.AddMetadata("authorization", request.authorization);
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = connection_->stub.PrepareCall(&context, request.path, &queue);
  call->StartCall(nullptr);
  bool open = wait();
  for (const std::string& message : request.messages) {
    if (!open) break;
    call->Write(BufferOf(message), nullptr);
    open = wait();
  }
  if (open) {
    call->WritesDone(nullptr);
    wait();
  }
  RawAnswer answer;
  bool enough = false;
  while (true) {
    grpc::ByteBuffer incoming;
    call->Read(&incoming, nullptr);
    if (!wait()) break;
    if (!enough) answer.messages.push_back(BytesOf(incoming));
    if (request.one_answer) {
      enough = true;
      context.TryCancel();
    }
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  wait();
  if (!enough) answer.status = server::FromGrpc(status);
  queue.Shutdown();
  wait();
  return answer;
}

}  // namespace throughline::hostile
