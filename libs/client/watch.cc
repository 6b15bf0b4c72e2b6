#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

#include "libs/client/client.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::client {
namespace {

using google::protobuf::Message;

// A call with one operation in flight at a time.
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

  // Waits for the last operation; returns whether it succeeded.
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

struct Came {
  bool through = false;  // the request reached a server
  bool answer = false;   // a message arrived
};

absl::Status WatchOne(const Connection& connection, grpc::GenericStub& stub, const Message& request, Message& response,
                      const std::function<bool()>& each, absl::Time deadline, Came& came) {
  OneAtATime stream(connection, stub, PathOf(*MethodFor(*request.GetDescriptor())), deadline);
  bool stopped = false;
  absl::Status broken;
  stream.call->StartCall(nullptr);
  bool open = stream.Wait();
  if (open) {
    stream.call->WriteLast(ToBytes(request), grpc::WriteOptions(), nullptr);
    open = stream.Wait();
  }
  came.through = open;
  while (open) {
    grpc::ByteBuffer bytes;
    stream.call->Read(&bytes, nullptr);
    open = stream.Wait();
    came.answer = came.answer || open;
    if (!open || stopped) continue;  // once cancelled, read and drop what is still on its way
    broken = FromBytes(bytes, response);
    stopped = !broken.ok() || !each();
    if (stopped) stream.context.TryCancel();
  }
  grpc::Status status;
  stream.call->Finish(&status, nullptr);
  stream.Wait();
  return stopped ? broken : OutcomeOf(status);
}

// Where to resume a watch that ended with this status, if at all.
enum class Next { kNowhere, kElsewhere, kHere };
Next NextAfter(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return Next::kElsewhere;
  const std::string reason = runtime::ReasonOf(status).value_or("");
  if (reason == "NOT_YET_FOLDED") return Next::kElsewhere;  // that replica lags behind the last one
  return reason == "READER_TOO_SLOW" ? Next::kHere : Next::kNowhere;
}

// The watch's request, changed to resume after the last message.
class Resumable {
 public:
  Resumable(const Message& request, const Message& response)
      : request_(request.New()),
        from_(request.GetDescriptor()->FindFieldByName("resume_from")),
        position_(response.GetDescriptor()->FindFieldByName("consistency_token")) {
    request_->CopyFrom(request);
  }
  const Message& request() const { return *request_; }
  bool possible() const { return from_ != nullptr && position_ != nullptr; }
  void GoOnAfter(const Message& response) {
    if (!possible()) return;
    request_->GetReflection()->SetString(request_.get(), from_,
                                         response.GetReflection()->GetString(response, position_));
  }

 private:
  const std::unique_ptr<Message> request_;
  const google::protobuf::FieldDescriptor* const from_;
  const google::protobuf::FieldDescriptor* const position_;
};

}  // namespace

absl::Status Client::WatchInto(const Message& request, Message& response, const std::function<bool()>& each,
                               absl::Duration timeout, const Lost& lost) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  Replicas& replicas = connection_->ReplicasFor(*request.GetDescriptor());
  const absl::Time deadline = absl::Now() + timeout;
  Resumable watch(request, response);
  const auto take = [&] {
    watch.GoOnAfter(response);
    return each();
  };
  bool reached = false, is_lost = false;
  for (int tries = 1;; ++tries) {
    const size_t replica = replicas.current();
    Came came;
    const absl::Status status =
        WatchOne(*connection_, *replicas.stub(replica), watch.request(), response, take, deadline, came);
    const Next next = NextAfter(status);
    reached = reached || came.through;
    const bool goes_on = lost != nullptr && watch.possible() && reached && next != Next::kNowhere;
    if (!goes_on && !absl::IsUnavailable(status)) return status;
    if (next == Next::kElsewhere) replicas.GiveUpOn(replica);
    if (came.answer) {
      tries = 1;
      is_lost = false;
    }
    const bool all_tried = tries >= static_cast<int>(replicas.size());
    // Messages already delivered must not be delivered again.
    if (!goes_on && (came.answer || all_tried)) return status;
    if (!goes_on) continue;
    if (!std::exchange(is_lost, true)) lost(status);
    if (!all_tried) continue;  // another replica may be up
    replicas.Pause(std::min(PauseBefore(tries + 1, status), deadline - absl::Now()));
  }
}

}  // namespace throughline::client
