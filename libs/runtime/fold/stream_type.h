#pragma once

// A kind of stream, as the fold needs it: the event message, and for streams of its own service the state and how an
// event changes it. Made from a stream struct such as intake's Case. Immutable; any thread.
//
//   StreamTypes types;
//   // A kind that is decided and folded here, and one that is only read here.
//   types.Add(StreamType::Own<Case>(log::Topic::kIntake));
//   types.Add(StreamType::Foreign<ownership::v1::OwnershipEvent>(log::Topic::kOwnership, "ownership"));
//   // A kind of which nothing is wanted here.
//   types.LeaveUnread(log::Topic::kSupplierTracking, "shipment");

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "libs/log/event_log.h"

namespace throughline::runtime {

using MessagePtr = std::shared_ptr<const google::protobuf::Message>;

class StreamType {
 public:
  template <typename S>
  static StreamType Own(log::Topic topic) {
    StreamType type(topic, S::kKind, S::Event::default_instance());
    type.state_ = &S::State::default_instance();
    type.evolve_ = [](google::protobuf::Message& state, const google::protobuf::Message& event) {
      S::Evolve(static_cast<typename S::State&>(state), static_cast<const typename S::Event&>(event));
    };
    return type;
  }
  template <typename Event>
  static StreamType Foreign(log::Topic topic, std::string kind) {
    return StreamType(topic, std::move(kind), Event::default_instance());
  }

  log::Topic topic() const { return topic_; }
  const std::string& kind() const { return kind_; }
  bool own() const { return state_ != nullptr; }
  // The default instance of the event message.
  const google::protobuf::Message& event() const { return *event_; }

  // Own streams only.
  std::unique_ptr<google::protobuf::Message> NewState() const {
    return std::unique_ptr<google::protobuf::Message>(state_->New());
  }
  void Evolve(google::protobuf::Message& state, const google::protobuf::Message& event) const { evolve_(state, event); }

  // The full name of the message in the event's oneof. The event has one set.
  const std::string& NameOf(const google::protobuf::Message& event) const;
  // Whether that message has the option `ignorable`.
  bool Ignorable(const google::protobuf::Message& event) const;

  // UNIMPLEMENTED: an event that this binary does not know. INVALID_ARGUMENT: not the event that `name` says.
  absl::StatusOr<MessagePtr> Decode(const std::string& name, const std::string& data) const;

  // A kind that this binary does not know: it has no events. Only its commits are judged.
  static StreamType Unknown(log::Topic topic);

 private:
  StreamType(log::Topic topic, std::string kind, const google::protobuf::Message& event);

  log::Topic topic_;
  std::string kind_;
  const google::protobuf::Message* event_;
  const google::protobuf::OneofDescriptor* oneof_;
  const google::protobuf::Message* state_ = nullptr;
  std::function<void(google::protobuf::Message&, const google::protobuf::Message&)> evolve_;
  absl::flat_hash_map<std::string, const google::protobuf::FieldDescriptor*> fields_;
};

class StreamTypes {
 public:
  void Add(StreamType type) {
    if (type.own()) owned_.insert(type.topic());
    std::string kind = type.kind();
    types_.emplace(std::move(kind), std::make_unique<StreamType>(std::move(type)));
  }
  // A kind of another service's streams of which nothing is wanted here. Its records are neither read nor judged, and
  // nothing is kept of them: the fold only passes them.
  void LeaveUnread(log::Topic topic, std::string kind) { unread_.emplace(std::move(kind), topic); }
  bool Unread(const log::Record& record) const {
    const std::string_view key = record.key;
    const auto found = unread_.find(key.substr(0, key.find('/')));
    return found != unread_.end() && found->second == record.partition.topic;
  }
  // Whether the kind is left unread, in whatever topic.
  bool LeavesUnread(const std::string& kind) const { return unread_.contains(kind); }
  // In order.
  std::vector<std::string> UnreadKinds() const;

  // nullptr if there is no such kind.
  const StreamType* Find(const std::string& kind) const {
    auto found = types_.find(kind);
    return found == types_.end() ? nullptr : found->second.get();
  }
  // Whether the topic is the service's own, in which nothing may be ignored.
  bool Owns(log::Topic topic) const { return owned_.contains(topic); }
  // The type of every kind that is not known.
  const StreamType& Unknown(log::Topic topic) const;

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<StreamType>> types_;
  absl::flat_hash_set<log::Topic> owned_;
  std::map<std::string, log::Topic, std::less<>> unread_;
};

}  // namespace throughline::runtime
