/**
 * The command line, read: what each flag means and what is said about one that is wrong.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Flags, HELP, parseFlags, UsageError } from "../../src/app/cli.ts";

const none: Flags = {
  dev: false,
  checkConfig: false,
  configHelp: false,
  healthcheck: false,
  ready: false,
  version: false,
  licenses: false,
  help: false,
};

const good: { args: string[]; want: Flags }[] = [
  { args: [], want: none },
  { args: ["--port", "6380"], want: { ...none, port: 6380 } },
  { args: ["--port=6380"], want: { ...none, port: 6380 } },
  { args: ["-p", "0"], want: { ...none, port: 0 } },
  { args: ["-p65535"], want: { ...none, port: 65535 } },
  { args: ["--http-port", "6391"], want: { ...none, httpPort: 6391 } },
  { args: ["--host", "::1"], want: { ...none, host: "::1" } },
  { args: ["--config", "a.json"], want: { ...none, config: "a.json" } },
  { args: ["-c", "a.json"], want: { ...none, config: "a.json" } },
  { args: ["--dev"], want: { ...none, dev: true } },
  { args: ["--log-format", "json"], want: { ...none, logFormat: "json" } },
  { args: ["--log-level", "debug"], want: { ...none, logLevel: "debug" } },
  { args: ["-v"], want: { ...none, version: true } },
  { args: ["--version"], want: { ...none, version: true } },
  { args: ["-h"], want: { ...none, help: true } },
  { args: ["--help"], want: { ...none, help: true } },
  { args: ["-p", "1", "-p", "2"], want: { ...none, port: 2 } },
];

for (const { args, want } of good) {
  Deno.test(`flags: ${args.join(" ") || "(none)"}`, () => {
    assert.deepEqual(parseFlags(args), want);
  });
}

const bad: { args: string[]; says: string[] }[] = [
  { args: ["--prot", "1"], says: ["--prot", "Try --help"] },
  { args: ["-x"], says: ["-x", "Try --help"] },
  { args: ["config.json"], says: ["config.json", "Try --help"] },
  { args: ["--port"], says: ["--port", "Try --help"] },
  { args: ["--config"], says: ["--config", "Try --help"] },
  { args: ["--dev=yes"], says: ["--dev", "Try --help"] },
  { args: ["--port", "http"], says: ["--port 'http'", "a number from 0 to 65535"] },
  { args: ["--port", "65536"], says: ["--port '65536'", "0 to 65535"] },
  { args: ["--port", "63.8"], says: ["--port '63.8'", "0 to 65535"] },
  { args: ["--port", "0x10"], says: ["--port '0x10'", "0 to 65535"] },
  { args: ["--port", ""], says: ["--port ''", "0 to 65535"] },
  { args: ["--port=-1"], says: ["--port '-1'", "0 to 65535"] },
  { args: ["--http-port", "rafka"], says: ["--http-port 'rafka'", "0 to 65535"] },
  { args: ["--host", ""], says: ["--host ''", "IPv4", "localhost"] },
  { args: ["--config="], says: ["--config ''", "empty"] },
  { args: ["--log-format", "xml"], says: ["--log-format 'xml'", "text, json"] },
  {
    args: ["--log-level", "verbose"],
    says: ["--log-level 'verbose'", "trace, debug, info, warning, error, fatal"],
  },
];

for (const { args, says } of bad) {
  Deno.test(`refused: ${args.join(" ")}`, () => {
    assert.throws(() => parseFlags(args), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      for (const words of says) assert.ok(error.message.includes(words), error.message);
      assert.ok(!error.message.includes("\n"), "it is one line");
      return true;
    });
  });
}

Deno.test("the help fits a screen", () => {
  const lines = HELP.trimEnd().split("\n");
  assert.ok(lines.length <= 24, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 100, line);
});

Deno.test("the help names every flag", () => {
  const flags = ["config", "port", "host", "dev", "log-format", "log-level", "version", "help"];
  for (const flag of flags) assert.match(HELP, new RegExp(`^ .*--${flag}\\b`, "m"));
});
