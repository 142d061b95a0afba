// lists <port> <topic> [<protocol>]
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.Protocol;

class Lists {
  public static void main(String[] args) throws Exception {
    var config = new Config();
    config.setCodec(StringCodec.INSTANCE);
    if (args.length > 2) config.setProtocol(Protocol.valueOf("RESP" + args[2]));
    // one connection, which acks what it has popped by its next pop
    config.useSingleServer().setAddress("redis://127.0.0.1:" + args[0])
        .setConnectionMinimumIdleSize(1).setConnectionPoolSize(1).setRetryAttempts(0);
    var client = Redisson.create(config);
    var key = "topics:" + args[1];
    var queue = client.<String>getBlockingDeque(key);
    tell("PUSHED", queue.addAll(List.of("one", "two", "three")) ? 3 : 0);
    var got = new ArrayList<>(List.of(until(() -> queue.pollLast(3, TimeUnit.SECONDS)),
        until(queue::poll)));
    got.add(until(queue::pollFirst)); // poll(10) is a script
    got.sort(null);
    tell("GOT", true, String.join(" ", got));
    tell("EMPTY", queue.poll() == null, queue.pollLast() == null);
    tell("LENGTH", queue.size());
    tell("PUSHED", queue.addFirst("four", "five"));
    got = new ArrayList<>(List.of(until(() -> queue.poll(3, TimeUnit.SECONDS)),
        until(queue::pollLast)));
    got.sort(null);
    tell("GOT", String.join(" ", got));
    tell("TIMEOUT", queue.poll(1, TimeUnit.SECONDS) == null);

    var messages = new ArrayBlockingQueue<String>(1);
    var topic = client.getTopic(key);
    topic.addListener(String.class, (channel, text) -> messages.add(text));
    tell("SUBSCRIBED", topic.countListeners());
    tell("RECEIVERS", topic.publish("six"));
    tell("MESSAGE", messages.take());
    client.shutdown();
  }

  /** Pops until there is something. */
  static <T> T until(Callable<T> pop) throws Exception {
    for (;;) {
      var found = pop.call();
      if (found != null) return found;
    }
  }

  static void tell(String name, Object... words) {
    var line = new StringBuilder(name);
    for (var word : words) line.append(' ').append(word);
    System.out.println(line);
  }
}
