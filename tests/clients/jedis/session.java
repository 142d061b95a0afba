// session <port> <name> <topic> [<protocol>]
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.SafeEncoder;

class Session {
  static String topic;

  public static void main(String[] args) throws Exception {
    var address = new HostAndPort("127.0.0.1", Integer.parseInt(args[0]));
    topic = args[2];
    var key = "topics:" + topic + ":key";
    var options = DefaultJedisClientConfig.builder();
    if (args.length > 3) options.protocol(RedisProtocol.valueOf("RESP" + args[3]));
    var plain = options.build();
    var named = options.clientName(args[1]).build();
    try (var producer = RedisClient.builder().hostAndPort(address).clientConfig(plain).build();
        var worker = RedisClient.builder().hostAndPort(address).clientConfig(named).build()) {
      System.out.println("PING " + producer.ping());
      System.out.println("SELECT " + text(producer.sendCommand(Command.SELECT, "0")));
      System.out.println("NAME " + text(worker.sendCommand(Command.CLIENT, "GETNAME")));
      System.out.println("PRODUCED " + producer.rpushx(key, "one"));
      try (var pipeline = producer.pipelined()) {
        List<Response<Long>> replies = new ArrayList<>();
        for (var value : List.of("two", "three", "four")) {
          replies.add(pipeline.rpushx(key, value));
        }
        pipeline.sync();
        System.out.println("PIPELINED" + joined(replies.stream().map(Response::get).toList()));
      }
      System.out.println("FLUSHED " + producer.sendCommand(Command.WAIT, "1", "10000"));
      consume(worker, 4);
      System.out.println("TOPICS " + String.join(" ", producer.keys("topics:" + topic)));
      System.out.println("INFO " + text(producer.sendCommand(Command.INFO)).lines()
          .filter(line -> line.startsWith("redis_mode:")).findFirst().orElseThrow().substring(11));

      System.out.println("RESTART");
      System.in.read();

      System.out.println("PING " + again(producer::ping));
      System.out.println("NAME "
          + text(again(() -> worker.sendCommand(Command.CLIENT, "GETNAME"))));
      System.out.println("PRODUCED " + producer.rpushx(key, "five"));
      System.out.println("FLUSHED " + producer.sendCommand(Command.WAIT, "1", "10000"));
      consume(worker, 1);
    }
    System.out.println("CLOSED");
  }

  /** The pool learns only from the failure that a connection is gone. */
  static <T> T again(Supplier<T> command) {
    try {
      return command.get();
    } catch (JedisConnectionException gone) {
      return command.get();
    }
  }

  static void consume(UnifiedJedis worker, int count) {
    List<String> values = new ArrayList<>();
    List<String> acks = new ArrayList<>();
    var deadline = System.nanoTime() + 30_000_000_000L;
    while (values.size() < count && System.nanoTime() < deadline) {
      var reply = (List<?>) worker.sendBlockingCommand(Command.BLPOP, "topics:" + topic, "3");
      if (reply == null) continue;
      values.add(text(reply.get(7)));
      acks.add(text(reply.get(1)) + ":" + (Long) reply.get(3) + ":" + (Long) reply.get(5));
    }
    System.out.println("CONSUMED" + joined(values));
    System.out.println("ACKED"
        + joined(acks.stream().map(ack -> worker.rpush("acks", ack)).toList()));
  }

  static String text(Object bytes) {
    return SafeEncoder.encode((byte[]) bytes);
  }

  static String joined(List<?> items) {
    var line = new StringBuilder();
    for (var item : items) line.append(' ').append(item);
    return line.toString();
  }
}
