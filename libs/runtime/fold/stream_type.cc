#include "libs/runtime/fold/stream_type.h"

#include <array>

#include "libs/store/fatal.h"
#include "throughline/log/v1/commit.pb.h"
#include "throughline/log/v1/ignorable.pb.h"

namespace throughline::runtime {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

StreamType::StreamType(log::Topic topic, std::string kind, const Message& event)
    : topic_(topic), kind_(std::move(kind)), event_(&event) {
  const google::protobuf::Descriptor* descriptor = event.GetDescriptor();
  if (descriptor->oneof_decl_count() != 1) store::Fatal(descriptor->full_name() + " must be one oneof of messages");
  oneof_ = descriptor->oneof_decl(0);
  for (int i = 0; i < oneof_->field_count(); ++i) {
    const FieldDescriptor* field = oneof_->field(i);
    fields_.emplace(field->message_type()->full_name(), field);
  }
}

const std::string& StreamType::NameOf(const Message& event) const {
  return event.GetReflection()->GetOneofFieldDescriptor(event, oneof_)->message_type()->full_name();
}

bool StreamType::Ignorable(const Message& event) const {
  const FieldDescriptor* field = event.GetReflection()->GetOneofFieldDescriptor(event, oneof_);
  return field->message_type()->options().GetExtension(throughline::log::v1::ignorable);
}

StreamType StreamType::Unknown(log::Topic topic) {
  StreamType type(topic, "", throughline::log::v1::UnknownEvent::default_instance());
  type.fields_.clear();
  return type;
}

std::vector<std::string> StreamTypes::UnreadKinds() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, topic] : unread_) kinds.push_back(kind);
  return kinds;
}

const StreamType& StreamTypes::Unknown(log::Topic topic) const {
  static const auto& all = *new std::array<StreamType, std::size(log::kTopics)>{
      StreamType::Unknown(log::kTopics[0]), StreamType::Unknown(log::kTopics[1]), StreamType::Unknown(log::kTopics[2]),
      StreamType::Unknown(log::kTopics[3])};
  return all[static_cast<size_t>(topic)];
}

absl::StatusOr<MessagePtr> StreamType::Decode(const std::string& name, const std::string& data) const {
  auto field = fields_.find(name);
  if (field == fields_.end()) return absl::UnimplementedError("event type " + name + " is not known to this version");
  std::shared_ptr<Message> event(event_->New());
  if (!event->ParseFromString(data) ||
      event->GetReflection()->GetOneofFieldDescriptor(*event, oneof_) != field->second) {
    return absl::InvalidArgumentError("an event is not a " + name);
  }
  return event;
}

}  // namespace throughline::runtime
