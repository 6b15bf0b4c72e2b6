#include "services/edge/connect/codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace throughline::edge::connect {
namespace {

constexpr size_t kMaxReason = 300;

std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor& type) {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

// The parser's reason quotes the input over several lines.
std::string OneLine(std::string reason) {
  std::replace_if(
      reason.begin(), reason.end(), [](unsigned char c) { return c < ' '; }, ' ');
  if (reason.size() > kMaxReason) reason.resize(kMaxReason);
  return reason;
}

}  // namespace

std::optional<Codec> CodecNamed(std::string_view name) {
  if (name == "json") return Codec::kJson;
  if (name == "proto") return Codec::kProto;
  return std::nullopt;
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Parse(Codec codec, const google::protobuf::Descriptor& type,
                                                                 const std::string& bytes) {
  std::unique_ptr<google::protobuf::Message> message = New(type);
  if (codec == Codec::kProto) {
    if (message->ParseFromString(bytes)) return message;
    return absl::InvalidArgumentError(absl::StrCat("the message is not a ", type.full_name()));
  }
  const auto status = google::protobuf::util::JsonStringToMessage(bytes, message.get());
  if (status.ok()) return message;
  return absl::InvalidArgumentError(
      absl::StrCat("the message is not JSON of a ", type.full_name(), ": ", OneLine(std::string(status.message()))));
}

absl::StatusOr<std::string> Encode(Codec codec, const google::protobuf::Descriptor& type, std::string serialized) {
  if (codec == Codec::kProto) return serialized;
  const std::unique_ptr<google::protobuf::Message> message = New(type);
  std::string json;
  if (message->ParseFromString(serialized) && google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    return json;
  }
  return absl::InternalError(absl::StrCat("the answer is not a ", type.full_name()));
}

}  // namespace throughline::edge::connect
