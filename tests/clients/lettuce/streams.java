// streams <port> <group> <topic> [<protocol>]
import io.lettuce.core.ClientOptions;
import io.lettuce.core.Consumer;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAutoClaimArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Streams {
  static String stream;
  static String group;
  static RedisCommands<String, String> sync;

  public static void main(String[] args) throws Exception {
    group = args[1];
    stream = "topics:" + args[2];
    RedisClient client = RedisClient.create();
    if (args.length > 3) {
      var version = ProtocolVersion.valueOf("RESP" + args[3]);
      client.setOptions(ClientOptions.builder().protocolVersion(version).build());
    }
    var uri = RedisURI.create("127.0.0.1", Integer.parseInt(args[0]));
    var connection = client.connect(uri);
    var other = client.connect(uri);
    sync = connection.sync();

    tell("CREATED", create());
    tell("AGAIN", error(Streams::create));
    tell("ADDED", sync.xadd(stream, fields("one", "a")));
    connection.setAutoFlushCommands(false);
    List<RedisFuture<String>> replies = new ArrayList<>();
    var more = List.of("two", "three", "four", "five", "six");
    for (var i = 0; i < more.size(); i++) {
      var fields = fields(more.get(i), "bcdef".substring(i, i + 1));
      replies.add(connection.async().xadd(stream, fields));
    }
    connection.flushCommands();
    connection.setAutoFlushCommands(true);
    tell("PIPELINED", replies.stream().map(it -> it.toCompletableFuture().join()).toArray());
    tell("LENGTH", sync.xlen(stream));

    var alices = read("alice", 2);
    tell("ALICE", shown(alices));
    var first = alices.get(0).getId();
    var others = read("bob", 4);
    tell("BOB", shown(others));
    var ids = others.stream().map(StreamMessage::getId).toList();
    var acked = other.sync().xack(stream, group, first);
    tell("ACKED", acked, other.sync().xack(stream, group, first));

    var summary = sync.xpending(stream, group);
    var counts = summary.getConsumerMessageCount();
    tell("SUMMARY", summary.getCount(), summary.getMessageIds().getLower().getValue(),
        summary.getMessageIds().getUpper().getValue(), "alice=" + counts.get("alice"),
        "bob=" + counts.get("bob"));
    tellPending();
    tell("CLAIMED", shown(sync.xclaim(stream, Consumer.from(group, "alice"), 0, ids.get(0))));
    tellPending();
    var carol = Consumer.from(group, "carol");
    var taken = sync.xautoclaim(stream, XAutoClaimArgs.Builder
        .xautoclaim(carol, Duration.ZERO, "0-0").count(2));
    tell("AUTOCLAIMED", shown(taken.getMessages()));
    taken = sync.xautoclaim(stream, XAutoClaimArgs.Builder
        .xautoclaim(carol, Duration.ZERO, taken.getId()).count(10));
    var words = new ArrayList<Object>(List.of(shown(taken.getMessages())));
    words.add(taken.getId());
    tell("AUTOCLAIMED", words.toArray());
    var carols = sync.xreadgroup(carol, StreamOffset.from(stream, "0"));
    tell("CAROL HAS", shown(carols));
    var bob = Consumer.from(group, "bob");
    tell("BOB HAS", shown(sync.xreadgroup(bob, StreamOffset.from(stream, "0"))));
    tell("ACKED", other.sync().xack(stream, group,
        carols.stream().map(StreamMessage::getId).toArray(String[]::new)));
    tell("SUMMARY", sync.xpending(stream, group).getCount());
    tell("NOTHING", shown(sync.xreadgroup(bob, XReadArgs.Builder.block(10),
        StreamOffset.lastConsumed(stream))));

    tell("RANGE", shown(sync.xrange(stream, Range.unbounded())));
    var behind = Range.from(Range.Boundary.excluding(first), Range.Boundary.unbounded());
    tell("RANGE", shown(sync.xrange(stream, behind, Limit.from(2))));
    tell("REVERSE", shown(sync.xrevrange(stream, Range.unbounded(), Limit.from(2))));
    tell("READ", shown(sync.xread(XReadArgs.Builder.count(2),
        StreamOffset.from(stream, ids.get(1)))));
    var waiting = other.async().xread(XReadArgs.Builder.block(20_000),
        StreamOffset.from(stream, ids.get(3)));
    tell("ADDED", sync.xadd(stream, fields("seven", "g")));
    tell("WAITED", shown(waiting.get()));

    // this client leaves XINFO's replies as they are
    var info = named(sync.xinfoStream(stream));
    tell("STREAM", info.get("length"), info.get("groups"), id(info.get("first-entry")),
        id(info.get("last-entry")));
    for (var one : sync.xinfoGroups(stream)) {
      info = named(one);
      tell("GROUP", info.get("consumers"), info.get("pending"), info.get("last-delivered-id"),
          info.get("lag"));
    }
    tell("CONSUMERS", sync.xinfoConsumers(stream, group).stream().map(Streams::named)
        .map(one -> one.get("name") + "=" + one.get("pending")).toArray());
    tell("NEW", sync.xgroupCreateconsumer(stream, Consumer.from(group, "dave")) ? 1 : 0);
    tell("DAVE", shown(read("dave", 1)));
    var deleted = sync.xgroupDelconsumer(stream, bob);
    tell("DELETED", deleted, sync.xgroupDelconsumer(stream, Consumer.from(group, "dave")));
    tell("TRIMMED", sync.xtrim(stream, true, 1000));
    tell("DELETED", sync.xdel(stream, first));
    var destroyed = sync.xgroupDestroy(stream, group) ? 1 : 0;
    tell("DESTROYED", destroyed, sync.xgroupDestroy(stream, group) ? 1 : 0);
    tell("GONE", error(() -> sync.xreadgroup(bob, StreamOffset.lastConsumed(stream))));
    connection.close();
    other.close();
    client.shutdown();
    tell("CLOSED");
  }

  static String create() {
    var start = StreamOffset.from(stream, "$");
    return sync.xgroupCreate(start, group, XGroupCreateArgs.Builder.mkstream());
  }

  static Map<String, String> fields(String value, String trace) {
    var fields = new LinkedHashMap<String, String>();
    fields.put("value", value);
    fields.put("key", "k");
    fields.put("trace", trace);
    return fields;
  }

  static Object[] shown(List<StreamMessage<String, String>> messages) {
    return messages.stream().map(message -> {
      var body = message.getBody();
      return String.join("/", message.getId(), body.get("value"), body.get("key"),
          body.get("trace"));
    }).toArray();
  }

  static List<StreamMessage<String, String>> read(String consumer, int count) {
    var found = new ArrayList<StreamMessage<String, String>>();
    var deadline = System.nanoTime() + 30_000_000_000L;
    while (found.size() < count && System.nanoTime() < deadline) {
      var options = XReadArgs.Builder.count(count - found.size()).block(3000);
      found.addAll(sync.xreadgroup(Consumer.from(group, consumer), options,
          StreamOffset.lastConsumed(stream)));
    }
    return found;
  }

  static void tellPending() {
    var rows = sync.xpending(stream, group, Range.unbounded(), Limit.from(10));
    tell("PENDING", rows.stream().map(row ->
        row.getId() + ":" + row.getConsumer() + ":" + row.getRedeliveryCount()).toArray());
  }

  static Map<Object, Object> named(Object reply) {
    var items = (List<?>) reply;
    var map = new HashMap<Object, Object>();
    for (var i = 0; i + 1 < items.size(); i += 2) map.put(items.get(i), items.get(i + 1));
    return map;
  }

  static Object id(Object entry) {
    return ((List<?>) entry).get(0);
  }

  static String error(Runnable command) {
    try {
      command.run();
      return "none";
    } catch (RedisCommandExecutionException error) {
      return error.getMessage();
    }
  }

  static void tell(String name, Object... words) {
    var line = new StringBuilder(name);
    for (var word : words) line.append(' ').append(word);
    System.out.println(line);
  }
}
