import java.nio.file.*;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.*;
import redis.clients.jedis.*;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.util.SafeEncoder;

class Tls {
  public static void main(String[] args) throws Exception {
    var rafka = new HostAndPort("localhost", Integer.parseInt(args[0]));
    var byPassword = DefaultJedisClientConfig.builder().ssl(true).user(args[1]).password(args[2])
        .sslSocketFactory(context(args[3], null, null).getSocketFactory()).build();
    try (var client = RedisClient.builder().hostAndPort(rafka).clientConfig(byPassword).build()) {
      System.out.println("password: " + whoAmI(client));
    }
    var byCertificate = DefaultJedisClientConfig.builder().ssl(true)
        .sslSocketFactory(context(args[3], args[4], args[5]).getSocketFactory()).build();
    try (var client = RedisClient.builder().hostAndPort(rafka).clientConfig(byCertificate).build()) {
      System.out.println("certificate: " + whoAmI(client));
    }
    var byBoth = DefaultJedisClientConfig.builder().ssl(true).user(args[1]).password(args[2])
        .sslSocketFactory(context(args[3], args[4], args[5]).getSocketFactory()).build();
    try (var client = RedisClient.builder().hostAndPort(rafka).clientConfig(byBoth).build()) {
      System.out.println("both: " + whoAmI(client));
    }
  }

  static String whoAmI(UnifiedJedis client) {
    return SafeEncoder.encode((byte[]) client.sendCommand(Protocol.Command.ACL, "WHOAMI"));
  }

  /** Of files in PEM. */
  static SSLContext context(String ca, String cert, String key) throws Exception {
    var trusted = store();
    trusted.setCertificateEntry("ca", certificate(ca));
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    var own = store();
    if (cert != null) {
      var text = Files.readString(Path.of(key)).replaceAll("-----[A-Z ]+-----", "");
      var bytes = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text));
      var privateKey = KeyFactory.getInstance("EC").generatePrivate(bytes);
      own.setKeyEntry("own", privateKey, new char[0], new Certificate[] {certificate(cert)});
    }
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  static KeyStore store() throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }

  static Certificate certificate(String file) throws Exception {
    try (var input = Files.newInputStream(Path.of(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(input);
    }
  }
}
