// streams <port> <group> <topic> [<protocol>]
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.AutoClaimResult;
import org.redisson.api.BatchOptions;
import org.redisson.api.RFuture;
import org.redisson.api.RStream;
import org.redisson.api.StreamMessageId;
import org.redisson.api.stream.StreamAddArgs;
import org.redisson.api.stream.StreamCreateGroupArgs;
import org.redisson.api.stream.StreamReadArgs;
import org.redisson.api.stream.StreamReadGroupArgs;
import org.redisson.api.stream.StreamTrimArgs;
import org.redisson.client.RedisException;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.Protocol;

class Streams {
  static String group;
  static RStream<String, String> stream;

  public static void main(String[] args) throws Exception {
    var config = new Config();
    config.setCodec(StringCodec.INSTANCE);
    if (args.length > 3) config.setProtocol(Protocol.valueOf("RESP" + args[3]));
    config.useSingleServer().setAddress("redis://127.0.0.1:" + args[0])
        .setConnectionMinimumIdleSize(2).setConnectionPoolSize(4) // a command takes any of them
        .setRetryAttempts(0);
    var client = Redisson.create(config);
    group = args[1];
    stream = client.getStream("topics:" + args[2]);

    stream.createGroup(StreamCreateGroupArgs.name(group).makeStream());
    tell("CREATED", "OK");
    tell("AGAIN", error(
        () -> stream.createGroup(StreamCreateGroupArgs.name(group).makeStream())));
    tell("ADDED", stream.add(entry("one", "a")));
    var batch = client.createBatch(BatchOptions.defaults());
    List<RFuture<StreamMessageId>> replies = new ArrayList<>();
    var more = List.of("two", "three", "four", "five", "six");
    for (var i = 0; i < more.size(); i++) {
      var entry = entry(more.get(i), "bcdef".substring(i, i + 1));
      replies.add(batch.<String, String>getStream(stream.getName()).addAsync(entry));
    }
    batch.execute();
    tell("PIPELINED", replies.stream().map(reply -> reply.toCompletableFuture().join()).toArray());
    tell("LENGTH", stream.size());

    var alices = read("alice", 2);
    tell("ALICE", shown(alices));
    var first = alices.keySet().iterator().next();
    var others = read("bob", 4);
    tell("BOB", shown(others));
    var ids = new ArrayList<>(others.keySet());
    tell("ACKED", stream.ack(group, first), stream.ack(group, first));

    var summary = stream.getPendingInfo(group);
    var counts = summary.getConsumerNames();
    tell("SUMMARY", summary.getTotal(), summary.getLowestId(), summary.getHighestId(),
        "alice=" + counts.get("alice"), "bob=" + counts.get("bob"));
    tellPending();
    tell("CLAIMED", shown(stream.claim(group, "alice", 0, TimeUnit.MILLISECONDS, ids.get(0))));
    tellPending();
    var taken = autoClaim(StreamMessageId.MIN, 2);
    tell("AUTOCLAIMED", shown(taken.getMessages()));
    taken = autoClaim(taken.getNextId(), 10);
    var words = new ArrayList<Object>(List.of(shown(taken.getMessages())));
    words.add(taken.getNextId());
    tell("AUTOCLAIMED", words.toArray());
    var start = new StreamMessageId(0, 0);
    var carols = stream.readGroup(group, "carol", StreamReadGroupArgs.greaterThan(start));
    tell("CAROL HAS", shown(carols));
    tell("BOB HAS", shown(stream.readGroup(group, "bob", StreamReadGroupArgs.greaterThan(start))));
    tell("ACKED", stream.ack(group, carols.keySet().toArray(StreamMessageId[]::new)));
    tell("SUMMARY", stream.getPendingInfo(group).getTotal());
    tell("NOTHING", shown(stream.readGroup(group, "bob",
        StreamReadGroupArgs.neverDelivered().timeout(Duration.ofMillis(10)))));

    tell("RANGE", shown(stream.range(StreamMessageId.MIN, StreamMessageId.MAX)));
    tell("RANGE", shown(stream.range(2, alices.keySet().stream().skip(1).findFirst().get(),
        StreamMessageId.MAX)));
    tell("REVERSE", shown(stream.rangeReversed(2, StreamMessageId.MAX, StreamMessageId.MIN)));
    tell("READ", shown(stream.read(StreamReadArgs.greaterThan(ids.get(1)).count(2))));
    var waiting = stream.readAsync(
        StreamReadArgs.greaterThan(ids.get(3)).timeout(Duration.ofSeconds(20)));
    tell("ADDED", stream.add(entry("seven", "g")));
    tell("WAITED", shown(waiting.get()));

    var info = stream.getInfo();
    tell("STREAM", info.getLength(), info.getGroups(), info.getFirstEntry().getId(),
        info.getLastEntry().getId());
    for (var one : stream.listGroups()) {
      tell("GROUP", one.getConsumers(), one.getPending(), one.getLastDeliveredId(), one.getLag());
    }
    tell("CONSUMERS", stream.listConsumers(group).stream()
        .map(one -> one.getName() + "=" + one.getPending()).toArray());
    stream.createConsumer(group, "dave");
    tell("NEW", stream.listConsumers(group).size() - 3);
    tell("DAVE", shown(read("dave", 1)));
    tell("DELETED", stream.removeConsumer(group, "bob"), stream.removeConsumer(group, "dave"));
    tell("TRIMMED", stream.trimNonStrict(StreamTrimArgs.maxLen(1000).noLimit()));
    tell("DELETED", stream.remove(first));
    var groups = stream.listGroups().size();
    stream.removeGroup(group);
    tell("DESTROYED", groups - stream.listGroups().size(), stream.listGroups().size());
    tell("GONE", error(() -> stream.readGroup(group, "alice",
        StreamReadGroupArgs.neverDelivered())));
    client.shutdown();
    tell("CLOSED");
  }

  static StreamAddArgs<String, String> entry(String value, String trace) {
    var fields = new LinkedHashMap<String, String>();
    fields.put("value", value);
    fields.put("key", "k");
    fields.put("trace", trace);
    return StreamAddArgs.entries(fields);
  }

  static Object[] shown(Map<StreamMessageId, Map<String, String>> entries) {
    if (entries == null) return new Object[0]; // nothing in time
    return entries.entrySet().stream().map(entry -> {
      var fields = entry.getValue();
      return String.join("/", entry.getKey().toString(), fields.get("value"), fields.get("key"),
          fields.get("trace"));
    }).toArray();
  }

  static Map<StreamMessageId, Map<String, String>> read(String consumer, int count) {
    var found = new LinkedHashMap<StreamMessageId, Map<String, String>>();
    var deadline = System.nanoTime() + 30_000_000_000L;
    while (found.size() < count && System.nanoTime() < deadline) {
      var got = stream.readGroup(group, consumer, StreamReadGroupArgs.neverDelivered()
          .count(count - found.size()).timeout(Duration.ofSeconds(2)));
      if (got != null) found.putAll(got);
    }
    return found;
  }

  static AutoClaimResult<String, String> autoClaim(StreamMessageId from, int count) {
    return stream.autoClaim(group, "carol", 0, TimeUnit.MILLISECONDS, from, count);
  }

  static void tellPending() {
    var rows = stream.listPending(group, StreamMessageId.MIN, StreamMessageId.MAX, 10);
    tell("PENDING", rows.stream().map(row -> row.getId() + ":" + row.getConsumerName() + ":"
        + row.getLastTimeDelivered()).toArray());
  }

  /** Without what this client adds to it. */
  static String error(Runnable command) {
    try {
      command.run();
      return "none";
    } catch (RedisException error) {
      return error.getMessage().replaceFirst("\\. channel: .*", "");
    }
  }

  static void tell(String name, Object... words) {
    var line = new StringBuilder(name);
    for (var word : words) line.append(' ').append(word);
    System.out.println(line);
  }
}
