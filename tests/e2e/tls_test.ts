/**
 * TLS as a security team uses it: certificates of clients, certificates that change and end, configurations that are
 * refused.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TlsContext } from "../../src/ffi/tls_context.ts";
import { type Certificate, openssl, TestAuthority } from "../support/certificates.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { readText, TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { type Launcher, Program, runProgram, startArguments } from "../support/program.ts";
import { sClient, startTls } from "../support/tls_gateway.ts";

/** A gateway that requires certificates of `authority`. */
async function requiring(
  authority: TestAuthority,
  tls: Record<string, unknown> = {},
  server: Record<string, unknown> = {},
): Promise<TestGateway> {
  return await startTls(authority, { tls: { clientCaFile: authority.caFile, ...tls }, server });
}

/** Whether a client with this certificate is served. */
async function isServed(
  gateway: TestGateway,
  caFile: string,
  certificate: Certificate | undefined,
): Promise<boolean> {
  try {
    using client = await TestClient.connectTls(gateway.tlsPort, { caFile, ...certificate });
    return await client.ask("PING") === "+PONG\r\n";
  } catch {
    return false;
  }
}

Deno.test("21: clients without a valid certificate are refused, counted, and logged with the reason", async () => {
  await using authority = await TestAuthority.create();
  await using stranger = await TestAuthority.create("Another CA");
  await using log = await CapturedLog.start();
  const revoked = await authority.issue({ subject: "/CN=revoked" });
  const clientCrlFile = await authority.revoke(revoked);
  await using gateway = await requiring(authority, { clientCrlFile });
  const refused = [
    { certificate: undefined, says: "it has no client certificate, and clientAuth is required" },
    {
      certificate: await authority.issue({ notAfter: "20210101000000Z" }),
      says: "its certificate is refused: certificate has expired",
    },
    {
      certificate: await authority.issue({
        notBefore: "20480101000000Z",
        notAfter: "20490101000000Z",
      }),
      says: "its certificate is refused: certificate is not yet valid",
    },
    {
      certificate: await stranger.issue({}),
      says: "its certificate is refused: unable to get local issuer certificate",
    },
    { certificate: revoked, says: "its certificate is refused: certificate revoked" },
  ];
  for (const { certificate, says } of refused) {
    assert.equal(await isServed(gateway, authority.caFile, certificate), false, says);
    await log.has(says);
  }
  assert.equal(await isServed(gateway, authority.caFile, await authority.issue({})), true);
  using plain = await gateway.connect();
  assert.match(
    readText(await plain.ask("INFO", "stats")),
    /\ntls_failed_connections:5\r\ntls_refused_certificates:5\r\n/,
  );
});

Deno.test("With clientAuth optional a client may have none, but a certificate that it shows is valid", async () => {
  await using authority = await TestAuthority.create();
  await using stranger = await TestAuthority.create("Another CA");
  await using gateway = await requiring(authority, { clientAuth: "optional" });
  const { caFile } = authority;
  assert.equal(await isServed(gateway, caFile, undefined), true);
  assert.equal(await isServed(gateway, caFile, await authority.issue({})), true);
  assert.equal(await isServed(gateway, caFile, await stranger.issue({})), false);
});

Deno.test("21: a certificate whose name holds a NUL is refused", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await requiring(authority, { userFrom: "cn" }, {
    users: ["user default off", "user alice on nopass +@all ~*"],
  });
  const names = [{ subject: "/CN=aliceXevil" }, { subject: "/CN=x", altNames: "DNS:aliceXevil" }];
  for (const options of names) {
    const forged = await withNul(authority, await authority.issue(options), "aliceXevil");
    assert.equal(await isServed(gateway, authority.caFile, forged), false);
  }
  await log.has("a name in its certificate holds a NUL");
  using plain = await gateway.connect();
  assert.match(await plain.ask("PING"), /^-NOAUTH/);
});

Deno.test("21: a certificate is a login by its CN, unless it has several", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await requiring(authority, { userFrom: "cn" }, {
    users: ["user default off", "user alice on >secret +@all ~*", "user bob on >secret +@all ~*"],
  });
  assert.equal(await whoAmI(gateway, authority, { subject: "/CN=alice" }), "$5\r\nalice\r\n");
  for (
    const options of [
      { subject: "/CN=alice/CN=bob" },
      { subject: "/CN=carol" },
      { subject: "/O=alice" },
      { subject: "/CN=carol", altNames: "DNS:alice" },
    ]
  ) {
    assert.match(await whoAmI(gateway, authority, options), /^-NOAUTH/, JSON.stringify(options));
  }
});

Deno.test("A certificate is a login by an alternative name, and RESET keeps it", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await requiring(authority, { userFrom: "san" }, {
    users: ["user default off", "user urn:alice on >secret +@all ~*"],
  });
  const options = { subject: "/CN=bob", altNames: "URI:urn:other,URI:urn:alice" };
  assert.equal(await whoAmI(gateway, authority, options), "$9\r\nurn:alice\r\n");
  using client = await gateway.connectTls({
    caFile: authority.caFile,
    ...await authority.issue(options),
  });
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.equal(await client.ask("ACL", "WHOAMI"), "$9\r\nurn:alice\r\n");
});

Deno.test("22: a new certificate counts for new connections, and those that are there stay", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  const files = await authority.server();
  await using gateway = await startTls(authority, {
    tls: { ...files },
    timeouts: { certificateCheckMs: 50 },
  });
  using before = await gateway.connectTls(authority);
  const first = serial(await sClient(gateway.tlsPort, []));
  const next = await authority.server();
  await Deno.copyFile(next.certFile, files.certFile);
  await Deno.copyFile(next.keyFile, files.keyFile);
  await log.has("The certificates were read again");
  assert.notEqual(serial(await sClient(gateway.tlsPort, [])), first);
  assert.equal(await before.ask("PING"), "+PONG\r\n");
  assert.equal(gateway.library.handles.open.SSL_CTX, 1);
});

Deno.test("22: a link that leads to another file is a change, as Kubernetes makes them", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  const [one, two] = [await authority.server(), await authority.server()];
  const links = { certFile: `${authority.folder}/tls.crt`, keyFile: `${authority.folder}/tls.key` };
  const lead = async ({ certFile, keyFile }: Certificate): Promise<void> => {
    for (const [path, link] of [[certFile, links.certFile], [keyFile, links.keyFile]]) {
      await Deno.symlink(path!, `${link}.new`);
      await Deno.rename(`${link}.new`, link!);
    }
  };
  await lead(one);
  await using gateway = await startTls(authority, {
    tls: links,
    timeouts: { certificateCheckMs: 50 },
  });
  const first = serial(await sClient(gateway.tlsPort, []));
  await lead(two);
  await log.has("The certificates were read again");
  assert.notEqual(serial(await sClient(gateway.tlsPort, [])), first);
});

Deno.test("22: what cannot be used does not replace what can", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  const files = await authority.server();
  const { caFile } = authority;
  await using gateway = await startTls(authority, { tls: { ...files } });
  const original = await Deno.readFile(files.certFile);
  const bad: [string, Uint8Array, RegExp][] = [
    ["certFile", await Deno.readFile((await authority.server()).certFile), /is not the key of/],
    ["certFile", new TextEncoder().encode("nonsense"), /no usable certificate/],
    [
      "certFile",
      await Deno.readFile((await authority.issue({ notAfter: "20210101000000Z" })).certFile),
      /is not the key of/,
    ],
  ];
  for (const [, content, says] of bad) {
    const before = log.lines.length;
    await Deno.writeFile(files.certFile, content);
    gateway.rafka.reload();
    assert.match(
      log.lines.slice(before).join("\n"),
      /error: The certificates cannot be read again/,
    );
    assert.match(log.lines.slice(before).join("\n"), says);
    assert.equal(await isServed(gateway, caFile, undefined), true);
  }
  await Deno.remove(files.certFile);
  gateway.rafka.reload();
  await log.has("No such file or directory");
  assert.equal(await isServed(gateway, caFile, undefined), true);
  await Deno.writeFile(files.certFile, original);
  gateway.rafka.reload();
  await log.has("The certificates were read again");
  assert.equal(gateway.library.handles.open.SSL_CTX, 1);
});

Deno.test("22: a new certificate that has ended already is not used", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  const files = await authority.server();
  await using gateway = await startTls(authority, { tls: { ...files } });
  const ended = await authority.server({ notAfter: "20210101000000Z" });
  await Deno.copyFile(ended.certFile, files.certFile);
  await Deno.copyFile(ended.keyFile, files.keyFile);
  gateway.rafka.reload();
  await log.has(
    "is valid from 2020-01-01T00:00:00.000Z to 2021-01-01T00:00:00.000Z, which is not now",
  );
  assert.equal(await isServed(gateway, authority.caFile, undefined), true);
});

Deno.test("Clients of a CA that was replaced are refused", async () => {
  await using authority = await TestAuthority.create();
  await using next = await TestAuthority.create("Next CA");
  const clientCaFile = `${authority.folder}/clients.pem`;
  await Deno.copyFile(authority.caFile, clientCaFile);
  await using gateway = await startTls(authority, { tls: { clientCaFile } });
  const { caFile } = authority;
  const [old, young] = [await authority.issue({}), await next.issue({})];
  assert.equal(await isServed(gateway, caFile, old), true);
  assert.equal(await isServed(gateway, caFile, young), false);
  const session = ["-sess_out", `${authority.folder}/session`];
  const own = ["-cert", old.certFile, "-key", old.keyFile];
  assert.match(await sClient(gateway.tlsPort, [...own, ...session]), /\+PONG/);
  await Deno.copyFile(next.caFile, clientCaFile);
  gateway.rafka.reload();
  assert.equal(await isServed(gateway, caFile, old), false);
  assert.equal(await isServed(gateway, caFile, young), true);
  const again = await sClient(gateway.tlsPort, [...own, "-sess_in", `${authority.folder}/session`]);
  assert.doesNotMatch(again, /\+PONG/);
});

Deno.test("Certificates that change under load fail no connection", async () => {
  await using authority = await TestAuthority.create();
  const files = await authority.server();
  await using gateway = await startTls(authority, { tls: { ...files } });
  const others = [files, await authority.server(), await authority.server()];
  const contents = await Promise.all(
    others.map(async ({ certFile, keyFile }) => [
      await Deno.readFile(certFile),
      await Deno.readFile(keyFile),
    ]),
  );
  let isDone = false;
  const clients = Array.from({ length: 4 }, async () => {
    let served = 0;
    while (!isDone) {
      assert.equal(await isServed(gateway, authority.caFile, undefined), true);
      served++;
    }
    return served;
  });
  for (let round = 0; round < 30; round++) {
    const [certificate, key] = contents[round % contents.length]!;
    await Deno.writeFile(files.certFile, certificate!);
    await Deno.writeFile(files.keyFile, key!);
    gateway.rafka.reload();
    using client = await gateway.connectTls(authority);
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  }
  isDone = true;
  assert.ok((await Promise.all(clients)).every((served) => served > 0));
  assert.equal(gateway.library.handles.open.SSL_CTX, 1);
});

Deno.test("22: INFO says when certificates end, and the log warns of it", async () => {
  await using authority = await TestAuthority.create("Test CA", 100);
  await using log = await CapturedLog.start();
  const files = await authority.server({ days: 5 });
  await using gateway = await startTls(authority, {
    tls: { ...files, clientCaFile: authority.caFile, clientAuth: "optional" },
  });
  assert.match(log.lines.join("\n"), /warning: TLS certificate [0-9A-F]+ ends on 20.*Z, in 4 days/);
  using client = await gateway.connect();
  const info = readText(await client.ask("INFO", "tls"));
  const [, certificate, ca] =
    /^# TLS\r\ntls_port:\d+\r\ntls_server_cert_serial:[0-9A-F]+\r\ntls_ca_cert_serial:[0-9A-F]+\r\ntls_server_cert_expires_in_seconds:(\d+)\r\ntls_ca_cert_expires_in_seconds:(\d+)\r\n$/
      .exec(info) ?? assert.fail(info);
  assert.ok(Math.abs(Number(certificate) - 5 * 86_400) < 600, certificate);
  assert.ok(Math.abs(Number(ca) - 100 * 86_400) < 600, ca);
  assert.doesNotMatch(readText(await client.ask("INFO")), /PRIVATE/);
  assert.ok(!log.lines.some((line) => line.includes(files.keyFile)));
});

Deno.test("22: the log says when a certificate ends while the gateway runs", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  const seconds = (from: number): string =>
    new Date(Date.now() + from * 1_000).toISOString().replace(/[-:T]|\.\d+/g, "");
  const files = await authority.server({ notBefore: seconds(-3_600), notAfter: seconds(8) });
  await using _gateway = await startTls(authority, {
    tls: { ...files },
    timeouts: { certificateCheckMs: 100 },
  });
  await log.has("has ended on");
});

Deno.test("Without TLS there is no section of INFO for it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.doesNotMatch(readText(await client.ask("INFO", "everything")), /# TLS/);
});

Deno.test("23: without an OpenSSL a configuration with TLS is refused: nothing is served in the clear", async () => {
  await using authority = await TestAuthority.create();
  const { Gateway } = await import("../../src/app/gateway.ts");
  const { parseConfig } = await import("../../src/config/load.ts");
  const { libraryCandidates, openLibrary } = await import("../../src/ffi/library.ts");
  const server = { host: "127.0.0.1", port: 0, tls: { port: 0, ...await authority.server() } };
  const library = openLibrary(libraryCandidates(undefined)); // without its OpenSSL
  const config = parseConfig(JSON.stringify({ server }), "the test");
  await assert.rejects(
    Gateway.start({ config, library, dev: true, version: "test" }),
    /'server\.tls': it takes OpenSSL 3, which neither this librdkafka .* nor this system/,
  );
});

Deno.test("Files that cannot be used are named before the start, and by --check-config", async () => {
  await using authority = await TestAuthority.create();
  const files = await authority.server();
  const other = await authority.server();
  const encrypted = `${authority.folder}/encrypted.key`;
  await openssl([
    "ec",
    "-in",
    files.keyFile,
    "-aes128",
    "-passout",
    "pass:secret",
    "-out",
    encrypted,
  ]);
  const cases: [Record<string, unknown>, RegExp][] = [
    [
      { ...files, keyFile: other.keyFile },
      /'server\.tls\.keyFile' is ".*": it is not the key of ".*"/,
    ],
    [
      { ...files, keyFile: encrypted },
      /'server\.tls\.keyFile' .* no usable key in PEM without a passphrase/,
    ],
    [
      { ...files, keyFile: encrypted, keyPassphrase: "wrong-one" },
      /'server\.tls\.keyFile' .* no usable key in PEM with this keyPassphrase/,
    ],
    [
      { ...files, keyFile: encrypted, keyPassphrase: { env: "RAFKA_NONE" } },
      /'server\.tls\.keyPassphrase': the variable RAFKA_NONE is not set/,
    ],
    [
      { ...files, certFile: "/nowhere.pem" },
      /'server\.tls\.certFile' is "\/nowhere\.pem": No such file/,
    ],
    [
      { ...files, clientCaFile: files.keyFile },
      /'server\.tls\.clientCaFile' .* no certificate in PEM/,
    ],
    [
      { ...files, clientAuth: "required" },
      /'server\.tls\.clientAuth' is "required": needs clientCaFile/,
    ],
    [{ ...files, userFrom: "cn" }, /'server\.tls\.userFrom' is "cn": needs clientCaFile/],
    [
      { ...files, sertFile: "" },
      /'server\.tls\.sertFile': no such key; allowed are port, certFile/,
    ],
  ];
  for (const [tls, says] of cases) {
    const env = { RAFKA_CONFIG_JSON: JSON.stringify({ server: { tls } }) };
    const { code, stderr } = await runProgram(["--dev", "--check-config"], env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /wrong-one/);
  }
  const tls = { port: 0, ...files, keyFile: encrypted, keyPassphrase: { env: "RAFKA_PASSPHRASE" } };
  await using program = await Program.start(["--dev"], {
    RAFKA_CONFIG_JSON: JSON.stringify({ server: { host: "127.0.0.1", tls } }),
    RAFKA_PASSPHRASE: "secret",
  });
  assert.match(program.log, / \(TLS\)/);
  const ended = await authority.server({ notAfter: "20210101000000Z" });
  const env = { RAFKA_CONFIG_JSON: JSON.stringify({ server: { host: "127.0.0.1", tls: ended } }) };
  const { code, stdout } = await runProgram(["--dev", "--check-config"], env);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /warning: 'server\.tls\.certFile': certificate [0-9A-F]+ has ended on 2021-01-01/,
  );
});

Deno.test("SIGHUP reads the certificates again, and a gateway with TLS only is healthy", async () => {
  await using authority = await TestAuthority.create();
  const tls = { port: 0, ...await authority.server(), clientCaFile: authority.caFile };
  const server = { host: "127.0.0.1", port: null, tls };
  const env = { RAFKA_CONFIG_JSON: JSON.stringify({ server }) };
  // without the ports that the helper names
  const launch: Launcher = (_args, env) => ({
    command: Deno.execPath(),
    args: [...startArguments, "--dev"],
    cwd: new URL("../../", import.meta.url),
    env,
  });
  await using program = await Program.start([], env, launch);
  const port = Number(/127\.0\.0\.1:(\d+) \(TLS\)/.exec(program.log)![1]);
  program.signal("SIGHUP");
  await program.logged("SIGHUP: reading the TLS certificates again");
  await program.logged("The certificates were read again");
  const healthy = { ...server, tls: { ...tls, port } };
  const ask = async (server: unknown): Promise<number> =>
    (await runProgram(["--healthcheck"], { RAFKA_CONFIG_JSON: JSON.stringify({ server }) })).code;
  assert.equal(await ask(healthy), 0);
  assert.equal(await ask({ ...healthy, tls: { ...tls, port: 1 } }), 1);
});

Deno.test("A context and its handles are closed when a file cannot be used", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  const { openSsl, handles } = gateway.library;
  const files = { certFile: authority.caFile, keyFile: authority.caFile };
  assert.throws(() => TlsContext.forServer(openSsl!, handles, files, "no"), /no usable key/);
  assert.equal(handles.open.SSL_CTX, 1);
});

async function whoAmI(
  gateway: TestGateway,
  authority: TestAuthority,
  options: { subject: string; altNames?: string },
): Promise<string> {
  const certificate = await authority.issue(options);
  using client = await gateway.connectTls({ caFile: authority.caFile, ...certificate });
  return await client.ask("ACL", "WHOAMI");
}

/** The serial number of the server's certificate. */
function serial(output: string): string {
  return /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----/.exec(output)![0];
}

/** The certificate with a NUL in place of the X of `name`, signed again. */
async function withNul(
  authority: TestAuthority,
  { certFile, keyFile }: Certificate,
  name: string,
): Promise<Certificate> {
  const der = await openssl(["x509", "-in", certFile, "-outform", "DER"]);
  const text = String.fromCharCode(...der);
  const at = text.indexOf(name) + name.indexOf("X");
  const outerHeader = headerBytes(der, 0);
  const tbsEnd = outerHeader + headerBytes(der, outerHeader) + contentBytes(der, outerHeader);
  const tbs = der.slice(outerHeader, tbsEnd);
  tbs[at - outerHeader] = 0;
  const tbsFile = `${certFile}.tbs`;
  await Deno.writeFile(tbsFile, tbs);
  const signature = await openssl(["dgst", "-sha256", "-sign", authority.caKeyFile, tbsFile]);
  const algorithmBytes = headerBytes(der, tbsEnd) + contentBytes(der, tbsEnd);
  const algorithm = der.slice(tbsEnd, tbsEnd + algorithmBytes);
  const content = [...tbs, ...algorithm, 0x03, ...lengthOf(signature.length + 1), 0, ...signature];
  const forged = Uint8Array.from([0x30, ...lengthOf(content.length), ...content]);
  await Deno.writeFile(`${certFile}.der`, forged);
  await openssl(["x509", "-inform", "DER", "-in", `${certFile}.der`, "-out", `${certFile}.nul`]);
  return { certFile: `${certFile}.nul`, keyFile };
}

function headerBytes(der: Uint8Array, at: number): number {
  return der[at + 1]! < 0x80 ? 2 : 2 + (der[at + 1]! & 0x7f);
}

function contentBytes(der: Uint8Array, at: number): number {
  if (der[at + 1]! < 0x80) return der[at + 1]!;
  return der.slice(at + 2, at + headerBytes(der, at)).reduce((sum, byte) => sum * 256 + byte, 0);
}

function lengthOf(bytes: number): number[] {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
}
