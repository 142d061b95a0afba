/**
 * A gateway inside the test's process, on a free port: with an embedded cluster, or with a real Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { CommandTable } from "../../src/commands/registry.ts";
import { parseConfig } from "../../src/config/load.ts";
import { TIMEOUTS, type Timeouts } from "../../src/config/timeouts.ts";
import { type Library, libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { Gateway } from "../../src/app/gateway.ts";
import { TestClient, type TlsOptions } from "./client.ts";

/** Options of a test's gateway. */
export interface GatewayOptions {
  /** The configuration file; embedded Kafka unless it names a real one in `general`. */
  readonly config?: {
    readonly general?: Record<string, string | number | boolean>;
    readonly consumer?: Record<string, string | number | boolean>;
    readonly producer?: Record<string, string | number | boolean>;
    readonly server?: Record<string, unknown>;
  };
  /** A library other than the built one. */
  readonly libraryPath?: string;
  /** Commands other than Rafka's. */
  readonly commands?: CommandTable;
  /** Timeouts other than Rafka's. */
  readonly timeouts?: Partial<Timeouts>;
}

/** A running gateway; its end checks that no native handle is left. */
export class TestGateway implements AsyncDisposable {
  readonly rafka: Gateway;
  readonly library: Library;

  private constructor(rafka: Gateway, library: Library) {
    this.rafka = rafka;
    this.library = library;
  }

  static async start(options: GatewayOptions = {}): Promise<TestGateway> {
    const { config = {} } = options;
    const withTls = Boolean(config.server?.tls);
    const library = openLibrary(libraryCandidates(options.libraryPath), { withTls });
    const server = { host: "127.0.0.1", port: 0, ...config.server };
    const rafka = await Gateway.start({
      config: parseConfig(JSON.stringify({ ...config, server }), "the test's configuration"),
      library,
      dev: config.general?.["bootstrap.servers"] === undefined,
      version: "test",
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      ...(options.commands && { commands: options.commands }),
    });
    return new TestGateway(rafka, library);
  }

  get port(): number {
    return this.rafka.port;
  }

  async connect(): Promise<TestClient> {
    return await TestClient.connect(this.port);
  }

  async connectTls(options: TlsOptions): Promise<TestClient> {
    return await TestClient.connectTls(this.tlsPort, options);
  }

  get tlsPort(): number {
    return this.rafka.tlsPort!;
  }

  /** Opens a connection that may consume. */
  async connectAs(name: string): Promise<TestClient> {
    const client = await this.connect();
    const ok = this.rafka.server.state.settings.dialect === "readme" ? "$2\r\nOK\r\n" : "+OK\r\n";
    assert.equal(await client.ask("CLIENT", "SETNAME", name), ok);
    return client;
  }

  /** Waits until the gateway has this many connections, and no consumer that is still leaving its group. */
  async untilSessions(count: number, deadlineMs = 20_000): Promise<void> {
    const { server } = this.rafka;
    await until(
      () =>
        server.sessionCount === count && server.state.principals.own.cluster.departures.count === 0,
      `${count} sessions`,
      deadlineMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rafka.stop();
    // unloading the library while its threads run would end the process
    await until(() => this.library.handles.ending === 0, "librdkafka to end its clients", 60_000);
    assert.deepEqual(this.library.handles.open, {}, "native handles that nobody has closed");
  }
}

/** Waits until `condition` holds; checks it in each turn of the event loop's timers. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!await condition()) {
    assert.ok(performance.now() < deadline, `Waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Stalls the event loop, so that all events meanwhile (a message, bytes of a client, its disconnect) arrive in one
 * turn.
 */
export function holdUpEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** A unique name for a topic or a group. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}
