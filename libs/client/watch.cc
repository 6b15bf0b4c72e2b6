#include "absl/time/clock.h"

#include "libs/client/client.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"

namespace throughline::client {
namespace {

// A call of which one operation is under way at a time.
class OneAtATime {
 public:
  OneAtATime(const Connection& connection, grpc::GenericStub& stub, const std::string& path, absl::Time deadline) {
    connection.Prepare(context, deadline);
    call = stub.PrepareCall(&context, path, &queue_);
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

// Sets `heard` once a message came.
absl::Status WatchOne(const Connection& connection, grpc::GenericStub& stub, const google::protobuf::Message& request,
                      google::protobuf::Message& response, const std::function<bool()>& each, absl::Time deadline,
                      bool& heard) {
  OneAtATime stream(connection, stub, PathOf(*MethodFor(*request.GetDescriptor())), deadline);
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
    heard = heard || open;
    if (!open || stopped) continue;  // once cancelled, what is still on the way is read and let go
    broken = FromBytes(bytes, response);
    stopped = !broken.ok() || !each();
    if (stopped) stream.context.TryCancel();
  }
  grpc::Status status;
  stream.call->Finish(&status, nullptr);
  stream.Wait();
  return stopped ? broken : OutcomeOf(status);
}

}  // namespace

absl::Status Client::WatchInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                               const std::function<bool()>& each, absl::Duration timeout) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  Replicas& replicas = connection_->ReplicasFor(*request.GetDescriptor());
  const absl::Time deadline = absl::Now() + timeout;
  for (size_t tries = 1;; ++tries) {
    const size_t replica = replicas.current();
    bool heard = false;
    const absl::Status status =
        WatchOne(*connection_, replicas.stub(replica), request, response, each, deadline, heard);
    if (!absl::IsUnavailable(status)) return status;
    replicas.GiveUpOn(replica);
    // What was heard must not be told twice.
    if (heard || tries >= replicas.size()) return status;
  }
}

}  // namespace throughline::client
