#include "libs/log/event_log.h"

#include "absl/strings/str_cat.h"

namespace throughline::log {

std::string_view ServiceName(Topic topic) {
  switch (topic) {
    case Topic::kIntake:
      return "intake";
    case Topic::kOwnership:
      return "ownership";
    case Topic::kOutageNotice:
      return "outage-notice";
    case Topic::kSupplierTracking:
      return "supplier-tracking";
  }
  return "unknown";
}

std::string TopicName(Topic topic) { return "throughline." + std::string(ServiceName(topic)) + ".log"; }

std::string ToText(const Partition& partition) {
  return absl::StrCat(TopicName(partition.topic), "/", partition.index);
}

std::string ToText(const Position& position) { return absl::StrCat(ToText(position.partition), "@", position.offset); }

absl::Status NoSuchPartition(const Partition& partition) {
  return absl::FailedPreconditionError(
      absl::StrCat("the log has no partition ", partition.index, " of topic ", TopicName(partition.topic)));
}

}  // namespace throughline::log
