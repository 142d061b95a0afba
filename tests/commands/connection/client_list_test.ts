/**
 * CLIENT LIST and CLIENT INFO: who is connected, and what they are doing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText } from "../../support/client.ts";
import {
  clientList,
  connectionId,
  parseClientList,
  untilBlocked,
  untilListed,
} from "../../support/client_list.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { mustPop, testOnEachKafka } from "../../support/kafka.ts";

Deno.test("CLIENT LIST shows who a connection is and what it did last", async () => {
  await using gateway = await TestGateway.start();
  using asking = await gateway.connect();
  using client = await gateway.connectAs("group:a");
  await client.ask("CLIENT", "SETINFO", "LIB-NAME", "redis-rb");
  await client.ask("CLIENT", "SETINFO", "lib-ver", "5.0");
  await client.ask("HELLO", 3);
  const id = await connectionId(client);
  const listed = await untilListed(asking, { id });
  const { age, idle, ...rest } = listed;
  assert.match(age!, /^[0-3]$/);
  assert.match(idle!, /^[0-3]$/);
  assert.deepEqual(rest, {
    id,
    addr: client.address,
    laddr: `127.0.0.1:${gateway.port}`,
    fd: "-1",
    name: "group:a",
    flags: "N",
    db: "0",
    sub: "0",
    psub: "0",
    ssub: "0",
    multi: "-1",
    qbuf: "0",
    "qbuf-free": "0",
    "argv-mem": "0",
    "multi-mem": "0",
    rbs: "0",
    rbp: "0",
    obl: "0",
    oll: "0",
    omem: "0",
    "tot-mem": "0",
    events: "r",
    cmd: "client|id",
    user: "default",
    redir: "-1",
    resp: "3",
    "lib-name": "redis-rb",
    "lib-ver": "5.0",
    principal: "",
    group: "group",
    topics: "",
    partitions: "",
    outstanding: "0",
    held: "0",
    streams: "",
    "stream-groups": "",
    "stream-consumers": "",
    "stream-pending": "",
    "stream-paused": "",
    "stream-lag": "",
  });
});

Deno.test("CLIENT LIST counts the seconds of a connection, and those since it last sent anything", async () => {
  await using gateway = await TestGateway.start();
  using asking = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  await until(async () => Number((await untilListed(asking, { id })).idle) >= 1, "a second");
  assert.ok(Number((await untilListed(asking, { id })).age) >= 1);
  await client.ask("PING");
  const busy = await untilListed(asking, { id, idle: "0" });
  assert.ok(Number(busy.age) >= 1);
});

Deno.test("CLIENT LIST shows topics and partitions of a consumer, and that its BLPOP waits", async () => {
  await using gateway = await TestGateway.start();
  using asking = await gateway.connect();
  await asking.ask("RPUSHX", "topics:t", "hello");
  using client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  await mustPop(client, "t");
  await client.send("BLPOP", "topics:t", 0);
  await untilBlocked(asking, id);
  const listed = await untilListed(asking, { id, cmd: "blpop", topics: "t" });
  assert.deepEqual(listed.partitions!.split(",").sort(), ["t:0", "t:1", "t:2", "t:3"]);
  await asking.ask("RPUSHX", "topics:t", "hello");
  await client.reply();
  await untilListed(asking, { id, flags: "N" });
});

testOnEachKafka(
  "CLIENT LIST shows the groups that a connection reads streams as, what is pending, held up and left",
  async (start) => {
    await using gateway = await start({ server: { streams: { maxPending: 3 } } });
    using asking = await gateway.connect();
    using client = await gateway.connect();
    const id = await connectionId(client);
    const topics = [uniqueName("one"), uniqueName("two")];
    const group = uniqueName("group");
    const keys = topics.map((topic) => `topics:${topic}`);
    for (const key of keys) {
      assert.equal(await asking.ask("XGROUP", "CREATE", key, group, 0, "MKSTREAM"), "+OK\r\n");
    }
    for (let n = 0; n < 5; n++) await asking.ask("XADD", keys[0]!, "*", "key", "k", "value", n);
    const read = () =>
      client.ask("XREADGROUP", "GROUP", group, "a b,c", "COUNT", 1, "STREAMS", ...keys, ">", ">");
    for (let n = 0; n < 3; n++) await untilRead(read);
    const fields = {
      id,
      streams: topics.join(","),
      "stream-groups": `${group},${group}`,
      "stream-consumers": "a\\sb\\cc,a\\sb\\cc",
    };
    await untilListed(asking, { ...fields, "stream-pending": "3,0", "stream-paused": "0,0" });
    assert.equal(await read(), "*-1\r\n", "maxPending holds it back");
    await untilListed(asking, { ...fields, "stream-paused": "1,0", "stream-lag": "5,0" });
    await client.ask("RESET");
    await untilListed(asking, { id, streams: "", "stream-groups": "", "stream-lag": "" });
  },
);

Deno.test("CLIENT LIST shows groups of streams to who may use them, of groups that are in use", async () => {
  const users = [
    "user default on nopass ~* +@all",
    "user red on >red ~topics:red ~groups:red +@all",
    "user both on >both ~topics:* +@all",
  ];
  await using gateway = await TestGateway.start({ config: { server: { users } } });
  using root = await gateway.connect();
  const id = await connectionId(root);
  for (const name of ["red", "blue"]) {
    await root.ask("XGROUP", "CREATE", `topics:${name}`, name, 0, "MKSTREAM");
    await root.ask("XREADGROUP", "GROUP", name, "c", "STREAMS", `topics:${name}`, ">");
  }
  const seenBy = async (user?: string) => {
    using asking = await gateway.connect();
    if (user) await asking.ask("AUTH", user, user);
    const listed = (await clientList(asking)).find((one) => one.id === id);
    return listed && [listed.streams, listed["stream-groups"], listed["stream-consumers"]];
  };
  assert.deepEqual(await seenBy(), ["red,blue", "red,blue", "c,c"]);
  assert.equal(await seenBy("red"), undefined, "it sees its own connections");
  assert.deepEqual(await seenBy("both"), ["", "", ""], "it may use no group");
  await root.ask("XGROUP", "DESTROY", "topics:blue", "blue");
  assert.deepEqual(await seenBy(), ["red", "red", "c"]);
});

/** Until a read gives something: entries may be in the topic before they are fetched. */
async function untilRead(read: () => Promise<string>): Promise<void> {
  await until(async () => await read() !== "*-1\r\n", "entries");
}

Deno.test("CLIENT LIST shows how many messages of a connection are not delivered yet", async () => {
  await using gateway = await TestGateway.start({ config: { producer: { "linger.ms": 60_000 } } });
  using asking = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  await client.ask("RPUSHX", "topics:t", "one", "two", "three");
  assert.equal((await untilListed(asking, { id })).outstanding, "3");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  assert.equal((await untilListed(asking, { id })).outstanding, "0");
});

Deno.test("CLIENT LIST flags MONITOR, CLIENT NO-EVICT and CLIENT NO-TOUCH", async () => {
  await using gateway = await TestGateway.start();
  using asking = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  await client.ask("CLIENT", "NO-EVICT", "ON");
  await client.ask("CLIENT", "NO-TOUCH", "on");
  await untilListed(asking, { id, flags: "eT" });
  await client.ask("MONITOR");
  await untilListed(asking, { id, flags: "OeT" });
  await client.ask("CLIENT", "NO-EVICT", "OFF");
});

Deno.test("CLIENT LIST has no connection that has ended, though its producer still tries to deliver", async () => {
  await using gateway = await TestGateway.start({
    config: {
      general: { "bootstrap.servers": "127.0.0.1:1" },
      server: { flushTimeoutMs: 2_000 },
    },
  });
  using asking = await gateway.connect();
  const client = await gateway.connect();
  await client.ask("RPUSHX", "topics:t", "hello");
  client[Symbol.dispose]();
  await until(async () => (await clientList(asking)).length === 1, "the end of the other");
  assert.equal(gateway.rafka.server.sessionCount, 2, "it has not given up yet");
});

Deno.test("CLIENT LIST chooses by TYPE and ID", async () => {
  await using gateway = await TestGateway.start();
  using one = await gateway.connect();
  using two = await gateway.connect();
  const ids = [await connectionId(one), await connectionId(two)];
  const rows: [args: (string | number)[], want: string[]][] = [
    [["TYPE", "normal"], ids],
    [["type", "PUBSUB"], []],
    [["ID", ids[1]!], [ids[1]!]],
    [["ID", ids[1]!, ids[0]!, 999], ids],
    [["ID", 999], []],
  ];
  for (const [args, want] of rows) {
    const text = readText(await one.ask("CLIENT", "LIST", ...args));
    const list = text === "" ? [] : parseClientList(text);
    assert.deepEqual(list.map(({ id }) => id), want, args.join(" "));
  }
  assert.equal(await one.ask("CLIENT", "LIST", "ID"), "-ERR syntax error\r\n");
  assert.equal(await one.ask("CLIENT", "LIST", "ID", "x"), "-ERR Invalid client ID\r\n");
  assert.equal(await one.ask("CLIENT", "LIST", "TYPE", "x"), "-ERR Unknown client type 'x'\r\n");
});

Deno.test("CLIENT INFO shows this connection with fields that Redis has, too, and no other", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await client.pop("topics:t", 0.001);
  const [info, ...others] = parseClientList(readText(await client.ask("CLIENT", "INFO")));
  assert.deepEqual(others, []);
  assert.equal(info!.id, await connectionId(client));
  assert.equal(info!.cmd, "client|info");
  for (const field of ["group", "topics", "partitions", "outstanding", "streams", "stream-lag"]) {
    assert.ok(!(field in info!), field);
  }
});
