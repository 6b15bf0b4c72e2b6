#include "libs/log/kafka/topics/gaps.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/log/kafka/kafka_log.h"
#include "libs/log/kafka/topics/notes.h"
#include "libs/log/kafka/topics/topics.h"

namespace throughline::log {

std::string GapText(const Gap& gap) { return absl::StrCat(ToText(Position{gap.partition, gap.from}), "-", gap.to); }

absl::StatusOr<Gap> ParseGap(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), absl::ByAnyChar("/@-"));
  // A service's name may contain a dash: the numbers are the last three parts.
  Gap gap{};
  const size_t n = parts.size();
  if (n >= 4 && absl::SimpleAtoi(parts[n - 3], &gap.partition.index) && absl::SimpleAtoi(parts[n - 2], &gap.from) &&
      absl::SimpleAtoi(parts[n - 1], &gap.to) && gap.partition.index >= 0 && gap.from >= 0 && gap.from <= gap.to) {
    for (Topic topic : kTopics) {
      gap.partition.topic = topic;
      if (GapText(gap) == text) return gap;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                   "\" is not a gap: write TOPIC/PARTITION@FROM-TO as in the message, for "
                   "instance throughline.intake.log/3@5-5"));
}

namespace {

absl::StatusOr<kafka::TopicFacts> ReadGapsTopic(const KafkaCluster& cluster, bool with_config, absl::Duration timeout) {
  absl::StatusOr<kafka::Client> client = kafka::NewQueryClient(cluster);
  if (!client.ok()) return client.status();
  auto facts = kafka::ReadTopics(client->get(), {KafkaGapsTopicName(cluster)}, with_config, timeout);
  if (!facts.ok()) return facts.status();
  return std::move(facts->front());
}

}  // namespace

absl::StatusOr<std::vector<AcceptedGap>> ReadGaps(const KafkaCluster& cluster, absl::Duration timeout) {
  const auto topic = ReadGapsTopic(cluster, /*with_config=*/false, timeout);
  if (!topic.ok()) return topic.status();
  std::vector<AcceptedGap> gaps;
  if (topic->partitions == 0) return gaps;
  absl::StatusOr<std::vector<kafka::Note>> notes = kafka::ReadNotes(cluster, topic->name, timeout);
  if (!notes.ok()) return notes.status();
  for (kafka::Note& note : *notes) {
    // Ignores foreign records.
    if (absl::StatusOr<Gap> gap = ParseGap(note.key); gap.ok()) gaps.push_back({*gap, std::move(note.value)});
  }
  return gaps;
}

absl::Status AcceptGap(const KafkaCluster& cluster, const AcceptedGap& accepted, absl::Duration timeout) {
  const Gap& gap = accepted.gap;
  const absl::Time deadline = absl::Now() + timeout;
  // If the topic lost an accepted gap, every replica would stop again.
  const auto topic = ReadGapsTopic(cluster, /*with_config=*/true, timeout);
  if (!topic.ok()) return topic.status();
  absl::Status kept = kafka::RefuseFindings(kafka::JudgeGapsTopic(*topic, cluster.brokers));
  if (!kept.ok()) return kept;
  KafkaLog::Options options;
  options.cluster = cluster;
  options.check_topics = false;
  options.open_timeout = timeout;
  options.also_accepted = {gap};
  absl::StatusOr<std::unique_ptr<KafkaLog>> log = KafkaLog::Open(std::move(options));
  if (!log.ok()) return log.status();
  absl::Mutex mutex;
  bool woken = false;
  auto reader = (*log)->Subscribe({{gap.partition, gap.from}}, [&] {
    absl::MutexLock lock(&mutex);
    woken = true;
  });
  if (!reader.ok()) return reader.status();
  while (true) {
    absl::StatusOr<std::vector<RecordPtr>> records = (*reader)->Poll(1);
    if (!records.ok()) return absl::FailedPreconditionError(records.status().message());
    if (!records->empty()) {
      const Record& first = *records->front();
      if (first.gap > 0 && first.offset == gap.to) break;
      return absl::FailedPreconditionError(
          absl::StrCat(GapText(gap), " is not accepted: ",
                       first.gap > 0 ? absl::StrCat("only up to ", first.offset, " there is no record")
                                     : absl::StrCat("a record stands at ", first.offset)));
    }
    absl::MutexLock lock(&mutex);
    if (!mutex.AwaitWithDeadline(absl::Condition(&woken), deadline)) {
      return absl::FailedPreconditionError(
          absl::StrCat(GapText(gap), " is not accepted: the log ends before it, or its leader returns nothing"));
    }
    woken = false;
  }
  const kafka::Secrets secrets;
  kafka::NoteWriter writer(cluster, secrets, KafkaGapsTopicName(cluster));
  if (absl::Status status = writer.Write({GapText(gap), accepted.how}); !status.ok()) return status;
  return writer.Flush(timeout);
}

namespace kafka {

std::vector<Gap> Cover(const std::vector<Gap>& accepted, const Gap& missing) {
  std::vector<Gap> parts;
  int64_t next = missing.from;
  for (const Gap& gap : accepted) {
    if (gap.partition != missing.partition || gap.to < next || gap.from > next) continue;
    const int64_t to = std::min(gap.to, missing.to);
    parts.push_back({missing.partition, next, to});
    next = to + 1;
    if (next > missing.to) return parts;
  }
  return {};
}

}  // namespace kafka
}  // namespace throughline::log
