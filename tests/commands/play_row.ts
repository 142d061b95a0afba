/**
 * Rows of several connections: what each of them is sent by a server, whichever it is.
 *
 * @module
 */
import { connectionId, untilBlocked } from "../support/client_list.ts";
import { TestClient } from "../support/client.ts";
import { toBytes } from "../support/wire.ts";

/**
 * Steps with `; ` between them: the name of a connection, then a command. Behind `a` it waits until all is answered
 * (`p` speaks RESP2, `r` RESP3, others what the test does), behind `a~` for one reply (in MULTI, where PING is queued),
 * behind `a!` for none, behind `a&` until it is blocked, behind `a.` for the end. `""` is an empty word, `\x00` a byte.
 */
export type ConnectionsRow = string;

/**
 * What each connection of a row is sent.
 *
 * @param names what stands for the words of the row that have such a name
 */
export async function play(
  port: number,
  protocol: number,
  row: ConnectionsRow,
  names: Readonly<Record<string, string>> = {},
): Promise<Record<string, string[]>> {
  const received: Record<string, string[]> = {};
  using clients = new Clients(port, protocol);
  let barriers = 0;
  for (const step of row.split("; ")) {
    const [, name, mode, rest] = /^([a-z])([~!&.]?) ?(.*)$/.exec(step)!;
    const client = await clients.of(name!);
    const own = received[name!] ??= [];
    await client.send(...rest!.split(" ").map((word) => parseWord(names[word] ?? word)));
    if (mode === "~") own.push(await client.reply());
    else if (mode === "&") await clients.untilBlocked(name!);
    else if (mode === ".") own.push(await client.untilClosed());
    else if (mode === "") own.push(...await repliesUntilPong(client, `behind ${barriers++}`));
    if (mode === ".") clients.forget(name!);
  }
  for (const [name, client] of clients.all) {
    received[name]!.push(...await repliesUntilPong(client, "the end"));
  }
  return received;
}
/** All replies and messages before the reply to this PING. */
async function repliesUntilPong(client: TestClient, word: string): Promise<string[]> {
  await client.send("PING", word);
  const replies: string[] = [];
  for (;;) {
    const reply = await client.reply();
    if (reply.includes(word)) return replies;
    if (!reply.includes("proto")) replies.push(reply); // HELLO says which Redis it is
  }
}

class Clients implements Disposable {
  readonly #port: number;
  readonly #protocol: number;
  readonly #open = new Map<string, TestClient>();
  readonly #ids = new Map<string, string>();

  constructor(port: number, protocol: number) {
    this.#port = port;
    this.#protocol = protocol;
  }

  get all(): Iterable<[string, TestClient]> {
    return this.#open;
  }

  async of(name: string): Promise<TestClient> {
    const known = this.#open.get(name);
    if (known) return known;
    const client = await TestClient.connect(this.#port);
    await client.ask("HELLO", { p: 2, r: 3 }[name] ?? this.#protocol);
    this.#open.set(name, client);
    this.#ids.set(name, await connectionId(client));
    return client;
  }

  /** Waits until its command waits. */
  async untilBlocked(name: string): Promise<void> {
    using observer = await TestClient.connect(this.#port);
    await untilBlocked(observer, this.#ids.get(name)!);
  }

  forget(name: string): void {
    this.#open.get(name)?.[Symbol.dispose]();
    this.#open.delete(name);
  }

  [Symbol.dispose](): void {
    for (const client of this.#open.values()) client[Symbol.dispose]();
  }
}

function parseWord(word: string): Uint8Array {
  const text = word === '""' ? "" : word;
  return toBytes(
    text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  );
}
