#include "tests/support/crowd.h"

#include <functional>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/services.h"
#include "tests/support/eventually.h"

namespace throughline::testing {

struct Crowd::Queue {
  grpc::CompletionQueue completions;
  absl::Mutex mutex;
  absl::Status why ABSL_GUARDED_BY(mutex);
};

// One stream as a state machine: started, request sent, then read until it ends.
struct Crowd::Follower {
  enum class Doing { kStarting, kAsking, kReading, kEnding, kOver };
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer request, response;
  grpc::Status status;
  Doing doing = Doing::kStarting;
  bool heard = false;
};

Crowd::Crowd(const client::Options& options, int connections) : options_(options), queue_(std::make_unique<Queue>()) {
  for (int i = 0; i < connections; ++i) clients_.push_back(std::make_unique<client::Client>(options_));
  thread_ = std::thread([this] { Read(); });
}

Crowd::~Crowd() {
  for (const auto& follower : followers_) follower->context.TryCancel();
  while (ended_ < static_cast<int64_t>(followers_.size())) absl::SleepFor(absl::Milliseconds(5));
  queue_->completions.Shutdown();
  thread_.join();
}

void Crowd::Follow(const google::protobuf::Message& request) {
  followers_.push_back(std::make_unique<Follower>());
  Follower& follower = *followers_.back();
  const std::string bytes = request.SerializeAsString();
  grpc::Slice slice(bytes);
  follower.request = grpc::ByteBuffer(&slice, 1);
  follower.context.AddMetadata("authorization", "Bearer " + options_.token);
  const client::Client& client = *clients_[followers_.size() % clients_.size()];
  grpc::GenericStub stub(client.channel());
  follower.call = stub.PrepareCall(&follower.context, client::PathOf(*client::MethodFor(*request.GetDescriptor())),
                                   &queue_->completions);
  follower.call->StartCall(&follower);
}

void Crowd::Read() {
  using Doing = Follower::Doing;
  void* tag = nullptr;
  for (bool ok = false; queue_->completions.Next(&tag, &ok);) {
    Follower& follower = *static_cast<Follower*>(tag);
    if (follower.doing == Doing::kEnding) {
      follower.doing = Doing::kOver;
      if (ended_ == 0) {
        absl::MutexLock lock(&queue_->mutex);
        queue_->why =
            absl::Status(static_cast<absl::StatusCode>(follower.status.error_code()), follower.status.error_message());
      }
      ++ended_;
      continue;
    }
    if (!ok) {
      follower.doing = Doing::kEnding;
      follower.call->Finish(&follower.status, &follower);
      continue;
    }
    if (follower.doing == Doing::kStarting) {
      follower.doing = Doing::kAsking;
      follower.call->WriteLast(follower.request, grpc::WriteOptions(), &follower);
      continue;
    }
    if (follower.doing == Doing::kReading) {
      ++messages_;
      if (!std::exchange(follower.heard, true)) ++heard_;
    }
    follower.doing = Doing::kReading;
    follower.call->Read(&follower.response, &follower);
  }
}

absl::Status Crowd::why() const {
  absl::MutexLock lock(&queue_->mutex);
  return queue_->why;
}

bool Crowd::AwaitHeard(absl::Duration patience) const {
  const bool over =
      Eventually([this] { return ended_ > 0 || heard_ >= static_cast<int64_t>(followers_.size()); }, patience);
  return over && ended_ == 0;
}

bool Crowd::AwaitMessages(int64_t count, absl::Duration patience) const {
  return Eventually([&] { return messages_ >= count; }, patience);
}

}  // namespace throughline::testing
