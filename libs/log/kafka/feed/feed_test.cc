#include "libs/log/kafka/feed/feed.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/test_support.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::log {
namespace {

struct Read {
  std::string key;
  std::string value;
  std::string id;
};

// What another team's consumer reads of intake's feed.
std::vector<Read> ReadFeed(const KafkaCluster& cluster, size_t enough, int32_t partitions) {
  auto conf = kafka::MakeConf(cluster, kafka::Role::kReader);
  EXPECT_TRUE(kafka::Set(conf->get(), "group.id", "another-team").ok());
  auto client = kafka::NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
  rd_kafka_poll_set_consumer(client->get());
  kafka::Partitions from(rd_kafka_topic_partition_list_new(partitions));
  for (int32_t i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(from.get(), KafkaEventsTopicName(cluster, Topic::kIntake).c_str(), i)->offset = 0;
  }
  rd_kafka_assign(client->get(), from.get());
  std::vector<Read> all;
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (all.size() < enough && absl::Now() < deadline) {
    kafka::Message message(rd_kafka_consumer_poll(client->get(), 100));
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    Read read;
    read.key.assign(static_cast<const char*>(message->key), message->key_len);
    read.value.assign(static_cast<const char*>(message->payload), message->len);
    rd_kafka_headers_t* headers = nullptr;
    const void* id = nullptr;
    size_t size = 0;
    if (rd_kafka_message_headers(message.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        rd_kafka_header_get_last(headers, "ce_id", &id, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      read.id.assign(static_cast<const char*>(id), size);
    }
    all.push_back(std::move(read));
  }
  return all;
}

FeedEvent Event(const std::string& key, int n) {
  return {Topic::kIntake, key, {{"ce_id", absl::StrCat(key, "@", n, "/0")}}, absl::StrCat("{\"n\":", n, "}")};
}

TEST(KafkaFeed, KeepsTheOrderOfEachKey) {
  THROUGHLINE_NEEDS_KAFKA();
  KafkaTopics topics(3);
  auto feed = OpenKafkaFeed(topics.cluster());
  ASSERT_TRUE(feed.ok()) << feed.status();
  constexpr int kEach = 200;
  absl::BlockingCounter published(2 * kEach);
  for (int n = 1; n <= kEach; ++n) {
    for (const char* key : {"case/a", "case/b"}) {
      (*feed)->Publish(Event(key, n), [&published](const absl::Status& status) {
        EXPECT_TRUE(status.ok()) << status;
        published.DecrementCount();
      });
    }
  }
  published.Wait();
  std::map<std::string, int> next;
  for (const Read& read : ReadFeed(topics.cluster(), 2 * kEach, 3)) {
    EXPECT_EQ(read.id, absl::StrCat(read.key, "@", ++next[read.key], "/0"));
    EXPECT_EQ(read.value, absl::StrCat("{\"n\":", next[read.key], "}"));
  }
  EXPECT_EQ(next["case/a"], kEach);
  EXPECT_EQ(next["case/b"], kEach);
}

TEST(KafkaFeed, AnswersWithAnErrorWhatItCannotPublish) {
  MockKafka mock;
  auto feed = OpenKafkaFeed(mock.options().cluster);
  ASSERT_TRUE(feed.ok()) << feed.status();
  // The broker never recovers; the destructor answers what is pending.
  for (int i = 0; i < 100; ++i) {
    rd_kafka_mock_push_request_errors(*mock, 0 /* Produce */, 1, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  }
  std::atomic<int> failed{0};
  for (int n = 0; n < 10; ++n) {
    (*feed)->Publish(Event("case/a", n), [&failed](const absl::Status& status) { failed += status.ok() ? 0 : 1; });
  }
  feed->reset();
  EXPECT_EQ(failed.load(), 10);
}

TEST(KafkaFeed, ReplacesItsProducerAfterAFatalError) {
  MockKafka mock;
  auto feed = OpenKafkaFeed(mock.options().cluster);
  ASSERT_TRUE(feed.ok()) << feed.status();
  const auto publish = [&](int n) {
    absl::Status result;
    absl::BlockingCounter answered(1);
    (*feed)->Publish(Event("case/a", n), [&](const absl::Status& status) {
      result = status;
      answered.DecrementCount();
    });
    answered.Wait();
    return result;
  };
  ASSERT_TRUE(publish(1).ok());
  rd_kafka_mock_push_request_errors(*mock, 0 /* Produce */, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_FALSE(publish(2).ok());
  EXPECT_TRUE(Eventually([&] { return publish(2).ok(); }));
}

TEST(KafkaFeed, AnswersEveryEventWhileItsSecretsChange) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/password";
  const auto put = [&](const std::string& password) { ASSERT_FALSE(files::ReplaceFile(path, password, 0600)); };
  put("0");
  MockKafka mock;
  KafkaCluster cluster = mock.options().cluster;
  cluster.settings.emplace_back("sasl.password.file", path);
  const auto secrets = std::make_shared<const kafka::Secrets>(cluster, absl::Milliseconds(20));
  auto feed = OpenKafkaFeed(cluster, secrets);
  ASSERT_TRUE(feed.ok()) << feed.status();
  std::atomic<int> published{0}, answered{0}, succeeded{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> publishers;
  for (int i = 0; i < 4; ++i) {
    publishers.emplace_back([&, i] {
      for (int n = 0; !stop; ++n) {
        ++published;
        (*feed)->Publish(Event(absl::StrCat("case/", i), n), [&](const absl::Status& status) {
          if (status.ok()) ++succeeded;
          ++answered;
        });
        if (n % 10 == 0) EXPECT_TRUE(Eventually([&] { return published - answered < 1000; })) << "nobody answers";
      }
    });
  }
  for (int change = 1; change <= 5; ++change) {
    put(absl::StrCat(change));
    EXPECT_TRUE(Eventually([&] { return secrets->generation() >= static_cast<uint64_t>(change); }));
    const int then = succeeded;
    EXPECT_TRUE(Eventually([&] { return succeeded > then + 1000; })) << "nothing is published any more";
  }
  stop = true;
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_TRUE(Eventually([&] { return answered == published; })) << published - answered << " are not answered";
}

TEST(KafkaFeed, RefusesEventsAfterAFailedOneUntilItIsPublishedAgain) {
  MockKafka mock;
  auto feed = OpenKafkaFeed(mock.options().cluster);
  ASSERT_TRUE(feed.ok()) << feed.status();
  const auto publish = [&](int n, std::shared_ptr<std::atomic<bool>> broken) {
    FeedEvent event = Event("case/a", n);
    event.broken = std::move(broken);
    absl::Status result;
    absl::BlockingCounter answered(1);
    (*feed)->Publish(std::move(event), [&](const absl::Status& status) {
      result = status;
      answered.DecrementCount();
    });
    answered.Wait();
    return result;
  };
  const auto broken = std::make_shared<std::atomic<bool>>(false);
  ASSERT_TRUE(publish(1, broken).ok());
  rd_kafka_mock_push_request_errors(*mock, 0 /* Produce */, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_FALSE(publish(2, broken).ok());
  ASSERT_TRUE(Eventually([&] { return publish(2, nullptr).ok(); })) << "there is no new producer";
  EXPECT_FALSE(publish(3, broken).ok()) << "it would stand before the second";
}

}  // namespace
}  // namespace throughline::log
