#include "libs/runtime/commands/make_command.h"

#include "libs/runtime/domain/digest.h"
#include "libs/store/fatal.h"

namespace throughline::runtime {
namespace {

// What tells one request from another: requests of different types can have the same bytes.
std::string RequestDigest(const google::protobuf::Message& request) {
  std::string bytes = request.GetDescriptor()->full_name();
  bytes.push_back('\0');
  request.AppendToString(&bytes);
  return Sha256(bytes).substr(0, 16);
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

}  // namespace throughline::runtime
