/**
 * A gateway that is out of file descriptors: those who are connected work on, and it accepts again by itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { Program, withOpenFiles } from "../support/program.ts";
import type { Endurance, EnduranceOutcome } from "./endurance.ts";

const LIMIT = 200;
const OUT = "Cannot accept connections";
const AGAIN = "Accepting connections again";

/** Out of file descriptors. */
export const descriptors: Endurance = {
  name: "descriptors",
  what: `more connections than file descriptors, of which there are ${LIMIT}`,
  async run(): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    await using program = await Program.start(["--dev"], {}, withOpenFiles(LIMIT));
    using worker = await program.connect();
    assert.equal(await worker.ask("RPUSHX", "topics:t", "first"), ":1\r\n");
    assert.equal(await worker.ask("WAIT", 1, 10_000), ":1\r\n");
    const crowd: TestClient[] = [];
    for (let n = 0; n < 2 * LIMIT; n++) crowd.push(await TestClient.connect(program.port));
    await program.logged(OUT);
    assert.equal(await worker.ask("RPUSHX", "topics:t", "second"), ":1\r\n");
    assert.equal(await worker.ask("WAIT", 1, 10_000), ":1\r\n");
    for (const client of crowd) client[Symbol.dispose]();
    using late = await program.connect();
    assert.equal(await late.ask("PING"), "+PONG\r\n");
    await program.logged(AGAIN);
    for (const words of [OUT, AGAIN]) {
      const lines = program.log.split(words).length - 1;
      if (lines !== 1) problems.push(`${lines} lines in the log say "${words}"`);
    }
    return { figures: { connections: crowd.length }, problems };
  },
};
