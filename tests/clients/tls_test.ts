/**
 * Redis clients with TLS, by their own options: a login with a password, one with a client certificate, and
 * a password over a connection with a certificate.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestAuthority } from "../support/certificates.ts";
import { ownPart } from "../support/part.ts";
import { startTls } from "../support/tls_gateway.ts";
import { ClientProgram } from "./client_program.ts";
import { clients } from "./clients.ts";

const WANTED = [
  ...["redis-cli", "redis-py", "node-redis", "ioredis", "go-redis", "Jedis", "Lettuce"],
  "redis-rs",
];
const DEADLINE_MS = 120_000; // some programs are compiled first

Deno.test("The clients that most programs use are tried with TLS", () => {
  const tried = clients.filter(({ programs }) => programs.includes("tls"));
  const names = new Set(tried.map(({ client }) => client));
  for (const name of WANTED) assert.ok(names.has(name), name);
});

for (const client of ownPart(clients.filter(({ programs }) => programs.includes("tls")))) {
  Deno.test({
    name:
      `${client.client} ${client.version} logs in over TLS with a password, with a certificate, and with both`,
    ignore: client.command === undefined,
    async fn(): Promise<void> {
      await using authority = await TestAuthority.create();
      await using gateway = await startTls(authority, {
        tls: { clientCaFile: authority.caFile, clientAuth: "optional", userFrom: "cn" },
        server: {
          users: ["user alice on >secret +@all ~*", "user worker on +@all ~*"],
        },
      });
      const { certFile, keyFile } = await authority.issue({ subject: "/CN=worker" });
      const login = [String(gateway.tlsPort), "alice", "secret"];
      await using program = await ClientProgram.start(client, {
        name: "tls",
        args: [...login, authority.caFile, certFile, keyFile],
        deadlineMs: DEADLINE_MS,
      });
      assert.equal(await program.output(), "password: alice\ncertificate: worker\nboth: alice\n");
    },
  });
}
