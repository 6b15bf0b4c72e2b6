#include "absl/time/clock.h"

#include "libs/client/client.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"
#include "libs/server/errors.h"

namespace throughline::client {
namespace {

// A call of which one operation is under way at a time.
class OneAtATime {
 public:
  OneAtATime(const Connection& connection, const std::string& path, absl::Time deadline) {
    connection.Prepare(context, deadline);
    call = connection.stub->PrepareCall(&context, path, &queue_);
  }
  ~OneAtATime() {
    queue_.Shutdown();
    Wait();
  }

  // Waits for the operation that was begun last; answers whether it succeeded.
  bool Wait() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;

 private:
  grpc::CompletionQueue queue_;
};

}  // namespace

absl::Status Client::WatchInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                               const std::function<bool()>& each, absl::Duration timeout) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  OneAtATime stream(*connection_, PathOf(*MethodFor(*request.GetDescriptor())), absl::Now() + timeout);
  bool stopped = false;
  absl::Status broken;
  stream.call->StartCall(nullptr);
  bool open = stream.Wait();
  if (open) {
    stream.call->WriteLast(ToBytes(request), grpc::WriteOptions(), nullptr);
    open = stream.Wait();
  }
  while (open) {
    grpc::ByteBuffer bytes;
    stream.call->Read(&bytes, nullptr);
    open = stream.Wait();
    if (!open || stopped) continue;  // once cancelled, what is still on the way is read and let go
    broken = FromBytes(bytes, response);
    stopped = !broken.ok() || !each();
    if (stopped) stream.context.TryCancel();
  }
  grpc::Status status;
  stream.call->Finish(&status, nullptr);
  stream.Wait();
  return stopped ? broken : server::FromGrpc(status);
}

}  // namespace throughline::client
