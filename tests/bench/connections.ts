/**
 * Many connections to a server at once.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { run } from "./process.ts";

/** Files that are open besides the connections: those of the first ones, which warm the server up, and all others. */
const OTHER_FILES = 2_200;
/** So many connect at a time: as many as a listener lets wait. */
const AT_A_TIME = 100;

/** Many connections at once. */
export class Connections implements Disposable {
  readonly #clients: TestClient[] = [];

  /** Opens them. */
  static async open({ port }: { readonly port: number }, count: number): Promise<Connections> {
    const connections = new Connections();
    while (connections.#clients.length < count) {
      const more = Math.min(AT_A_TIME, count - connections.#clients.length);
      const opened = Array.from({ length: more }, () => TestClient.connect(port, "127.0.0.1", 64));
      connections.#clients.push(...await Promise.all(opened));
    }
    return connections;
  }

  /**
   * Does something with each, many at a time.
   *
   * @param periodMs how long all of it takes at least, evenly distributed
   */
  async all(
    run: (client: TestClient, number: number) => Promise<void>,
    periodMs = 0,
  ): Promise<void> {
    const startMs = performance.now();
    for (let at = 0; at < this.#clients.length; at += AT_A_TIME) {
      await Promise.all(
        this.#clients.slice(at, at + AT_A_TIME).map((client, more) => run(client, at + more)),
      );
      const dueMs = startMs + periodMs * (at + AT_A_TIME) / this.#clients.length;
      const restMs = dueMs - performance.now();
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client[Symbol.dispose]();
  }
}

/** Sends a command and checks the reply. */
export async function ask(client: TestClient, request: string[], reply: string): Promise<void> {
  assert.equal(await client.ask(...request), reply);
}

/** Why there can't be so many connections, undefined if there can. */
export async function fileLimitProblem(count: number): Promise<string | undefined> {
  const needed = count + OTHER_FILES;
  const limit = (await run("sh", ["-c", "ulimit -n"])).trim();
  if (limit === "unlimited" || Number(limit) >= needed) return undefined;
  return `a process may have ${limit} files open only: ulimit -n ${needed}`;
}
