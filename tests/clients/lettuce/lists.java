// lists <port> <topic> [<protocol>]
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;

class Lists {
  public static void main(String[] args) throws Exception {
    var key = "topics:" + args[1];
    var client = RedisClient.create(RedisURI.create("127.0.0.1", Integer.parseInt(args[0])));
    if (args.length > 2) {
      var version = ProtocolVersion.valueOf("RESP" + args[2]);
      client.setOptions(ClientOptions.builder().protocolVersion(version).build());
    }
    var sync = client.connect().sync();
    popAll(sync, key);
    subscribe(client, sync, key);
    client.shutdown();
  }

  static void popAll(RedisCommands<String, String> sync, String key) {
    tell("PUSHED", sync.rpush(key, "one", "two", "three"));
    var first = until(() -> sync.brpop(3, key));
    var got = new ArrayList<>(List.of(first.getValue(), until(() -> sync.lpop(key))));
    got.addAll(until(() -> some(sync.lpop(key, 10))));
    got.sort(null);
    tell("GOT", first.getKey().equals(key), String.join(" ", got));
    tell("EMPTY", sync.lpop(key) == null, some(sync.lpop(key, 10)) == null);
    tell("LENGTH", sync.llen(key));
    tell("PUSHED", sync.lpush(key, "four", "five"));
    got = new ArrayList<>(List.of(
        until(() -> sync.blpop(3, key)).getValue(), until(() -> sync.rpop(key))));
    got.sort(null);
    tell("GOT", String.join(" ", got));
    tell("TIMEOUT", sync.blpop(0.1, key) == null);
  }

  static void subscribe(RedisClient client, RedisCommands<String, String> sync, String key)
      throws Exception {
    var events = new ArrayBlockingQueue<String>(4);
    var subscriber = client.connectPubSub();
    subscriber.addListener(new RedisPubSubAdapter<String, String>() {
      @Override
      public void subscribed(String channel, long count) {
        events.add("SUBSCRIBED " + count);
      }

      @Override
      public void message(String channel, String text) {
        events.add("MESSAGE " + text);
      }
    });
    subscriber.sync().subscribe(key);
    tell(events.take());
    tell("RECEIVERS", sync.publish(key, "six"));
    tell(events.take());
  }

  /** This client makes an empty list of a null. */
  static List<String> some(List<String> values) {
    return values == null || values.isEmpty() ? null : values;
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
