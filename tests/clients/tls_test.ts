/**
 * Redis clients with TLS, by their own options: a login with a password, and one with a client certificate.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestAuthority } from "../support/certificates.ts";
import { ownPart } from "../support/part.ts";
import { startTls } from "../support/tls_gateway.ts";
import { ClientProgram } from "./client_program.ts";
import { clients } from "./clients.ts";

const DEADLINE_MS = 120_000; // some programs are compiled first

for (const client of ownPart(clients.filter(({ programs }) => programs.includes("tls")))) {
  Deno.test({
    name:
      `${client.client} ${client.version} logs in over TLS with a password and with a certificate`,
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
      assert.equal(await program.output(), "password: alice\ncertificate: worker\n");
    },
  });
}
