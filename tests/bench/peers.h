#pragma once

// Our side of scripts/bench --peers (scripts/bench.d): commits on a Kafka, which Kafka Streams folds, too.

#include <string>

namespace throughline::bench {

// Writes the topics of intake and ownership to that Kafka as MeasureKafka does: so many seconds of OpenCase.
void WriteCommits(const std::string& brokers, double seconds);

// Folds them once as intake. One JSON object: "topics", "seconds", "commits", and how many "rows" were written with how
// many "key_bytes" and "value_bytes".
std::string FoldCommits(const std::string& brokers);

}  // namespace throughline::bench
