// streams <port> <group> <topic> [<protocol>]
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XAutoClaimParams;
import redis.clients.jedis.params.XClaimParams;
import redis.clients.jedis.params.XPendingParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.params.XReadParams;
import redis.clients.jedis.resps.StreamConsumerInfo;
import redis.clients.jedis.resps.StreamEntry;

class Streams {
  static final StreamEntryID START = new StreamEntryID(0, 0);
  static String stream;
  static String group;
  static UnifiedJedis client;

  public static void main(String[] args) throws Exception {
    var address = new HostAndPort("127.0.0.1", Integer.parseInt(args[0]));
    group = args[1];
    stream = "topics:" + args[2];
    var options = DefaultJedisClientConfig.builder();
    if (args.length > 3) options.protocol(RedisProtocol.valueOf("RESP" + args[3]));
    var config = options.build();
    // each has a pool of connections of its own
    try (var one = RedisClient.builder().hostAndPort(address).clientConfig(config).build();
        var other = RedisClient.builder().hostAndPort(address).clientConfig(config).build()) {
      client = one;
      run(other);
    }
    System.out.println("CLOSED");
  }

  static void run(UnifiedJedis other) throws Exception {
    tell("CREATED", client.xgroupCreate(stream, group, StreamEntryID.XGROUP_LAST_ENTRY, true));
    tell("AGAIN", error(
        () -> client.xgroupCreate(stream, group, StreamEntryID.XGROUP_LAST_ENTRY, true)));
    tell("ADDED", client.xadd(stream, XAddParams.xAddParams(), fields("one", "a")));
    var more = List.of("two", "three", "four", "five", "six");
    try (var pipeline = client.pipelined()) {
      List<Response<StreamEntryID>> replies = new ArrayList<>();
      for (var i = 0; i < more.size(); i++) {
        var trace = "bcdef".substring(i, i + 1);
        replies.add(pipeline.xadd(stream, XAddParams.xAddParams(), fields(more.get(i), trace)));
      }
      pipeline.sync();
      tell("PIPELINED", replies.stream().map(Response::get).toArray());
    }
    tell("LENGTH", client.xlen(stream));

    var alices = read("alice", 2);
    tell("ALICE", shown(alices));
    var first = alices.get(0).getID();
    var others = read("bob", 4);
    tell("BOB", shown(others));
    var ids = others.stream().map(StreamEntry::getID).toList();
    tell("ACKED", other.xack(stream, group, first), other.xack(stream, group, first));

    var summary = client.xpending(stream, group);
    var counts = summary.getConsumerMessageCount();
    tell("SUMMARY", summary.getTotal(), summary.getMinId(), summary.getMaxId(),
        "alice=" + counts.get("alice"), "bob=" + counts.get("bob"));
    tellPending();
    tell("CLAIMED",
        shown(client.xclaim(stream, group, "alice", 0, XClaimParams.xClaimParams(), ids.get(0))));
    tellPending();
    var taken = client.xautoclaim(stream, group, "carol", 0, START,
        XAutoClaimParams.xAutoClaimParams().count(2));
    tell("AUTOCLAIMED", shown(taken.getValue()));
    taken = client.xautoclaim(stream, group, "carol", 0, taken.getKey(),
        XAutoClaimParams.xAutoClaimParams().count(10));
    var words = new ArrayList<Object>(List.of(shown(taken.getValue())));
    words.add(taken.getKey());
    tell("AUTOCLAIMED", words.toArray());
    var carols = readGroup("carol", START, new XReadGroupParams());
    tell("CAROL HAS", shown(carols));
    tell("BOB HAS", shown(readGroup("bob", START, new XReadGroupParams())));
    tell("ACKED", other.xack(stream, group,
        carols.stream().map(StreamEntry::getID).toArray(StreamEntryID[]::new)));
    tell("SUMMARY", client.xpending(stream, group).getTotal());
    tell("NOTHING", shown(readGroup("bob", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY,
        new XReadGroupParams().block(10))));

    tell("RANGE", shown(client.xrange(stream, "-", "+")));
    tell("RANGE", shown(client.xrange(stream, "(" + first, "+", 2)));
    tell("REVERSE", shown(client.xrevrange(stream, "+", "-", 2)));
    tell("READ", shown(only(
        client.xread(new XReadParams().count(2), Map.of(stream, ids.get(1))))));
    var waiting = CompletableFuture.supplyAsync(() ->
        other.xread(new XReadParams().block(20_000), Map.of(stream, ids.get(3))));
    tell("ADDED", client.xadd(stream, XAddParams.xAddParams(), fields("seven", "g")));
    tell("WAITED", shown(only(waiting.get())));

    var info = client.xinfoStream(stream);
    tell("STREAM", info.getLength(), info.getGroups(), info.getFirstEntry().getID(),
        info.getLastEntry().getID());
    for (var one : client.xinfoGroups(stream)) {
      // it has no getter for lag
      tell("GROUP", one.getConsumers(), one.getPending(), one.getLastDeliveredId(),
          one.getGroupInfo().get("lag"));
    }
    tell("CONSUMERS", client.xinfoConsumers2(stream, group).stream()
        .map(one -> one.getName() + "=" + one.getPending()).toArray());
    tell("NEW", client.xgroupCreateConsumer(stream, group, "dave") ? 1 : 0);
    tell("DAVE", shown(read("dave", 1)));
    tell("DELETED", client.xgroupDelConsumer(stream, group, "bob"),
        client.xgroupDelConsumer(stream, group, "dave"));
    tell("TRIMMED", client.xtrim(stream, 1000, true));
    tell("DELETED", client.xdel(stream, first));
    tell("DESTROYED", client.xgroupDestroy(stream, group), client.xgroupDestroy(stream, group));
    tell("GONE", error(() -> readGroup("alice", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY,
        new XReadGroupParams())));
  }

  static Map<String, String> fields(String value, String trace) {
    var fields = new LinkedHashMap<String, String>();
    fields.put("value", value);
    fields.put("key", "k");
    fields.put("trace", trace);
    return fields;
  }

  static Object[] shown(List<StreamEntry> entries) {
    return entries.stream().map(entry -> {
      var fields = entry.getFields();
      return String.join("/", entry.getID().toString(), fields.get("value"), fields.get("key"),
          fields.get("trace"));
    }).toArray();
  }

  static List<StreamEntry> only(List<Map.Entry<String, List<StreamEntry>>> streams) {
    return streams == null || streams.isEmpty() ? List.of() : streams.get(0).getValue();
  }

  static List<StreamEntry> readGroup(String consumer, StreamEntryID id, XReadGroupParams options) {
    return only(client.xreadGroup(group, consumer, options, Map.of(stream, id)));
  }

  static List<StreamEntry> read(String consumer, int count) {
    var found = new ArrayList<StreamEntry>();
    var deadline = System.nanoTime() + 30_000_000_000L;
    while (found.size() < count && System.nanoTime() < deadline) {
      var options = new XReadGroupParams().count(count - found.size()).block(3000);
      found.addAll(readGroup(consumer, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY, options));
    }
    return found;
  }

  static void tellPending() {
    var rows = client.xpending(stream, group, XPendingParams.xPendingParams("-", "+", 10));
    tell("PENDING", rows.stream().map(row ->
        row.getID() + ":" + row.getConsumerName() + ":" + row.getDeliveredTimes()).toArray());
  }

  static String error(Runnable command) {
    try {
      command.run();
      return "none";
    } catch (JedisDataException error) {
      return error.getMessage();
    }
  }

  static void tell(String name, Object... words) {
    var line = new StringBuilder(name);
    for (var word : words) line.append(' ').append(word);
    System.out.println(line);
  }
}
