#include "libs/client/client.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"
#include "libs/runtime/ids.h"
#include "libs/server/errors.h"

namespace throughline::client {
namespace {

// One try, from start to answer; kept alive by its own callback.
struct Attempt {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;

  static void Run(const Connection& connection, const std::string& path, const google::protobuf::Message& request,
                  absl::Time deadline, google::protobuf::Message& response, std::function<void(absl::Status)> done) {
    auto attempt = std::make_shared<Attempt>();
    connection.Prepare(attempt->context, deadline);
    attempt->request = ToBytes(request);
    connection.stub->UnaryCall(&attempt->context, path, grpc::StubOptions(), &attempt->request, &attempt->response,
                               [attempt, &response, done = std::move(done)](const grpc::Status& status) {
                                 done(status.ok() ? FromBytes(attempt->response, response) : server::FromGrpc(status));
                               });
  }
};

}  // namespace

Client::Client(Options options)
    : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

Client::~Client() = default;

std::shared_ptr<grpc::Channel> Client::channel() const { return connection_->channel; }

absl::Status Client::CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  const std::unique_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  EnsureCommandId(*sent);
  const std::string path = PathOf(*MethodFor(*request.GetDescriptor()));
  const absl::Time deadline = absl::Now() + options_.timeout;
  for (int tries = 1;; ++tries) {
    absl::Status status;
    absl::Notification answered;
    Attempt::Run(*connection_, path, *sent, deadline, response, [&](absl::Status outcome) {
      status = std::move(outcome);
      answered.Notify();
    });
    answered.WaitForNotification();
    if (!absl::IsUnavailable(status) || tries >= options_.tries) return status;
    const absl::Duration pause = PauseBefore(tries + 1);
    if (absl::Now() + pause >= deadline) return status;
    absl::SleepFor(pause);
  }
}

void Client::StartInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                       std::function<void(absl::Status)> done) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return done(status);
  }
  Attempt::Run(*connection_, PathOf(*MethodFor(*request.GetDescriptor())), request, absl::Now() + options_.timeout,
               response, std::move(done));
}

std::string EnsureCommandId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("command_id");
  if (field == nullptr) return "";
  const auto* reflection = request.GetReflection();
  if (std::string given = reflection->GetString(request, field); !given.empty()) return given;
  std::string made = runtime::RandomId();
  reflection->SetString(&request, field, made);
  return made;
}

}  // namespace throughline::client
