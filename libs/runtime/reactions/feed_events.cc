#include "libs/runtime/reactions/feed_events.h"

#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include <spdlog/spdlog.h>

namespace throughline::runtime {
namespace {

using google::protobuf::Message;

// What is set in the event's oneof.
const Message& Inside(const Message& event) {
  const auto* oneof = event.GetDescriptor()->oneof_decl(0);
  return event.GetReflection()->GetMessage(event, event.GetReflection()->GetOneofFieldDescriptor(event, oneof));
}

}  // namespace

std::vector<log::FeedEvent> FeedEventsOf(const AcceptedCommit& commit) {
  const std::string stream = commit.stream.ToString();
  const std::string version = std::to_string(commit.version);
  std::vector<log::FeedEvent> feed;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    log::FeedEvent event;
    event.topic = commit.position.partition.topic;
    event.key = stream;
    const auto written = google::protobuf::util::MessageToJsonString(Inside(*commit.events[i]), &event.value);
    if (!written.ok()) {  // a time out of JSON's range, say
      spdlog::error("an event of {} is published without its data: {}", commit.Cause(), written.ToString());
    }
    event.headers = {
        {"ce_specversion", "1.0"},
        {"ce_id", stream + "@" + version + "/" + std::to_string(i)},
        {"ce_source", "/throughline/" + std::string(log::ServiceName(event.topic))},
        {"ce_type", commit.header->events(static_cast<int>(i)).type()},
        {"ce_subject", stream},
        {"ce_time", absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", commit.time, absl::UTCTimeZone())},
        {"ce_partitionkey", stream},
        {"ce_sequence", version},
        {"content-type", "application/json"},
    };
    if (const std::string& id = commit.header->correlation_id(); !id.empty())
      event.headers.emplace_back("ce_correlationid", id);
    if (const std::string& id = commit.header->causation_id(); !id.empty())
      event.headers.emplace_back("ce_causationid", id);
    // The extension "Distributed Tracing" of CloudEvents.
    if (const std::string& trace = commit.header->traceparent(); !trace.empty()) {
      event.headers.emplace_back("ce_traceparent", trace);
      if (const std::string& state = commit.header->tracestate(); !state.empty())
        event.headers.emplace_back("ce_tracestate", state);
    }
    if (!written.ok() || event.value.size() > kMaxFeedData) {
      event.value.clear();
      event.headers.emplace_back("ce_dataomitted", "true");
    }
    feed.push_back(std::move(event));
  }
  return feed;
}

}  // namespace throughline::runtime
