/**
 * CLIENT LIST, parsed for tests: connections, and their blocked commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "./client.ts";
import { until } from "./gateway.ts";

/** The fields of a connection, by name. */
export type ListedClient = Readonly<Record<string, string>>;

/** CLIENT ID */
export async function connectionId(client: TestClient): Promise<string> {
  const reply = await client.ask("CLIENT", "ID");
  assert.match(reply, /^:\d+\r\n$/);
  return reply.slice(1, -2);
}

/** Runs CLIENT LIST; the oldest connection first. */
export async function clientList(asking: TestClient): Promise<ListedClient[]> {
  return parseClientList(readText(await asking.ask("CLIENT", "LIST")));
}

/** Parses the lines of CLIENT LIST, or the one of CLIENT INFO. */
export function parseClientList(text: string): ListedClient[] {
  assert.ok(text.endsWith("\n"), "the last line ends like the others");
  return text.slice(0, -1).split("\n").map((line) => {
    return Object.fromEntries(
      line.split(" ").map((field) => {
        const at = field.indexOf("=");
        assert.ok(at > 0, `"${field}" is no field in: ${line}`);
        return [field.slice(0, at), field.slice(at + 1)];
      }),
    );
  });
}

/** Waits until a connection is listed with these values; returns its fields. */
export async function untilListed(
  asking: TestClient,
  wanted: ListedClient,
): Promise<ListedClient> {
  let found: ListedClient | undefined;
  await until(
    async () => {
      const list = await clientList(asking);
      found = list.find((client) => {
        return Object.entries(wanted).every(([name, value]) => client[name] === value);
      });
      return found !== undefined;
    },
    `a client with ${JSON.stringify(wanted)}`,
  );
  return found!;
}

/** Waits until a connection's command is blocked. */
export async function untilBlocked(asking: TestClient, id: string): Promise<void> {
  await untilListed(asking, { id, flags: "b" });
}
