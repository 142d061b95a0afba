/**
 * What redis-cli can do beyond a session: mass insertion, and a terminal with completion, hints and help, for which it
 * asks for the documentation of all commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { hasScript } from "../support/machine.ts";
import { ClientProgram } from "./client_program.ts";
import { clients, protocolOption } from "./clients.ts";

const DEADLINE_MS = 20_000;
const redisCli = clients.find(({ client }) => client === "redis-cli")!;

for (const protocol of redisCli.protocols) {
  const title = `redis-cli ${redisCli.version} (${protocol})`;
  const option = protocolOption(redisCli, protocol);

  Deno.test({
    name: `${title} --pipe produces all of its input`,
    ignore: redisCli.command === undefined,
    async fn(): Promise<void> {
      await using gateway = await TestGateway.start();
      await using program = await ClientProgram.start(redisCli, {
        name: "bulk",
        args: [String(gateway.port), uniqueName("bulk"), "1000", ...option],
        deadlineMs: DEADLINE_MS,
      });
      const lastLine = (await program.output()).trimEnd().split("\n").at(-1);
      assert.equal(lastLine, "errors: 0, replies: 1000");
    },
  });

  Deno.test({
    name: `${title} completes, hints and helps on a terminal`,
    ignore: redisCli.command === undefined || !hasScript,
    async fn(): Promise<void> {
      await using gateway = await TestGateway.start();
      await using program = await ClientProgram.start(redisCli, {
        name: "terminal",
        args: [String(gateway.port), ...option],
        deadlineMs: DEADLINE_MS,
      });
      const prompt = `127.0.0.1:${gateway.port}> `;
      await program.prints(prompt);
      await program.write("rpus\t"); // completed
      await program.prints("RPUSH");
      await program.write("X ");
      await program.prints("message"); // the hint: Redis itself calls it an element
      await program.write(`topics:${uniqueName("terminal")} hello\r`);
      await program.prints("(integer) 1");
      await program.prints(prompt); // what is typed before it is thrown away
      await program.write("help rpushx\r");
      await program.prints(commands.find(({ name }) => name === "RPUSHX")!.summary);
      await program.prints(prompt);
      await program.write("exit\r");
      await program.output();
    },
  });

  Deno.test({
    name: `${title} takes the JSON that docs/clients.md shows at its prompt`,
    ignore: redisCli.command === undefined || !hasScript,
    async fn(): Promise<void> {
      const page = await Deno.readTextFile(new URL("../../docs/clients.md", import.meta.url));
      const lines = [...page.matchAll(/^127\.0\.0\.1:6380> (.+)$/gm)].map(([, line]) => line!);
      assert.equal(lines.length, 3);
      const [produce, setName, consume] = lines;
      await using gateway = await TestGateway.start();
      await using program = await ClientProgram.start(redisCli, {
        name: "terminal",
        args: [String(gateway.port), ...option],
        deadlineMs: DEADLINE_MS,
      });
      const prompt = `127.0.0.1:${gateway.port}> `;
      for (
        const [line, reply] of [
          [produce!, "(integer) 1"],
          [setName!, "OK"],
          [consume!, '"{\\"to\\":\\"carl\\",\\"text\\":\\"Hello\\"}"'],
        ] as const
      ) {
        await program.prints(prompt);
        await program.write(`${line}\r`);
        await program.prints(reply);
      }
    },
  });
}
