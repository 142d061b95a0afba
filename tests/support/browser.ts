/**
 * Chromium without a window, driven by its DevTools protocol.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 * @module
 */
import assert from "node:assert/strict";
import { until } from "./gateway.ts";
import { signalProcess } from "./signal_process.ts";

const DEADLINE_MS = 60_000;

interface Reply {
  readonly id?: number;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
  // deno-lint-ignore no-explicit-any
  readonly result?: any;
}

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** One page. */
export class BrowserPage implements AsyncDisposable {
  /** Errors on the console, exceptions, and what a policy has refused. */
  readonly errors: string[] = [];
  /** What it has asked for. */
  readonly requests: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #log: Promise<void>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 0;

  private constructor(
    process: Deno.ChildProcess,
    folder: string,
    log: Promise<void>,
    socket: WebSocket,
  ) {
    this.#process = process;
    this.#folder = folder;
    this.#log = log;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#onMessage(JSON.parse(data));
  }

  static async open(url: string): Promise<BrowserPage> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-chromium-" });
    const process = new Deno.Command("chromium", {
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--remote-debugging-port=0",
        `--user-data-dir=${folder}`,
        "about:blank",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
    const log = readLog(process, (text) => {
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port) resolve(Number(port));
    }).then((text) => reject(new Error(`Chromium has ended:\n${text}`)));
    listening.catch(() => {}); // its end comes later, too
    const port = await listening;
    let address: string | undefined;
    await until(async () => (address = await pageAt(port)) !== undefined, "a page", DEADLINE_MS);
    const socket = new WebSocket(address!);
    await new Promise((opened) => socket.onopen = opened);
    const page = new BrowserPage(process, folder, log, socket);
    for (const domain of ["Runtime", "Log", "Page", "Network"]) await page.call(`${domain}.enable`);
    await page.call("Page.navigate", { url });
    return page;
  }

  // deno-lint-ignore no-explicit-any
  async call(method: string, params: Record<string, unknown> = {}): Promise<any> {
    const id = ++this.#next;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await promise).result;
  }

  /** The value of an expression in the page, text or number. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.call("Runtime.evaluate", { expression, returnByValue: true });
    return result.value;
  }

  /** Waits until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (await this.evaluate(expression) !== true) {
      if (performance.now() > deadline) {
        assert.fail(
          `${expression} is not true in:\n${await this.evaluate("document.body.innerText")}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Another tab comes before this one. */
  async hide(): Promise<void> {
    await this.call("Target.createTarget", { url: "about:blank" });
    await this.until("document.hidden");
  }

  /** This tab comes before the others. */
  async bringToFront(): Promise<void> {
    await this.call("Page.bringToFront");
    await this.until("!document.hidden");
  }

  /** What a screen reader is told: of each element with this role its name. */
  async namesOf(role: string): Promise<string[]> {
    const { nodes } = await this.call("Accessibility.getFullAXTree");
    return (nodes as AccessibleNode[])
      .filter((node) => !node.ignored && node.role?.value === role)
      .map((node) => node.name?.value ?? "");
  }

  /** A picture, PNG. */
  async screenshot(width: number, height: number, isDark: boolean): Promise<Uint8Array> {
    await this.call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    const features = [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }];
    await this.call("Emulation.setEmulatedMedia", { features });
    const { data } = await this.call("Page.captureScreenshot", { captureBeyondViewport: false });
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#socket.onclose = () => resolve();
    signalProcess(this.#process, "SIGKILL");
    await closed;
    await this.#process.status;
    await this.#log;
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {}); // its children may still write
  }

  #onMessage({ id, method, params, result }: Reply): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ result });
      this.#waiting.delete(id);
    } else if (method === "Runtime.exceptionThrown") {
      this.errors.push(JSON.stringify(params.exceptionDetails));
    } else if (method === "Network.requestWillBeSent") {
      this.requests.push(params.request.url);
    } else if (method === "Log.entryAdded" && params.entry.level === "error") {
      this.errors.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    }
  }
}

/** Where its first page is driven; it may listen before it has one. */
async function pageAt(port: number): Promise<string | undefined> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  return targets.find(({ type }: { type: string }) => type === "page")?.webSocketDebuggerUrl;
}

async function readLog(
  { stderr }: Deno.ChildProcess,
  onText: (text: string) => void,
): Promise<string> {
  let log = "";
  for await (const text of stderr.pipeThrough(new TextDecoderStream())) onText(log += text);
  return log;
}
