/**
 * The example of each Redis client in docs/clients.md, run with each of its versions: it produces, waits for delivery,
 * consumes as a worker of a group, and acks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BareMachine } from "../support/bare_machine.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { hasBareMachine } from "../support/machine.ts";
import { ownPart } from "../support/part.ts";
import { Program } from "../support/program.ts";
import { ClientProgram } from "./client_program.ts";
import { type Client, clients } from "./clients.ts";

const DEADLINE_MS = 60_000; // some programs are compiled first

for (const client of ownPart(clients.filter(({ programs }) => programs.includes("recipe")))) {
  const title = `${client.client} ${client.version}`;
  Deno.test({
    name: `${title} produces, consumes and acks with the documented example`,
    ignore: client.command === undefined,
    fn: async () => await tryOut(client, await TestGateway.start()),
  });

  Deno.test({
    name: `${title} does the same with the compiled gateway, nothing else installed`,
    ignore: client.command === undefined || !hasBareMachine,
    async fn(): Promise<void> {
      using machine = await BareMachine.create();
      await tryOut(client, await Program.start(["--dev"], {}, machine.launch));
    },
  });
}

async function tryOut(client: Client, started: TestGateway | Program): Promise<void> {
  await using gateway = started;
  const topic = uniqueName("greetings");
  let source = "";
  await using program = await ClientProgram.start(client, {
    name: "recipe",
    edit: (recipe) => {
      source = recipe;
      return recipe.replaceAll("6380", String(gateway.port))
        .replaceAll("topics:greetings", `topics:${topic}`);
    },
    deadlineMs: DEADLINE_MS,
  });
  const greeting = /Hello from [\w-]+/.exec(source)![0];
  assert.equal(await program.output(), `delivered: 1\nreceived: ${greeting}\n`);
  const [, key] = /topics:greetings:(\w+)/.exec(source)!;
  const [, group] = /([a-z]+-workers):1/.exec(source)!;
  const next = await nextMessage(gateway, `${group}:2`, `topics:${topic}`, key!);
  assert.equal(next, "Second");
}

/** What the group gets next: not what the example has acked, which is the message before in the same partition. */
async function nextMessage(
  gateway: TestGateway | Program,
  name: string,
  topics: string,
  key: string,
): Promise<string | null | undefined> {
  using client = await gateway.connect();
  await client.ask("CLIENT", "SETNAME", name);
  await client.ask("RPUSHX", `${topics}:${key}`, "Second");
  return (await client.pop(topics, 20))?.value;
}
