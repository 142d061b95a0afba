import io.lettuce.core.*;
import java.io.File;

class Tls {
  public static void main(String[] args) {
    var url = "rediss://" + args[1] + ":" + args[2] + "@localhost:" + args[0];
    var trust = SslOptions.builder().trustManager(new File(args[3]));
    System.out.println("password: " + whoAmI(url, trust.build()));
    var both = trust.keyManager(new File(args[4]), new File(args[5]), new char[0]).build();
    System.out.println("certificate: " + whoAmI("rediss://localhost:" + args[0], both));
    System.out.println("both: " + whoAmI(url, both));
  }

  static String whoAmI(String url, SslOptions ssl) {
    var client = RedisClient.create(url);
    client.setOptions(ClientOptions.builder().sslOptions(ssl).build());
    try (var connection = client.connect()) {
      return connection.sync().aclWhoami();
    } finally {
      client.shutdown();
    }
  }
}
