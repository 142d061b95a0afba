// lists <port> <topic> [<protocol>]
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.UnifiedJedis;

class Lists {
  public static void main(String[] args) throws Exception {
    var address = new HostAndPort("127.0.0.1", Integer.parseInt(args[0]));
    var key = "topics:" + args[1];
    var options = DefaultJedisClientConfig.builder();
    if (args.length > 2) options.protocol(RedisProtocol.valueOf("RESP" + args[2]));
    var config = options.build();
    try (var client = RedisClient.builder().hostAndPort(address).clientConfig(config).build()) {
      popAll(client, key);
      subscribe(client, key);
    }
  }

  static void popAll(UnifiedJedis client, String key) {
    tell("PUSHED", client.rpush(key, "one", "two", "three"));
    var first = until(() -> client.brpop(3.0, key));
    var got = new ArrayList<>(List.of(first.getValue(), until(() -> client.lpop(key))));
    got.addAll(until(() -> client.lpop(key, 10)));
    got.sort(null);
    tell("GOT", first.getKey().equals(key), String.join(" ", got));
    tell("EMPTY", client.lpop(key) == null, client.lpop(key, 10) == null);
    tell("LENGTH", client.llen(key));
    tell("PUSHED", client.lpush(key, "four", "five"));
    got = new ArrayList<>(List.of(
        until(() -> client.blpop(3.0, key)).getValue(), until(() -> client.rpop(key))));
    got.sort(null);
    tell("GOT", String.join(" ", got));
    tell("TIMEOUT", client.blpop(0.1, key) == null);
  }

  static void subscribe(UnifiedJedis client, String key) throws Exception {
    var events = new ArrayBlockingQueue<String>(4);
    var subscriber = new JedisPubSub() {
      @Override
      public void onSubscribe(String channel, int count) {
        events.add("SUBSCRIBED " + count);
      }

      @Override
      public void onMessage(String channel, String text) {
        events.add("MESSAGE " + text);
        unsubscribe();
      }
    };
    var thread = new Thread(() -> client.subscribe(subscriber, key));
    thread.start();
    tell(events.take());
    tell("RECEIVERS", client.publish(key, "six"));
    tell(events.take());
    thread.join();
  }

  /** Pops until there is something. */
  static <T> T until(Supplier<T> pop) {
    for (;;) {
      var found = pop.get();
      if (found != null) return found;
    }
  }

  static void tell(String name, Object... words) {
    var line = new StringBuilder(name);
    for (var word : words) line.append(' ').append(word);
    System.out.println(line);
  }
}
