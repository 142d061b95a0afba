/**
 * The gateway that was compiled for the other processor, in an emulator: the library that was built by a cross
 * compiler loads, and a message goes in and out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { crossArchitecture, foreignBinary, hasForeignMachine } from "../support/machine.ts";
import { type Launcher, Program } from "../support/program.ts";

/** The emulator has half a minute of work, and other tests want the processor, too. */
const START_DEADLINE_MS = 300_000;

/** With the C library that the cross compiler's packages have brought. */
const emulated: Launcher = (args, env) => ({
  command: `qemu-${crossArchitecture}-static`,
  args: ["-L", "/", foreignBinary!, ...args],
  env,
});

Deno.test({
  name: `compiled for ${crossArchitecture}: it produces, consumes and stops`,
  ignore: !hasForeignMachine,
  async fn(): Promise<void> {
    await using program = await Program.spawn(["--dev"], {}, emulated);
    await program.logged("Listening on ", 1, START_DEADLINE_MS);
    assert.match(program.log, /\(built-in\) with \S*\bssl\b\S*\bzstd\b/);
    using client = await program.connect();
    assert.equal(await client.ask("RPUSHX", "topics:greetings", "hello"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    await client.ask("CLIENT", "SETNAME", "group:worker");
    assert.equal((await client.pop("topics:greetings", 30))?.value, "hello");
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0, program.log);
  },
});
