/**
 * Users of the configuration as the program reads them: from the file itself, from other files, from variables, and again
 * after SIGHUP; with the permissions of the program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { ConfigFile } from "../support/config_file.ts";
import { Program, runProgram } from "../support/program.ts";
import { AclFile } from "../security/users.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };

Deno.test("a line of server.users may be in a variable or in a file", async () => {
  using line = new ConfigFile("user filed on >filed ~* +@all\n");
  const users = [
    "user plain on >plain ~* +@all",
    { env: "RAFKA_USER_LINE" },
    { file: line.path },
  ];
  const config = JSON.stringify({ server: { ...LOCAL, users } });
  await using program = await Program.start(["--dev"], {
    RAFKA_CONFIG_JSON: config,
    RAFKA_USER_LINE: "user varied on >varied ~* +@all",
  });
  using client = await program.connect();
  assert.match(await client.ask("PING"), /^-NOAUTH/);
  for (const name of ["plain", "varied", "filed"]) {
    assert.equal(await client.ask("AUTH", name, name), "+OK\r\n");
  }
});

Deno.test("what cannot be read is said, without a secret", async () => {
  const config = {
    general: { "bootstrap.servers": "a:1", "sasl.password": { env: "HOME" } },
    server: {
      ...LOCAL,
      users: [{ env: "RAFKA_NOT_SET" }, { file: "/etc/shadow" }, "user x on >geheim +nosuch"],
      userLimits: { nobody: { connections: 1 } },
    },
  };
  const env = { RAFKA_CONFIG_JSON: JSON.stringify(config) };
  const { code, stderr } = await runProgram(["--check-config"], env);
  assert.equal(code, 2);
  assert.match(stderr, /'general\.sasl\.password': the variable HOME cannot be read/);
  assert.match(stderr, /'server\.users\.0': the variable RAFKA_NOT_SET is not set/);
  assert.match(
    stderr,
    /'server\.users\.1': the file \/etc\/shadow cannot be read: Rafka may read /,
  );
  assert.match(stderr, /server\.users:3: Error in applying operation '\+nosuch': Unknown command/);
  assert.doesNotMatch(stderr, /geheim/);
});

Deno.test("users in two places, limits of nobody and bad lines stop the start", async () => {
  for (
    const [server, words] of [
      [{ users: ["user a on"], aclFile: "users.acl" }, "give one of them"],
      [{ aclFile: "nosuch.acl" }, "'server.aclFile': the file nosuch.acl cannot be read"],
      [{ userLimits: { nobody: {} } }, "'server.userLimits.nobody': there is no such user"],
      [{ userLimits: { default: { messages: 1 } } }, "'server.userLimits.default.messages'"],
      [{ users: ["user a on >"], userLimits: 1 }, "must be an object"],
      [{ users: ["user a on ~*", "user a off"] }, "server.users:2: Duplicate user 'a'"],
    ] as const
  ) {
    const env = { RAFKA_CONFIG_JSON: JSON.stringify({ server: { ...LOCAL, ...server } }) };
    const { code, stderr } = await runProgram(["--dev"], env);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(words), stderr);
  }
});

Deno.test("SIGHUP reads the ACL file again; a wrong one keeps the users, with an error in the log", async () => {
  using file = new AclFileHere(["user red on >red ~* +@all"]);
  const config = JSON.stringify({ server: { ...LOCAL, aclFile: file.path } });
  await using program = await Program.start(["--dev"], { RAFKA_CONFIG_JSON: config });
  using red = await program.connect();
  assert.equal(await red.ask("AUTH", "red", "red"), "+OK\r\n");
  file.write(["user red on +nosuch"]);
  program.signal("SIGHUP");
  await program.logged("The users stay as they are: ");
  assert.equal(await red.ask("PING"), "+PONG\r\n");
  file.write(["user blue on >blue ~* +@all"]);
  program.signal("SIGHUP");
  await program.logged("Users: blue, default");
  assert.equal(await red.untilClosed(), "");
  using blue = await program.connect();
  assert.equal(await blue.ask("AUTH", "blue", "blue"), "+OK\r\n");
});

Deno.test("--protected-mode no lets everybody in, and the start says so; without it the start says who is refused", async () => {
  for (
    const [args, words] of [
      [["--protected-mode", "no"], "Everybody who can connect to 0.0.0.0 may produce"],
      [[], "clients on other machines are REFUSED"],
    ] as const
  ) {
    await using program = await Program.spawn([
      ...["--dev", "--host", "0.0.0.0"],
      ...args,
    ]);
    await program.logged(words);
    await program.logged("Listening on");
    const [, port] = /Listening on 0\.0\.0\.0:(\d+)/.exec(program.log)!;
    using client = await TestClient.connect(Number(port));
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  }
  const { code, stderr } = await runProgram(["--protected-mode", "maybe"]);
  assert.equal(code, 2);
  assert.match(stderr, /it must be one of yes, no/);
});

/** In a folder that the program may read. */
class AclFileHere extends AclFile {
  constructor(lines: readonly string[]) {
    super(lines, new URL("../../", import.meta.url).pathname);
  }
}
