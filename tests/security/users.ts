/**
 * A gateway with users, for the tests of this folder.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";

/** Two teams that must not see each other, and an administrator. Each one's password is its name. */
export const TEAMS: readonly string[] = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* ~groups:red* +@all -@admin -@dangerous +keys +info +hgetall",
  "user blue on >blue ~topics:blue* ~groups:blue* +@all -@admin -@dangerous +keys +info",
];

/** Starts a gateway with these users. */
export async function startWith(
  users: readonly string[] = TEAMS,
  server: Readonly<Record<string, unknown>> = {},
): Promise<TestGateway> {
  return await TestGateway.start({
    config: { server: { users, ...server } },
    timeouts: { loginFailureMs: 1 },
  });
}

/** A connection of a user whose password is its name. */
export async function connectAs(gateway: TestGateway, user: string): Promise<TestClient> {
  const client = await gateway.connect();
  assert.equal(await client.ask("AUTH", user, user), "+OK\r\n");
  return client;
}

/** Users in an ACL file that can be changed. */
export class AclFile implements Disposable {
  readonly path: string;

  constructor(lines: readonly string[], dir?: string) {
    this.path = Deno.makeTempFileSync({ prefix: "users-", suffix: ".acl", ...(dir && { dir }) });
    this.write(lines);
  }

  write(lines: readonly string[]): void {
    Deno.writeTextFileSync(this.path, lines.join("\n") + "\n");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}

/** What Redis answers without a right to a command. */
export function noCommand(name: string): string {
  return `-NOPERM this user has no permissions to run the '${name}' command\r\n`;
}

/** What Redis answers without a right to a key. */
export const NO_KEY =
  "-NOPERM this user has no permissions to access one of the keys used as arguments\r\n";
