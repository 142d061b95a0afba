// session <port> <name> <topic> [<protocol>]
import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class Session {
  static String topic;

  public static void main(String[] args) throws Exception {
    var port = Integer.parseInt(args[0]);
    topic = args[2];
    var key = "topics:" + topic + ":key";
    RedisClient client = RedisClient.create();
    if (args.length > 3) {
      var version = ProtocolVersion.valueOf("RESP" + args[3]);
      client.setOptions(ClientOptions.builder().protocolVersion(version).build());
    }
    var producer = client.connect(RedisURI.create("127.0.0.1", port));
    var named = RedisURI.builder().withHost("127.0.0.1").withPort(port).withClientName(args[1]);
    var worker = client.connect(named.build());
    var sync = producer.sync();
    System.out.println("PING " + sync.ping());
    System.out.println("SELECT " + sync.select(0));
    System.out.println("NAME " + worker.sync().clientGetname());
    System.out.println("PRODUCED " + sync.rpushx(key, "one"));
    producer.setAutoFlushCommands(false);
    List<RedisFuture<Long>> replies = new ArrayList<>();
    for (var value : List.of("two", "three", "four")) {
      replies.add(producer.async().rpushx(key, value));
    }
    producer.flushCommands();
    producer.setAutoFlushCommands(true);
    LettuceFutures.awaitAll(Duration.ofSeconds(10), replies.toArray(RedisFuture[]::new));
    System.out.println("PIPELINED"
        + joined(replies.stream().map(reply -> reply.toCompletableFuture().join()).toList()));
    System.out.println("FLUSHED " + sync.waitForReplication(1, 10_000));
    consume(worker, 4);
    System.out.println("TOPICS " + String.join(" ", sync.keys("topics:" + topic)));
    System.out.println("INFO " + sync.info().lines().filter(line -> line.startsWith("redis_mode:"))
        .findFirst().orElseThrow().substring("redis_mode:".length()));

    System.out.println("RESTART");
    System.in.read();

    System.out.println("PING " + sync.ping());
    System.out.println("NAME " + worker.sync().clientGetname());
    System.out.println("PRODUCED " + sync.rpushx(key, "five"));
    System.out.println("FLUSHED " + sync.waitForReplication(1, 10_000));
    consume(worker, 1);
    worker.close();
    producer.close();
    client.shutdown();
    System.out.println("CLOSED");
  }

  static void consume(StatefulRedisConnection<String, String> worker, int count) {
    List<String> values = new ArrayList<>();
    List<String> acks = new ArrayList<>();
    var deadline = System.nanoTime() + 30_000_000_000L;
    while (values.size() < count && System.nanoTime() < deadline) {
      var arguments = new CommandArgs<>(StringCodec.UTF8).add("topics:" + topic).add(3);
      List<Object> reply = worker.sync()
          .dispatch(CommandType.BLPOP, new ArrayOutput<>(StringCodec.UTF8), arguments);
      if (reply == null || reply.isEmpty()) continue;
      values.add((String) reply.get(7));
      acks.add(reply.get(1) + ":" + (Long) reply.get(3) + ":" + (Long) reply.get(5));
    }
    System.out.println("CONSUMED" + joined(values));
    System.out.println("ACKED"
        + joined(acks.stream().map(ack -> worker.sync().rpush("acks", ack)).toList()));
  }

  static String joined(List<?> items) {
    var line = new StringBuilder();
    for (var item : items) line.append(' ').append(item);
    return line.toString();
  }
}
