/**
 * Usage lines as the structured arguments of COMMAND DOCS.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../../src/commands/registry.ts";
import { usageArguments } from "../../../src/commands/core/usage.ts";
import type { Reply } from "../../../src/resp/reply.ts";

/** A value, as `plain` shows it. */
function value(name: string, ...flags: string[]): Record<string, unknown> {
  return { name, type: "string", display_text: name, ...(flags.length > 0 && { flags }) };
}

/** A word that is sent as it is. */
function word(token: string, ...flags: string[]): unknown {
  return { name: token, type: "pure-token", token, ...(flags.length > 0 && { flags }) };
}

const rows: { name: string; usage: string; want: unknown[] | undefined }[] = [
  { name: "DBSIZE", usage: "DBSIZE", want: undefined },
  { name: "ECHO", usage: "ECHO message", want: [value("message")] },
  { name: "PING", usage: "PING [message]", want: [value("message", "optional")] },
  { name: "EXISTS", usage: "EXISTS key [key ...]", want: [value("key", "multiple")] },
  {
    name: "INFO",
    usage: "INFO [section [section ...]]",
    want: [value("section", "optional", "multiple")],
  },
  {
    name: "CLIENT REPLY",
    usage: "CLIENT REPLY <ON | OFF | SKIP>",
    want: [{
      name: "ON | OFF | SKIP",
      type: "oneof",
      arguments: [word("ON"), word("OFF"), word("SKIP")],
    }],
  },
  {
    name: "CLIENT UNBLOCK",
    usage: "CLIENT UNBLOCK client-id [TIMEOUT | ERROR]",
    want: [value("client-id"), {
      name: "TIMEOUT | ERROR",
      type: "oneof",
      flags: ["optional"],
      arguments: [word("TIMEOUT"), word("ERROR")],
    }],
  },
  {
    name: "HELLO",
    usage: "HELLO [protover [AUTH username password] [SETNAME clientname]]",
    want: [{
      name: "protover",
      type: "block",
      flags: ["optional"],
      arguments: [
        value("protover"),
        {
          name: "auth",
          type: "block",
          token: "AUTH",
          flags: ["optional"],
          arguments: [value("username"), value("password")],
        },
        {
          ...value("clientname", "optional"),
          token: "SETNAME",
        },
      ],
    }],
  },
  {
    name: "RPUSHX",
    usage: "RPUSHX topics:<topic>[:<key>] <message> [<message> ...]",
    want: [value("topics:<topic>[:<key>]"), value("message", "multiple")],
  },
  { name: "SELECT", usage: "SELECT 0", want: [value("0")] },
];

for (const { name, usage, want } of rows) {
  Deno.test(`usageArguments() reads ${usage}`, () => {
    assert.deepEqual(plain(usageArguments(command(name, usage))), want);
  });
}

Deno.test("usageArguments() reads the usage of each command, with every word of it in some argument", () => {
  for (const command of commands) {
    const shown = JSON.stringify(plain(usageArguments(command)) ?? []);
    const words = command.usage.slice(command.name.length).match(/[\w-]+/g) ?? [];
    for (const word of words) assert.ok(shown.includes(word), `${command.name}: ${word}`);
    assert.ok(!shown.includes("..."), `${command.name}: a repetition is a flag`);
  }
});

type Usage = Parameters<typeof usageArguments>[0];

function command(name: string, usage: string): Usage {
  return { name, usage, arity: 1, summary: "", since: "", group: "generic", flags: [] };
}

/** A reply as JavaScript's own values. */
function plain(reply: Reply | undefined): unknown {
  switch (reply?.kind) {
    case undefined:
      return undefined;
    case "array":
    case "set":
      return reply.items.map(plain);
    case "map":
      return Object.fromEntries(reply.entries.map(([key, value]) => [plain(key), plain(value)]));
    case "bulk":
      return reply.value;
    case "simple":
      return reply.text;
    default:
      assert.fail(`no ${reply?.kind} in a documentation`);
  }
}
