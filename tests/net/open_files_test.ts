/**
 * A gateway that has no file descriptors left: who is connected goes on, who comes waits, and the log says why.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { clientList } from "../support/client_list.ts";
import { Program, withOpenFiles } from "../support/program.ts";

const BEGIN = "Cannot accept connections";
const END = "Accepting connections again";

Deno.test("Connections wait while no files can be opened, and the log says so once, and when it is over", async () => {
  await using program = await Program.start(["--dev"], {}, withOpenFiles(80));
  using first = await program.connect();
  assert.equal(await first.ask("PING"), "+PONG\r\n");
  const others: TestClient[] = [];
  while (others.length < 80) others.push(await program.connect());
  await program.logged(BEGIN);
  assert.match(
    program.log,
    /Cannot accept connections, they wait: .*Too many open files.*`ulimit -n`.*LimitNOFILE/,
  );
  const memory = await first.ask("INFO", "memory");
  assert.match(memory, /^used_memory:[1-9]/m);
  assert.doesNotMatch(memory, /^used_memory_rss/m); // to know it takes a descriptor; it is not 0
  const accepted = (await clientList(first)).length - 1;
  for (let i = 0; i < 10; i++) { // each makes room for one, behind whom it fails again
    others[i]![Symbol.dispose]();
    assert.equal(await others[accepted + i]!.ask("PING"), "+PONG\r\n");
  }
  for (const other of others) other[Symbol.dispose]();
  await program.logged(END);
  for (const words of [BEGIN, END]) assert.equal(program.log.split(words).length, 2, program.log);
});
