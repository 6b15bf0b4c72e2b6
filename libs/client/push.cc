#include <deque>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/client/client.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"

namespace throughline::client {
namespace {

using google::protobuf::Message;
using MessagePtr = std::unique_ptr<Message>;

std::string ItemId(const Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("item_id");
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// All items of one push, over as many streams as it takes.
class Pusher {
 public:
  Pusher(const Connection& connection, Replicas& replicas, std::string path, size_t window,
         const std::function<MessagePtr()>& next, Message& response,
         const std::function<void(const Message&)>& answered)
      : connection_(connection),
        replicas_(replicas),
        path_(std::move(path)),
        window_(window),
        next_(next),
        response_(response),
        answered_(answered) {}

  // Pushes until all items are answered or the stream ends. Unanswered items are kept for the next run.
  absl::Status Run() {
    grpc::ClientContext context;
    connection_.Prepare(context, absl::InfiniteFuture());
    grpc::CompletionQueue queue;
    const size_t replica = replicas_.current();
    auto call = replicas_.stub(replica)->PrepareCall(&context, path_, &queue);
    grpc::ByteBuffer incoming;
    grpc::Status status;
    bool writing = true, open = true, closed = false;
    const auto write = [&] {
      if (writing || closed || !open) return;
      if (waiting_.size() < window_) {
        if (MessagePtr item = Take()) {
          writing = true;
          call->Write(ToBytes(*item), Tag(kWrite));
          waiting_.emplace(ItemId(*item), std::move(item));
          return;
        }
        closed = writing = true;
        call->WritesDone(Tag(kWrite));
      }
    };
    absl::Status broken;
    call->StartCall(Tag(kStart));
    void* tag;
    bool ok;
    while (queue.Next(&tag, &ok)) {
      if (tag == Tag(kStart)) {
        writing = false;
        call->Read(&incoming, Tag(kRead));
        write();
      } else if (tag == Tag(kWrite)) {
        writing = false;
        open = open && ok;
        write();
      } else if (tag == Tag(kRead) && ok) {
        broken.Update(Answer(incoming));
        if (!broken.ok()) context.TryCancel();
        call->Read(&incoming, Tag(kRead));
        write();
      } else if (tag == Tag(kRead)) {
        open = false;
        call->Finish(&status, Tag(kFinish));
      } else {
        queue.Shutdown();  // a pending write still completes, then Next returns false
      }
    }
    for (auto& [id, item] : waiting_) again_.push_back(std::move(item));
    waiting_.clear();
    broken.Update(OutcomeOf(status));
    if (absl::IsUnavailable(broken)) replicas_.GiveUpOn(replica);
    if (broken.ok() && (!again_.empty() || !drained_)) {
      return absl::UnavailableError("the server ended the stream before it answered everything");
    }
    return broken;
  }

  // The number of answers so far.
  size_t answers() const { return answers_; }

 private:
  enum Operation : intptr_t { kStart = 1, kWrite, kRead, kFinish };
  static void* Tag(Operation operation) { return reinterpret_cast<void*>(operation); }

  MessagePtr Take() {
    if (!again_.empty()) {
      MessagePtr item = std::move(again_.front());
      again_.pop_front();
      return item;
    }
    if (drained_) return nullptr;
    MessagePtr item = next_();
    if (item == nullptr) {
      drained_ = true;
      return nullptr;
    }
    ++taken_;
    if (ItemId(*item).empty()) {
      item->GetReflection()->SetString(item.get(), item->GetDescriptor()->FindFieldByName("item_id"),
                                       absl::StrCat(taken_));
    }
    return item;
  }

  absl::Status Answer(grpc::ByteBuffer& bytes) {
    if (absl::Status status = FromBytes(bytes, response_); !status.ok()) return status;
    const auto found = waiting_.find(ItemId(response_));
    if (found == waiting_.end()) return absl::InternalError("the server answered an item that was not pushed");
    ++answers_;
    answered_(*found->second);
    waiting_.erase(found);
    return absl::OkStatus();
  }

  const Connection& connection_;
  Replicas& replicas_;
  const std::string path_;
  const size_t window_;
  const std::function<MessagePtr()>& next_;
  Message& response_;
  const std::function<void(const Message&)>& answered_;
  std::multimap<std::string, MessagePtr> waiting_;  // sent and unanswered, by item id
  std::deque<MessagePtr> again_;                    // unanswered when the last stream broke
  size_t taken_ = 0;
  size_t answers_ = 0;
  bool drained_ = false;
};

}  // namespace

absl::Status Client::PushInto(const std::function<MessagePtr()>& next, const google::protobuf::Descriptor& request,
                              Message& response, const std::function<void(const Message&)>& answered) const {
  if (absl::Status status = connection_->Check(request, *response.GetDescriptor()); !status.ok()) return status;
  Replicas& replicas = connection_->ReplicasFor(request);
  Pusher pusher(*connection_, replicas, PathOf(*MethodFor(request)), options_.push_window, next, response, answered);
  for (int tries = 1;; ++tries) {
    const size_t before = pusher.answers();
    const absl::Status status = pusher.Run();
    if (pusher.answers() > before) tries = 1;
    if (!TryLater(status) || tries >= options_.tries) return status;
    replicas.Pause(PauseBefore(tries + 1, status));
  }
}

}  // namespace throughline::client
