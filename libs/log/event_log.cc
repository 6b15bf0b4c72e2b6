#include "libs/log/event_log.h"

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

}  // namespace throughline::log
