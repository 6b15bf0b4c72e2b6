#pragma once

// The headers of a commit's Kafka record, for people and tools that read the topic:
//
//   kcat -b localhost:9092 -C -t throughline.intake.log -f '%k %h\n'
//   case/7ZQ4
//   stream=case/7ZQ4,version=1,event-types=throughline.intake.v1.CaseOpened,content-type=application/protobuf…
//
// Nothing of ours reads them. Any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace throughline::log {

// Empty: the bytes are not a commit. Parses only the fields that it needs.
std::vector<std::pair<const char*, std::string>> CommitHeaders(std::string_view value);

}  // namespace throughline::log
