import java.util.List;
import redis.clients.jedis.*;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.util.SafeEncoder;

class Recipe {
  public static void main(String[] args) {
    var rafka = new HostAndPort("127.0.0.1", 6380);
    var plain = DefaultJedisClientConfig.builder().build();
    var named = DefaultJedisClientConfig.builder().clientName("jedis-workers:1").build();
    try (var producer = RedisClient.builder().hostAndPort(rafka).clientConfig(plain).build();
        var worker = RedisClient.builder().hostAndPort(rafka).clientConfig(named).build()) {
      producer.rpushx("topics:greetings:jedis", "Hello from Jedis");
      System.out.println("delivered: " + producer.sendCommand(Command.WAIT, "1", "10000"));

      var reply = worker.sendBlockingCommand(Command.BLPOP, "topics:greetings", "10");
      if (SafeEncoder.encodeObject(reply) instanceof List<?> message) {
        System.out.println("received: " + message.get(7));
        worker.rpush("acks", message.get(1) + ":" + message.get(3) + ":" + message.get(5));
      }
    }
  }
}
