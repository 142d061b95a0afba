/**
 * A TLS server on a free port, with an untrusted certificate. Its key is no secret.
 *
 * @module
 */

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUO5yCDkxjQiullJx1UFN3B7YFSN4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJdW50cnVzdGVkMCAXDTI2MTEyMzE5MjYxMloYDzIxMjYxMDMw
MTkyNjEyWjAUMRIwEAYDVQQDDAl1bnRydXN0ZWQwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATa73dEea4AYOlagB5sEw3bvjl73yfRgvoORvAt0WmFPlR/hpBx+0Wz
38nyVkAYzaTCFeQt++bMxEKh86wpjs66o1MwUTAdBgNVHQ4EFgQUzuq6lJou1hLa
/C4bdOLyq+oN7aEwHwYDVR0jBBgwFoAUzuq6lJou1hLa/C4bdOLyq+oN7aEwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBBom8UnEyi2TvzO6Hoc4cm
rUJtt5HqVYDTslQcz8vhoQIgdtwDWvzCLjsnjYRfX4+WgKua97esVzJVfLtqHj6K
LxU=
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4WVAd797cFFPgXiZ
UPG0HPkae81W42aRJYkfZrRLwCyhRANCAATa73dEea4AYOlagB5sEw3bvjl73yfR
gvoORvAt0WmFPlR/hpBx+0Wz38nyVkAYzaTCFeQt++bMxEKh86wpjs66
-----END PRIVATE KEY-----
`;

/** Accepts connections and closes each after its handshake, successful or not. */
export class UntrustedBroker implements AsyncDisposable {
  readonly #listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: CERTIFICATE,
    key: KEY,
  });
  readonly #accepting = this.#accept();

  /** For `bootstrap.servers`. */
  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for (;;) {
      let conn: Deno.TlsConn;
      try {
        conn = await this.#listener.accept();
      } catch {
        return; // closed
      }
      await conn.handshake().catch(() => {});
      conn.close();
    }
  }
}
