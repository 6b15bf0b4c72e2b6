#include "libs/log/kafka/topics/notes.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace throughline::log::kafka {
namespace {

constexpr absl::Duration kFarewell = absl::Seconds(2);

// `failed` receives the error of a note that was not written.
absl::StatusOr<Client> NewWriter(const KafkaCluster& cluster, rd_kafka_resp_err_t& failed) {
  absl::StatusOr<Conf> conf = MakeConf(cluster, Role::kProducer);
  if (!conf.ok()) return conf.status();
  if (absl::Status status = Set(conf->get(), "message.timeout.ms", "30000"); !status.ok()) return status;
  rd_kafka_conf_set_opaque(conf->get(), &failed);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* failure) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) *static_cast<rd_kafka_resp_err_t*>(failure) = message->err;
  });
  return NewClient(RD_KAFKA_PRODUCER, *std::move(conf));
}

}  // namespace

absl::StatusOr<std::vector<Note>> ReadNotes(const KafkaCluster& cluster, const std::string& topic,
                                            absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  absl::StatusOr<Client> client = NewReaderClient(cluster);
  if (!client.ok()) return client.status();
  int64_t first = 0, end = 0;
  if (const auto error =
          rd_kafka_query_watermark_offsets(client->get(), topic.c_str(), 0, &first, &end, Milliseconds(timeout));
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat(topic, " cannot be read: ", ErrorText(error)));
  std::vector<Note> notes;
  const Partitions from(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(from.get(), topic.c_str(), 0)->offset = first;
  if (const auto error = rd_kafka_assign(client->get(), from.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat(topic, " cannot be read: ", ErrorText(error)));
  // Also ends where the last offsets hold no record.
  for (int64_t next = first; next < end;) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::UnavailableError(absl::StrCat(topic, " was not read in time"));
    const Message message(rd_kafka_consumer_poll(client->get(), Milliseconds(left)));
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      next = message->offset;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      notes.push_back({std::string(static_cast<const char*>(message->key), message->key_len),
                       std::string(static_cast<const char*>(message->payload), message->len)});
      next = message->offset + 1;
    }
  }
  return notes;
}

NoteWriter::NoteWriter(const KafkaCluster& cluster, const Secrets& secrets, std::string topic)
    : topic_(std::move(topic)), renewal_(secrets, [this, cluster] { return NewWriter(cluster, failed_); }) {}

absl::Status NoteWriter::Write(Note note) {
  char text[512];
  if (producer_ != nullptr && rd_kafka_fatal_error(producer_.get(), text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR)
    producer_.reset();
  if (producer_ != nullptr) {
    // What the old one has not delivered in time is as a failed note.
    if (std::optional<Client> fresh = renewal_.Next()) {
      if (absl::Status flushed = Flush(kFarewell); !flushed.ok()) failed_ = RD_KAFKA_RESP_ERR__TIMED_OUT;
      producer_ = *std::move(fresh);
    }
  }
  if (producer_ == nullptr) {
    absl::StatusOr<Client> made = renewal_.Make();
    if (!made.ok()) return made.status();
    producer_ = *std::move(made);
  }
  rd_kafka_poll(producer_.get(), 0);  // serves delivery reports
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      producer_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
      RD_KAFKA_V_KEY(note.key.data(), note.key.size()), RD_KAFKA_V_VALUE(note.value.data(), note.value.size()),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(topic_, " does not take notes now: ", ErrorText(error)));
}

absl::Status NoteWriter::Flush(absl::Duration timeout) {
  if (producer_ == nullptr) return absl::OkStatus();
  char text[512];
  if (const auto error = rd_kafka_flush(producer_.get(), Milliseconds(timeout)); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat(topic_, " did not take a note in time: ", ErrorText(error)));
  if (const auto error = std::exchange(failed_, RD_KAFKA_RESP_ERR_NO_ERROR); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat(topic_, " did not take a note: ", ErrorText(error)));
  if (rd_kafka_fatal_error(producer_.get(), text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::UnavailableError(absl::StrCat(topic_, " did not take a note: ", text));
  return absl::OkStatus();
}

}  // namespace throughline::log::kafka
