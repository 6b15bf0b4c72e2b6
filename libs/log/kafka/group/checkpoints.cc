#include "libs/log/kafka/group/checkpoints.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/log/kafka/topics/topics.h"

namespace throughline::log {
namespace kafka {
namespace {

std::vector<Position> AllOf(const Layout& layout, const std::vector<Topic>& topics, int64_t offset) {
  std::vector<Position> all;
  for (Topic topic : topics) {
    for (int32_t i = 0; i < layout.PartitionsOf(topic); ++i) all.push_back({{topic, i}, offset});
  }
  return all;
}

// For each partition, the offset of the first record since then, or the end if there is none. No time: the end.
absl::StatusOr<std::vector<Position>> OffsetsAt(rd_kafka_t* client, const Layout& layout,
                                                const std::vector<Topic>& topics, std::optional<absl::Time> since,
                                                absl::Duration timeout) {
  const int64_t time = since ? std::max<int64_t>(absl::ToUnixMillis(*since), 0) : RD_KAFKA_OFFSET_END;
  const Partitions list = layout.ListOf(AllOf(layout, topics, time));
  rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client, list.get(), Milliseconds(timeout));
  for (int i = 0; i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) error = list->elems[i].err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat("the log's offsets cannot be asked for: ", ErrorText(error)));
  return layout.PositionsOf(*list);
}

// A coordinator that has just been elected, or has to make its topic first.
bool WillPass(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || error == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

// The group's offsets that the brokers have.
absl::StatusOr<std::vector<Position>> Committed(rd_kafka_t* member, const Layout& layout,
                                                const std::vector<Topic>& topics, absl::Duration timeout) {
  constexpr absl::Duration kPause = absl::Milliseconds(100);
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const Partitions list = layout.ListOf(AllOf(layout, topics, RD_KAFKA_OFFSET_INVALID));
    rd_kafka_resp_err_t error = rd_kafka_committed(member, list.get(), Milliseconds(deadline - absl::Now()));
    for (int i = 0; i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) error = list->elems[i].err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::vector<Position> known = layout.PositionsOf(*list);
      std::erase_if(known, [](const Position& position) { return position.offset < 0; });
      return known;
    }
    if (!WillPass(error) || absl::Now() + kPause > deadline)
      return absl::UnavailableError(absl::StrCat("the group's offsets cannot be read: ", ErrorText(error)));
    absl::SleepFor(kPause);
  }
}

}  // namespace

ReactionNotes::ReactionNotes(KafkaCluster cluster, const Secrets& secrets, std::string topic, std::string group,
                             const Layout& layout)
    : cluster_(std::move(cluster)),
      topic_(std::move(topic)),
      group_(std::move(group)),
      layout_(layout),
      writer_(cluster_, secrets, topic_) {}

std::string ReactionNotes::KeyOf(const Partition& partition) const {
  return absl::StrCat(group_, "/", layout_.TextOf(partition));
}
std::string ReactionNotes::BegunKey() const { return group_ + "/begun"; }

absl::Status ReactionNotes::Lost() const {
  std::string service = group_.substr(group_.rfind('.') + 1);
  return absl::FailedPreconditionError(absl::StrCat(
      "the checkpoints of ", service, " are lost: the group ", group_, " has no offsets, ", topic_,
      " has no copy of them, and the service has written records. To begin at the first record would decide old "
      "reactions again, on today's state. Say from when on it shall react, for instance shortly before its last "
      "replica "
      "stopped: throughline log react-since ",
      service, " 2026-01-31T08:00:00Z --reason \"...\", and start again"));
}

absl::StatusOr<std::optional<std::map<std::string, int64_t>>> ReactionNotes::Read(absl::Duration timeout) const {
  const absl::StatusOr<std::vector<Note>> notes = ReadNotes(cluster_, topic_, timeout);
  if (!notes.ok()) return notes.status();
  std::map<std::string, int64_t> offsets;
  bool begun = false;
  for (const Note& note : *notes) {
    if (note.key == BegunKey()) begun = true;
    int64_t offset = 0;
    // The furthest: a replica whose partition was revoked may have written an older one later.
    if (absl::SimpleAtoi(note.value, &offset)) offsets[note.key] = std::max(offsets[note.key], offset);
  }
  if (!begun) return std::nullopt;
  return offsets;
}

absl::Status ReactionNotes::Begin(const std::vector<Position>& positions, const std::string& how,
                                  absl::Duration timeout) {
  // In this order, which one partition and an idempotent producer preserve.
  for (const Position& position : positions) {
    if (absl::Status status = Write(position); !status.ok()) return status;
  }
  if (absl::Status status = writer_.Write({BegunKey(), how}); !status.ok()) return status;
  return writer_.Flush(timeout);
}

absl::Status ReactionNotes::Admit(rd_kafka_t* member, Topic own, const std::vector<Topic>& topics,
                                  absl::Duration timeout) {
  if (topic_.empty()) return absl::OkStatus();
  // Before the notes are read: a replica that wrote up to these ends had written `begun` before.
  const auto ends = OffsetsAt(member, layout_, {own}, std::nullopt, timeout);
  if (!ends.ok()) return ends.status();
  const auto notes = Read(timeout);
  if (!notes.ok()) return notes.status();
  if (*notes) return absl::OkStatus();
  const auto committed = Committed(member, layout_, topics, timeout);
  if (!committed.ok()) return committed.status();
  const std::string now = absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone());
  if (!committed->empty()) return Begin(*committed, now + ": as the group's offsets said", timeout);
  if (std::any_of(ends->begin(), ends->end(), [](const Position& end) { return end.offset > 0; })) return Lost();
  return Begin({}, now + ": the service had written nothing", timeout);
}

absl::Status ReactionNotes::Recall(std::vector<Position>& held, absl::Duration timeout) const {
  std::vector<Position*> unknown;
  for (Position& position : held) {
    if (position.offset < 0) unknown.push_back(&position);
  }
  if (unknown.empty()) return absl::OkStatus();
  std::map<std::string, int64_t> offsets;
  if (!topic_.empty()) {
    auto notes = Read(timeout);
    if (!notes.ok()) return notes.status();
    if (!*notes) return Lost();
    offsets = **std::move(notes);
  }
  for (Position* position : unknown) {
    const auto noted = offsets.find(KeyOf(position->partition));
    position->offset = noted == offsets.end() ? 0 : noted->second;
    if (position->offset > 0)
      spdlog::warn("kafka group: it has no offset for {}; reactions continue at {}, from {}",
                   KeyOf(position->partition), position->offset, topic_);
  }
  return absl::OkStatus();
}

absl::Status ReactionNotes::Write(const Position& done) {
  if (topic_.empty()) return absl::OkStatus();
  return writer_.Write({KeyOf(done.partition), absl::StrCat(done.offset)});
}

absl::StatusOr<int64_t> ReactionNotes::Set(rd_kafka_t* member, absl::Time since, const std::string& how,
                                           absl::Duration timeout) {
  const std::vector<Topic> topics(std::begin(kTopics), std::end(kTopics));
  const auto notes = Read(timeout);
  if (!notes.ok()) return notes.status();
  const auto committed = Committed(member, layout_, topics, timeout);
  if (!committed.ok()) return committed.status();
  if (*notes || !committed->empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the checkpoints of ", group_, " are known: nothing was changed; start the service"));
  }
  const auto ends = OffsetsAt(member, layout_, topics, std::nullopt, timeout);
  if (!ends.ok()) return ends.status();
  auto begin = OffsetsAt(member, layout_, topics, since, timeout);
  if (!begin.ok()) return begin.status();
  int64_t behind = 0;
  for (size_t i = 0; i < begin->size(); ++i) {
    Position& position = (*begin)[i];
    if (position.offset < 0) position.offset = (*ends)[i].offset;
    behind += (*ends)[i].offset - position.offset;
  }
  if (absl::Status status = Begin(*begin, how, timeout); !status.ok()) return status;
  return behind;
}

}  // namespace kafka

absl::StatusOr<int64_t> ReactSince(const KafkaCluster& cluster, Topic service, absl::Time since, const std::string& how,
                                   absl::Duration timeout) {
  const std::string group = KafkaGroupName(cluster, absl::StrCat("throughline.", std::string(ServiceName(service))));
  absl::StatusOr<kafka::Conf> conf = kafka::MakeConf(cluster, kafka::Role::kMember);
  if (!conf.ok()) return conf.status();
  if (absl::Status status = kafka::Set(conf->get(), "group.id", group); !status.ok()) return status;
  absl::StatusOr<kafka::Client> member = kafka::NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
  if (!member.ok()) return member.status();
  std::vector<std::string> names;
  for (Topic topic : kTopics) names.push_back(KafkaTopicName(cluster, topic));
  names.push_back(KafkaReactionsTopicName(cluster));
  const auto facts = kafka::ReadTopics(member->get(), names, /*with_config=*/false, timeout);
  if (!facts.ok()) return facts.status();
  kafka::Layout layout;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*facts)[i].partitions == 0) {
      return absl::FailedPreconditionError(absl::StrCat("there is no topic ", names[i],
                                                        ": make it with `throughline topics create --brokers ",
                                                        cluster.brokers, "`"));
    }
    if (i < std::size(kTopics)) layout.Add(kTopics[i], names[i], (*facts)[i].partitions);
  }
  const kafka::Secrets secrets;
  return kafka::ReactionNotes(cluster, secrets, names.back(), group, layout).Set(member->get(), since, how, timeout);
}

}  // namespace throughline::log
