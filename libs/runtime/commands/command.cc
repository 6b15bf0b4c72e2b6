#include "libs/runtime/commands/command.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "libs/store/fatal.h"

namespace throughline::runtime {
namespace {

// Includes the type: requests of different types can have the same bytes.
std::string RequestDigest(const google::protobuf::Message& request) {
  std::string bytes = request.GetDescriptor()->full_name();
  bytes.push_back('\0');
  request.AppendToString(&bytes);
  return crypto::Sha256(bytes).substr(0, 16);
}

}  // namespace

CommandPtr NewCommand(const StreamTypes& types, const char* kind, const google::protobuf::Message& request,
                      StreamId stream, Caller caller) {
  auto made = std::make_shared<Command>();
  made->type = types.Find(kind);
  if (made->type == nullptr || !made->type->own()) {
    store::Fatal(std::string("a command for a ") + kind + ", which this service does not own");
  }
  made->digest = RequestDigest(request);
  made->stream = std::move(stream);
  made->caller = std::move(caller);
  return made;
}

throughline::log::v1::Commit MakeCommit(const Command& command, uint64_t version, const std::string& follows,
                                        const std::vector<MessagePtr>& events) {
  throughline::log::v1::Commit commit;
  commit.set_stream(command.stream.ToString());
  commit.set_version(version + 1);
  commit.set_follows(follows);
  commit.set_command_id(command.caller.command_id);
  commit.mutable_actor()->set_id(command.caller.id);
  for (Role role : command.caller.roles) commit.mutable_actor()->add_roles(role);
  commit.mutable_actor()->set_party(command.caller.party);
  *commit.mutable_event_time() = ToProto(command.caller.time);
  commit.set_correlation_id(command.caller.correlation_id);
  commit.set_causation_id(command.caller.causation_id);
  commit.set_traceparent(command.caller.traceparent);
  commit.set_tracestate(command.caller.tracestate);
  commit.set_schema_version(kSchemaVersion);
  commit.set_command_digest(command.digest);
  for (const MessagePtr& event : events) {
    auto& committed = *commit.add_events();
    committed.set_type(command.type->NameOf(*event));
    event->SerializeToString(committed.mutable_data());
    committed.set_ignorable(command.type->Ignorable(*event));
  }
  return commit;
}

}  // namespace throughline::runtime
