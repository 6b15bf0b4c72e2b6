// Every service can read every kind of stream of each topic that it folds: it knows the kind's events, or all of them
// may be ignored. A kind that is missing would stop the fold of a partition at the first commit of that kind.

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include <gtest/gtest.h>

#include "services/throughline/layouts.h"
#include "throughline/log/v1/ignorable.pb.h"

namespace throughline {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;

// `CaseEvent`: "case".
std::string KindOf(const Descriptor& event) {
  std::string kind;
  for (char c : absl::StripSuffix(event.name(), "Event")) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !kind.empty()) kind.push_back('-');
    kind.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return kind;
}

// All messages that are the events of a stream, by package: those with one oneof `event`.
std::map<std::string, std::vector<const Descriptor*>> AllEvents() {
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::map<std::string, std::vector<const Descriptor*>> events;
  for (const std::string& name : files) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor* message = file->message_type(i);
      if (!absl::EndsWith(message->name(), "Event") || message->oneof_decl_count() == 0) continue;
      if (message->oneof_decl(0)->name() == "event") events[file->package()].push_back(message);
    }
  }
  return events;
}

bool MayBeIgnored(const Descriptor& event) {
  for (int i = 0; i < event.field_count(); ++i) {
    if (!event.field(i)->message_type()->options().GetExtension(log::v1::ignorable)) return false;
  }
  return true;
}

std::string PackageOf(log::Topic topic) {
  switch (topic) {
    case log::Topic::kIntake:
      return "throughline.intake.v1";
    case log::Topic::kOwnership:
      return "throughline.ownership.v1";
    case log::Topic::kOutageNotice:
      return "throughline.outage.v1";
    case log::Topic::kSupplierTracking:
      return "throughline.supplier.v1";
  }
  return "";
}

TEST(Topics, EveryServiceCanReadEveryKindOfStreamOfEachTopicThatItFolds) {
  const auto events = AllEvents();
  size_t own = 0;
  for (const log::Topic service : log::kTopics) {
    const auto definition = DefinitionOf(service);
    std::set<std::string> unread;
    for (const log::Topic topic : definition->folds) {
      ASSERT_TRUE(events.contains(PackageOf(topic)));
      for (const Descriptor* event : events.at(PackageOf(topic))) {
        const runtime::StreamType* type = definition->types.Find(KindOf(*event));
        if (topic == service && KindOf(*event) != "availability") {  // no longer written
          ASSERT_NE(type, nullptr) << event->full_name() << " is of no stream of " << log::ServiceName(service);
          EXPECT_TRUE(type->own()) << KindOf(*event);
          ++own;
        }
        if (definition->types.Unread({.partition = {topic, 0}, .key = KindOf(*event) + "/x"})) {
          EXPECT_NE(topic, service) << "a service reads all of its own topic";
          EXPECT_EQ(type, nullptr) << KindOf(*event) << " is read and left unread";
          unread.insert(KindOf(*event));
          continue;
        }
        const bool knows = type != nullptr && type->event().GetDescriptor() == event;
        EXPECT_TRUE(knows || MayBeIgnored(*event))
            << log::ServiceName(service) << " folds " << log::TopicName(topic) << " and cannot read " << KindOf(*event)
            << ": add it to its Definition, or mark all of its events as ignorable";
      }
    }
    EXPECT_THAT(definition->types.UnreadKinds(), ::testing::ElementsAreArray(unread)) << log::ServiceName(service);
  }
  EXPECT_GE(own, 12u) << "case, matter, suggestion, improvement, ownership, person, authority, component, ...";
}

TEST(Topics, TheToolKnowsEveryKindOfStream) {
  for (const auto& [package, messages] : AllEvents()) {
    if (package == "throughline.log.v1") continue;
    for (const Descriptor* event : messages) {
      const runtime::StreamType* type = AllStreamTypes().Find(KindOf(*event));
      ASSERT_NE(type, nullptr) << KindOf(*event);
      EXPECT_EQ(type->event().GetDescriptor(), event);
    }
  }
}

}  // namespace
}  // namespace throughline
