#pragma once

// What a commit says about itself in the headers of its Kafka record, for people and tools that look at the topic:
//
//   kcat -b localhost:9092 -C -t throughline.intake.log -f '%k %h\n'
//   case/7ZQ4
//   stream=case/7ZQ4,version=1,event-types=throughline.intake.v1.CaseOpened,content-type=application/protobuf…
//
// Nothing of ours reads them: the record's value alone is the truth. Any thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace throughline::log {

// Empty if the bytes are no commit. Reads only the fields that it shows.
std::vector<std::pair<const char*, std::string>> CommitHeaders(std::string_view value);

}  // namespace throughline::log
