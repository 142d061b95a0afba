// streams <port> <topic> <group>: a template adds; two listener containers of a group, one acks, the other has NOACK
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.data.domain.Range;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.stream.Consumer;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.stream.StreamMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer.StreamMessageListenerContainerOptions;

class Streams {
  static final ConcurrentSkipListSet<String> lines = new ConcurrentSkipListSet<>();
  static final CountDownLatch acking = new CountDownLatch(3);
  static final CountDownLatch audited = new CountDownLatch(3);

  public static void main(String[] args) throws Exception {
    var connections = new LettuceConnectionFactory("127.0.0.1", Integer.parseInt(args[0]));
    connections.afterPropertiesSet();
    connections.start();
    var stream = "topics:" + args[1];
    var group = args[2];
    var audit = group + "-audit";
    var template = new StringRedisTemplate(connections);
    var streams = template.<String, String>opsForStream();
    streams.createGroup(stream, ReadOffset.from("0"), group);
    streams.createGroup(stream, ReadOffset.from("0"), audit);

    // docs: from here
    var options = StreamMessageListenerContainerOptions.builder()
        .pollTimeout(Duration.ofMillis(200)).batchSize(10).build();
    var container = StreamMessageListenerContainer.create(connections, options);
    container.receive(Consumer.from(group, "worker"),
        StreamOffset.create(stream, ReadOffset.lastConsumed()), record -> {
          tell("worker", record);
          if (!record.getValue().get("value").equals("two")) {
            streams.acknowledge(group, record);
          }
          acking.countDown();
        });
    // docs: to here
    container.receiveAutoAck(Consumer.from(audit, "auditor"),
        StreamOffset.create(stream, ReadOffset.lastConsumed()), record -> {
          tell("auditor", record);
          audited.countDown();
        });
    container.start();
    for (var value : List.of("one", "two", "three")) {
      streams.add(stream, Map.of("value", value, "trace", value.substring(0, 1)));
    }
    if (!acking.await(40, TimeUnit.SECONDS) || !audited.await(40, TimeUnit.SECONDS)) {
      throw new IllegalStateException("Not all arrived: " + lines);
    }
    container.stop();
    lines.forEach(System.out::println);

    var pending = streams.pending(stream, Consumer.from(group, "worker"), Range.unbounded(), 10);
    System.out.println("pending " + pending.size());
    var id = pending.get(0).getId();
    var claimed = streams.claim(stream, group, "rescuer", Duration.ZERO, id);
    System.out.println("claimed " + claimed.get(0).getValue().get("value"));
    System.out.println("acked " + streams.acknowledge(stream, group, id.getValue()));
    System.out.println("audit pending " + streams.pending(stream, audit).getTotalPendingMessages());
    System.out.println("length " + streams.size(stream));
    connections.destroy();
  }

  static void tell(String who, MapRecord<String, String, String> record) {
    var fields = record.getValue();
    lines.add(who + ": " + fields.get("value") + " trace " + fields.get("trace"));
  }
}
