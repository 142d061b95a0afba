/**
 * What systemd sees of the gateway: it is told when clients can connect and when the end begins, and SIGHUP, which
 * services get to read their configuration again, does no harm.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hasPython } from "../support/machine.ts";
import { Program } from "../support/program.ts";
import { signalProcess } from "../support/signal_process.ts";

/** Stands in for systemd: prints each datagram as a line of JSON. */
const RECEIVER = `
import json, socket, sys
path = sys.argv[1]
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(path.replace("@", "\\0", 1))
print("ready", flush=True)
while True:
    print(json.dumps(sock.recv(4096).decode()), flush=True)
`;

for (const kind of ["path", "abstract name"]) {
  Deno.test({
    name: `systemd is told of the start and of the stop through a ${kind}`,
    ignore: !hasPython || Deno.build.os !== "linux",
    async fn(): Promise<void> {
      const folder = await Deno.makeTempDir({ prefix: "rafka-" });
      const socketPath = kind === "path" ? `${folder}/notify` : `@${folder}/notify`;
      const receiver = new Deno.Command("python3", {
        args: ["-c", RECEIVER, socketPath],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const lines = linesOf(receiver.stdout);
      try {
        assert.equal((await lines.next()).value, "ready");
        await using program = await Program.start(["--dev"], { NOTIFY_SOCKET: socketPath });
        assert.equal(
          JSON.parse((await lines.next()).value!),
          `READY=1\nSTATUS=Listening on port ${program.port}`,
        );
        program.signal("SIGTERM");
        assert.match(JSON.parse((await lines.next()).value!), /^STOPPING=1\n/);
        assert.equal(await program.exited(), 0);
      } finally {
        signalProcess(receiver, "SIGKILL");
        await receiver.status;
        await lines.return(undefined);
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "systemd's watchdog is fed while the event loop turns, and only then",
  ignore: !hasPython || Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-" });
    const receiver = new Deno.Command("python3", {
      args: ["-c", RECEIVER, `${folder}/notify`],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = linesOf(receiver.stdout);
    const next = async (): Promise<string> => JSON.parse((await lines.next()).value!);
    try {
      assert.equal((await lines.next()).value, "ready");
      await using program = await Program.start(["--dev"], {
        NOTIFY_SOCKET: `${folder}/notify`,
        WATCHDOG_USEC: "100000",
      });
      assert.match(await next(), /^READY=1/);
      assert.equal(await next(), "WATCHDOG=1");
      assert.equal(await next(), "WATCHDOG=1");
      program.signal("SIGSTOP"); // as a loop that is stalled: nothing runs
      let before = 0;
      for (let isQuiet = false; !isQuiet; before++) {
        const { promise: late, resolve } = Promise.withResolvers<true>();
        const timer = setTimeout(resolve, 1_000, true as const);
        const line = next();
        isQuiet = await Promise.race([line.then(() => false), late]);
        clearTimeout(timer);
        if (!isQuiet) continue;
        program.signal("SIGCONT");
        assert.equal(await line, "WATCHDOG=1");
      }
      assert.ok(before < 10, "it was fed while nothing ran");
    } finally {
      signalProcess(receiver, "SIGKILL");
      await receiver.status;
      await lines.return(undefined);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a systemd that does not listen is no reason not to start, and the log says so", async () => {
  await using program = await Program.start(["--dev"], { NOTIFY_SOCKET: "/nowhere/notify" });
  await program.logged("systemd is not told of READY: Cannot notify /nowhere/notify: No such file");
  using client = await program.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});

Deno.test("a signal during the start ends it as well as one later does", async () => {
  await using program = await Program.spawn(["--dev"]);
  await program.logged("Rafka "); // its first line
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0, program.log);
  assert.match(program.log, /SIGTERM: shutting down/);
});

Deno.test("SIGHUP is explained and does no harm", async () => {
  await using program = await Program.start(["--dev"]);
  using client = await program.connect();
  program.signal("SIGHUP");
  await program.logged("SIGHUP: nothing to do");
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0);
});

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
