import io.lettuce.core.*;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.*;

class Recipe {
  public static void main(String[] args) {
    var client = RedisClient.create("redis://127.0.0.1:6380");
    var producer = client.connect().sync();
    producer.rpushx("topics:greetings:lettuce", "Hello from Lettuce");
    System.out.println("delivered: " + producer.waitForReplication(1, 10_000));

    var name = RedisURI.create("redis://127.0.0.1:6380?clientName=lettuce-workers:1");
    var worker = client.connect(name).sync();
    var topics = new CommandArgs<>(StringCodec.UTF8).add("topics:greetings").add(10);
    var reply = worker.dispatch(CommandType.BLPOP, new ArrayOutput<>(StringCodec.UTF8), topics);
    if (reply != null) {
      System.out.println("received: " + reply.get(7));
      worker.rpush("acks", reply.get(1) + ":" + reply.get(3) + ":" + reply.get(5));
    }
    client.shutdown();
  }
}
