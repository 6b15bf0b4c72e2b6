import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import throughline.intake.v1.Case.CaseEvent;
import throughline.log.v1.CommitOuterClass.Commit;
import throughline.log.v1.CommitOuterClass.CommittedEvent;
import throughline.ownership.v1.Ownership.OwnershipEvent;

/**
 * What a fold of Throughline does to each commit, in Kafka Streams: the SHA-256 of its record, its parse with its events, the
 * comparison with its stream's head, and as many rows of the same size.
 *
 * <pre>java FoldCommits BROKERS TOPIC,TOPIC ROWS KEY_BYTES VALUE_BYTES STATE_FOLDER plain|default...</pre>
 *
 * ROWS are written per commit, with keys and values of so many bytes. Each pass reads the topics from the first offset into a new
 * store and prints its seconds from the first commit to the last: `plain` without a changelog, `default` with one. Only a pass after
 * another one runs on compiled code.
 */
public final class FoldCommits {
  private static final int THREADS = 2;
  private static final int DIGEST_BYTES = 32;

  private record Sizes(double rows, int keyBytes, int valueBytes) {}

  /** One pass over the topics. */
  private static final class Pass {
    final long commits;
    final AtomicLong begun = new AtomicLong();
    final AtomicLong seen = new AtomicLong();
    final AtomicLong accepted = new AtomicLong();
    final CountDownLatch over = new CountDownLatch(1);
    volatile long ended;
    volatile Throwable failure;

    Pass(long commits) {
      this.commits = commits;
    }
  }

  private static final class Fold implements Processor<byte[], byte[], Void, Void> {
    private final Pass pass;
    private final Sizes sizes;
    private final MessageDigest sha256;
    private KeyValueStore<Bytes, byte[]> store;
    private double owed;

    Fold(Pass pass, Sizes sizes) {
      this.pass = pass;
      this.sizes = sizes;
      try {
        sha256 = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      store = context.getStateStore("rows");
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      pass.begun.compareAndSet(0, System.nanoTime());
      byte[] digest = sha256.digest(record.value());
      try {
        Commit commit = Commit.parseFrom(record.value());
        for (CommittedEvent event : commit.getEventsList()) {
          if (commit.getStream().startsWith("case/")) {
            CaseEvent.parseFrom(event.getData());
          } else if (commit.getStream().startsWith("ownership/")) {
            OwnershipEvent.parseFrom(event.getData());
          }
        }
        accept(commit, record, digest);
      } catch (InvalidProtocolBufferException damaged) {
        throw new IllegalStateException(damaged);
      }
      if (pass.seen.incrementAndGet() == pass.commits) {
        pass.ended = System.nanoTime();
        pass.over.countDown();
      }
    }

    private void accept(Commit commit, Record<byte[], byte[]> record, byte[] digest) {
      Bytes headKey = key(0, record.key(), 0);
      byte[] head = store.get(headKey);
      ByteString last = head == null ? ByteString.EMPTY : ByteString.copyFrom(head, 0, DIGEST_BYTES);
      if (!commit.getFollows().equals(last)) {
        return;
      }
      pass.accepted.incrementAndGet();
      byte[] newHead = new byte[Math.max(DIGEST_BYTES, sizes.valueBytes)];
      System.arraycopy(digest, 0, newHead, 0, DIGEST_BYTES);
      fill(newHead, DIGEST_BYTES, record.value());
      store.put(headKey, newHead);
      owed += sizes.rows - 1;
      for (int table = 1; owed >= 1; ++table, --owed) {
        byte[] row = new byte[sizes.valueBytes];
        fill(row, 0, record.value());
        store.put(key(table, record.key(), commit.getVersion()), row);
      }
    }

    /** Of a table's row; as long as wanted, or as long as it must be. */
    private Bytes key(int table, byte[] stream, long version) {
      byte[] key = new byte[Math.max(sizes.keyBytes, 1 + stream.length + 4)];
      key[0] = (byte) table;
      System.arraycopy(stream, 0, key, 1, stream.length);
      for (int i = 1; i <= 4; ++i) {
        key[key.length - i] = (byte) (version >> (8 * (i - 1)));
      }
      return Bytes.wrap(key);
    }

    private static void fill(byte[] row, int from, byte[] with) {
      for (int at = from; at < row.length; at += with.length) {
        System.arraycopy(with, 0, row, at, Math.min(with.length, row.length - at));
      }
    }
  }

  private static long count(Admin admin, List<String> topics) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    admin.describeTopics(topics).allTopicNames().get().forEach((name, topic) ->
        topic.partitions().forEach(partition -> ends.put(new TopicPartition(name, partition.partition()), OffsetSpec.latest())));
    return admin.listOffsets(ends).all().get().values().stream().mapToLong(end -> end.offset()).sum();
  }

  private static void run(String brokers, List<String> topics, Sizes sizes, String folder, String how, int number) throws Exception {
    Properties settings = new Properties();
    String application = "fold-" + ProcessHandle.current().pid() + "-" + number;
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    settings.put("auto.offset.reset", "earliest");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      Pass pass = new Pass(count(admin, topics));
      StoreBuilder<KeyValueStore<Bytes, byte[]>> rows =
          Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("rows"), Serdes.Bytes(), Serdes.ByteArray());
      if (how.equals("plain")) {
        rows = rows.withLoggingDisabled();
      }
      Topology topology = new Topology();
      topology.addSource("commits", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), topics.toArray(String[]::new));
      topology.addProcessor("fold", () -> new Fold(pass, sizes), "commits");
      topology.addStateStore(rows, "fold");
      try (KafkaStreams streams = new KafkaStreams(topology, settings)) {
        streams.setUncaughtExceptionHandler(failure -> {
          pass.failure = failure;
          pass.over.countDown();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        pass.over.await();
        streams.close(Duration.ofSeconds(60));
        streams.cleanUp();
      }
      if (pass.failure != null) {
        throw new IllegalStateException(pass.failure);
      }
      System.out.printf("{\"how\":\"%s\",\"seconds\":%.3f,\"commits\":%d,\"accepted\":%d}%n", how, (pass.ended - pass.begun.get()) / 1e9,
          pass.commits, pass.accepted.get());
      List<String> made = admin.listTopics().names().get().stream().filter(name -> name.startsWith(application)).toList();
      admin.deleteTopics(made).all().get();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Sizes sizes = new Sizes(Double.parseDouble(arguments[2]), Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    for (int i = 6; i < arguments.length; ++i) {
      run(arguments[0], List.of(arguments[1].split(",")), sizes, arguments[5], arguments[i], i);
    }
    System.exit(0);
  }
}
