// queues <port> <topic> <group>: an outbound adapter pushes to a queue, a message-driven endpoint pops from it
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.serializer.StringRedisSerializer;
import org.springframework.integration.annotation.ServiceActivator;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.redis.inbound.RedisQueueMessageDrivenEndpoint;
import org.springframework.integration.redis.outbound.RedisQueueOutboundChannelAdapter;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.support.GenericMessage;

class Queues {
  static final ConcurrentSkipListSet<String> got = new ConcurrentSkipListSet<>();
  static final CountDownLatch arrived = new CountDownLatch(3);
  static int port;
  static String queue;

  public static void main(String[] args) throws Exception {
    port = Integer.parseInt(args[0]);
    queue = "topics:" + args[1];
    try (var context = new AnnotationConfigApplicationContext(Flows.class)) {
      var channel = context.getBean("toQueue", MessageChannel.class);
      for (var text : List.of("one", "two", "three")) {
        channel.send(new GenericMessage<>(text));
      }
      if (!arrived.await(40, TimeUnit.SECONDS)) {
        throw new IllegalStateException("Not all arrived: " + got);
      }
      var list = new StringRedisTemplate(context.getBean(RedisConnectionFactory.class)).opsForList();
      while (list.size(queue) > 0) { // the next pop acks the last one
        Thread.sleep(50);
      }
    }
    got.forEach(System.out::println);
  }

  @Configuration
  @EnableIntegration
  static class Flows {
    // docs: from here
    @Bean
    LettuceConnectionFactory connections() { // pooled: else each pop has a connection of its own
      return new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", port),
          LettucePoolingClientConfiguration.builder().build());
    }

    @Bean
    @ServiceActivator(inputChannel = "toQueue")
    RedisQueueOutboundChannelAdapter push(RedisConnectionFactory connections) {
      var adapter = new RedisQueueOutboundChannelAdapter(queue, connections);
      adapter.setSerializer(new StringRedisSerializer());
      return adapter;
    }

    @Bean
    RedisQueueMessageDrivenEndpoint pop(RedisConnectionFactory connections) {
      var endpoint = new RedisQueueMessageDrivenEndpoint(queue, connections);
      endpoint.setSerializer(new StringRedisSerializer());
      endpoint.setOutputChannelName("fromQueue");
      return endpoint;
    }
    // docs: to here

    @ServiceActivator(inputChannel = "fromQueue")
    void handle(String text) {
      got.add(text);
      arrived.countDown();
    }
  }
}
