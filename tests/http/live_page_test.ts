/**
 * The page at `/` in Chromium: counts rise as messages flow, the gateway's end is said, names are text.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { LIVE_STYLE } from "../../src/http/live_style.ts";
import { BrowserPage } from "../support/browser.ts";
import { EventReader } from "../support/event_reader.ts";
import { get } from "../support/http.ts";
import { onBrokers, TestCluster, type TestConfig } from "../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { hasChromium } from "../support/machine.ts";

/** Where to keep pictures, for people. */
const pictures = Deno.env.get("RAFKA_TEST_PICTURES");

async function keep(
  page: BrowserPage,
  name: string,
  width: number,
  isDark: boolean,
): Promise<void> {
  const picture = await page.screenshot(width, 1_400, isDark);
  assert.ok(picture.length > 10_000, "there is something on it");
  if (pictures) await Deno.writeFile(`${pictures}/${name}.png`, picture);
}

function rows(table: string): string {
  return `document.querySelectorAll("#${table} tbody tr").length`;
}

function textOf(id: string): string {
  return `document.getElementById("${id}").textContent`;
}

/** Of each element its text, with commas between. */
function cells(selector: string): string {
  return `[...document.querySelectorAll("${selector}")].map((one) => one.textContent).join()`;
}

const GROUP_COLUMNS = [
  "group",
  "lag",
  "trend",
  "workers (BLPOP)",
  "consumers (streams)",
  "waiting",
  "pending",
  "partitions",
  "held up",
  "topics",
];

Deno.test({
  name: "the page shows messages as they flow, and says when it is cut off",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    const gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    await using page = await BrowserPage.open(`http://localhost:${gateway.rafka.httpPort}/`);
    try {
      await page.until(`${textOf("state")} === "Ready"`);
      await page.until(`${rows("connections")} === 0`);
      await keep(page, "idle", 1_200, false);

      using producer = await gateway.connect();
      using worker = await gateway.connectAs("shop:<img/src=x/onerror=alert(1)>");
      const waiting = worker.pop("topics:orders", 60);
      await page.until(`${rows("connections")} === 2`);
      await page.until(`${textOf("connections")}.includes("<img/src=x/onerror=alert(1)>")`);
      assert.equal(await page.evaluate(`document.querySelectorAll("img").length`), 0);
      const produced = `Number(document.querySelector("#topics tbody td.number")?.textContent)`;
      await producer.ask("RPUSHX", "topics:orders", "one");
      await page.until(`${produced} === 1`);
      await producer.ask("RPUSHX", "topics:orders", "two", "three");
      await page.until(`${produced} === 3`);
      assert.equal((await waiting)?.value, "one");
      await page.until(`Number(${textOf("peak-in")}) > 0`);
      await keep(page, "flow", 1_200, true);
      await keep(page, "phone", 390, true);
      assert.equal(
        await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
        true,
        "a phone need not scroll sideways",
      );
      assert.deepEqual(page.errors, []);
    } finally {
      await gateway[Symbol.asyncDispose]();
    }
    await page.until(`${textOf("state")}.startsWith("Cut off from the gateway")`);
    await keep(page, "cut-off", 1_200, false);
  },
});

Deno.test({
  name: "a group is shown with its workers and lag, and opens its partitions by the keyboard",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    await using page = await BrowserPage.open(`http://localhost:${gateway.rafka.httpPort}/`);
    using producer = await gateway.connect();
    using worker = await gateway.connectAs("shop:one");
    using subscriber = await gateway.connect();
    await subscriber.ask("SUBSCRIBE", "news");
    await producer.ask("RPUSHX", "topics:orders", "one");
    assert.equal((await worker.pop("topics:orders", 20))?.value, "one");
    await worker.ask("RPUSH", "acks", "orders:0:0");
    await page.until(`${textOf("groups")}.includes("orders")`);
    await page.until(`${textOf("connections")}.includes("subscribes to 1")`);
    assert.deepEqual(await page.evaluate(cells("#groups thead th")), GROUP_COLUMNS.join());
    const row = cells("#groups tbody :is(th, td)");
    await page.until(`/^shop,\\d*,[^,]*,1,0,0,0,4,0,orders$/.test(${row})`);
    await page.evaluate(`document.querySelector("#groups tbody button").focus()`);
    const ticks = await EventReader.open(gateway.rafka.httpPort!);
    for (let i = 0; i < 4; i++) await ticks.next();
    ticks.close();
    assert.equal(
      await page.evaluate("document.activeElement.textContent"),
      "shop",
      "the focus stays while figures change",
    );
    await page.call("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", text: "\r" });
    await page.until(`document.getElementById("lag").open`);
    assert.equal(await page.evaluate(`document.activeElement.id`), "lag-search");
    assert.equal(await page.evaluate(`document.activeElement.value`), "shop");
    await keep(page, "group", 1_200, false);
    assert.deepEqual(page.errors, []);
  },
});

Deno.test({
  name: "of a thousand topics the page shows a hundred, and finds the others",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    const { messages } = gateway.rafka.server.state.telemetry;
    for (let i = 0; i < 1_000; i++) messages.produced.of(`topic-${i}`).total += 2_000 - i;
    const port = gateway.rafka.httpPort!;
    const { body } = await get(port, "/api/topics?count=100&match=");
    assert.ok(body.length < 10_000, `${body.length} bytes`);
    await using page = await BrowserPage.open(`http://localhost:${port}/`);
    await page.until(`${rows("topics")} === 100`);
    assert.equal(await page.evaluate(cells("#topics tbody tr:first-child th")), "topic-0");
    assert.equal(await page.evaluate(cells("#topics .more")), "and 900 more");
    await page.evaluate(`const box = document.getElementById("topics-search");
      box.value = "topic-999";
      box.dispatchEvent(new Event("input"))`);
    await page.until(`${cells("#topics tbody tr th")} === "topic-999"`);
    assert.deepEqual(page.errors, []);
  },
});

/** A Kafka of one broker, which ends and comes back. */
interface Broker {
  readonly config: TestConfig;
  readonly end: () => void | Promise<unknown>;
  readonly start: () => void | Promise<unknown>;
}

async function seeBrokerDown(kafka: Broker, picture: string): Promise<void> {
  await using gateway = await TestGateway.start({
    config: {
      ...kafka.config,
      server: { http: { port: 0 } },
      producer: { "message.timeout.ms": 3_000 },
    },
  });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:orders", "one"), ":1\r\n");
  assert.equal(await client.ask("DUMP", 60_000), ":0\r\n");
  await using page = await BrowserPage.open(`http://localhost:${gateway.rafka.httpPort}/`);
  await page.until(`${textOf("state")} === "Ready"`);
  await page.until(`${cells("#brokers td:nth-child(3)")} === "up"`);
  assert.equal(await page.evaluate(cells(".bad")), "");
  await kafka.end();
  const values = Array.from({ length: 7 }, (_, at) => `${at}`);
  assert.equal(await client.ask("RPUSHX", "topics:orders", ...values), ":7\r\n");
  await page.until(`${cells("#topics td.bad")} === "7"`);
  await page.until(`${cells("#tiles .bad")} === "not delivered7"`);
  await page.until(`${cells("#brokers td.bad")} === "down"`);
  assert.equal(await page.evaluate(cells("#brokers-note")), "1 down");
  await page.until(`${textOf("state")}.includes("Kafka does not answer")`);
  await page.until(`${rows("failures")} === 7`);
  const red = await page.evaluate(
    `getComputedStyle(document.querySelector("#brokers td.bad")).color ===
      getComputedStyle(document.querySelector("#tiles .bad")).backgroundColor`,
  );
  assert.equal(red, true);
  await keep(page, picture, 1_200, false);
  await kafka.start();
  await page.until(`${textOf("state")} === "Ready"`);
  await page.until(`${cells("#brokers td:nth-child(3)")} === "up"`);
  assert.equal(await page.evaluate(cells("#brokers-note")), "");
}

Deno.test({
  name: "messages that were not delivered and a broker that is down are red, and said in words",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using kafka = await TestCluster.start();
    await seeBrokerDown({
      config: kafka.config(),
      end: () => kafka.mock.setBrokerUp(1, false),
      start: () => kafka.mock.setBrokerUp(1, true),
    }, "broker-down");
  },
});

Deno.test({
  name: "a broker that is killed is down on the page, until it is back (real Kafka)",
  ignore: !hasChromium || !hasKafkaTool,
  async fn(): Promise<void> {
    await using kafka = await KafkaCluster.start();
    await seeBrokerDown({
      config: onBrokers(kafka.bootstrapServers),
      end: () => kafka.run("kill", "1"),
      start: () => kafka.run("restart", "1"),
    }, "broker-killed");
  },
});

Deno.test({
  name: "a page that is not seen asks nothing, and goes on when it is seen again",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    const port = gateway.rafka.httpPort!;
    await using page = await BrowserPage.open(`http://localhost:${port}/`);
    await page.until(`${textOf("state")} === "Ready"`);
    await page.hide();
    const asked = page.requests.length;
    const others: EventReader[] = [];
    await until(async () => {
      const one = await EventReader.open(port).catch(() => undefined);
      if (one) others.push(one);
      return others.length === 20;
    }, "all 20 streams of events: the page has none");
    for (let i = 0; i < 4; i++) await others[0]!.next();
    for (const other of others) other.close();
    assert.deepEqual(page.requests.slice(asked), []);
    await page.bringToFront();
    await page.until(`${textOf("state")} === "Ready"`);
    using client = await gateway.connect();
    assert.equal(await client.ask("PING"), "+PONG\r\n");
    await page.until(`${rows("connections")} === 1`);
  },
});

Deno.test({
  name: "a page that was refused its stream of events says so, and gets one when there is room",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    const port = gateway.rafka.httpPort!;
    const others: EventReader[] = [];
    for (let i = 0; i < 20; i++) others.push(await EventReader.open(port));
    await using page = await BrowserPage.open(`http://localhost:${port}/`);
    await page.until(`${textOf("state")}.startsWith("Cut off from the gateway")`);
    for (const other of others) other.close();
    await page.until(`${textOf("state")} === "Ready"`);
  },
});

Deno.test({
  name: "a screen reader is told what each table, field and picture is",
  ignore: !hasChromium,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
    await using page = await BrowserPage.open(`http://localhost:${gateway.rafka.httpPort}/`);
    await page.until(`${textOf("state")} === "Ready"`);
    using producer = await gateway.connectAs("shop:one");
    await producer.ask("RPUSHX", "topics:orders", "one");
    await producer.pop("topics:orders", 20);
    await page.until(`${rows("topics")} + ${rows("groups")} + ${rows("connections")} === 3`);
    const tables = await page.namesOf("table");
    for (const title of ["Groups", "Topics", "Connections"]) {
      assert.equal(tables.filter((name) => name.startsWith(`${title}, `)).length, 1, title);
    }
    assert.deepEqual(await page.namesOf("searchbox"), [
      "Find groups or topics",
      "Find topics",
      "Find connections",
    ]);
    const regions = await page.namesOf("region");
    assert.ok(regions.length > 0 && !regions.includes(""), String(regions));
    assert.equal((await page.namesOf("status")).length, 1, "only the state is announced");
    assert.deepEqual(await page.namesOf("button"), ["shop"]);
    assert.equal((await page.namesOf("rowheader")).join(), "shop,orders,shop:one");
    const [chart] = await page.namesOf("image");
    assert.match(chart!, /^Messages a second in the last \d+ s: produced [\d.]+ now, .* at most;/);
    assert.deepEqual(await withoutVisibleFocus(page), []);
  },
});

/** What the keyboard reaches without showing that it is there. */
async function withoutVisibleFocus(page: BrowserPage): Promise<unknown> {
  await page.call("Emulation.setFocusEmulationEnabled", { enabled: true });
  const bad = await page.evaluate(
    `[...document.querySelectorAll("summary, input, a, button, [tabindex]")]
    .filter((one) => one.checkVisibility())
    .filter((one) => {
      one.focus({ focusVisible: true });
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== "solid" || outlineWidth !== "3px";
    }).map((one) => one.outerHTML).join("\\n")`,
  );
  return bad === "" ? [] : bad;
}

Deno.test("each colour of text stands out from what it is on, in light and in dark", () => {
  const schemes = [...LIVE_STYLE.matchAll(/:root \{(.*?)\}/gs)].map(([, body]) =>
    new Map([...body!.matchAll(/--(\w+): (#\w+);/g)].map(([, name, colour]) => [name!, colour!]))
  );
  assert.equal(schemes.length, 2);
  for (const colours of schemes) {
    for (const [text, on, least] of CONTRASTS) {
      const ratio = contrast(colours.get(text)!, colours.get(on)!);
      assert.ok(ratio >= least, `${text} on ${on}: ${ratio.toFixed(2)}`);
    }
  }
});

/** WCAG 2.2: 4.5 for text, 3 for the edges of fields and for lines. */
const CONTRASTS: readonly (readonly [string, string, number])[] = [
  ...["ink", "dim", "in", "out", "bad"].map((text) => [text, "card", 4.5] as const),
  ...["ink", "dim", "in", "bad"].map((text) => [text, "paper", 4.5] as const),
  ...["in", "bad"].map((on) => ["on", on, 4.5] as const),
  ["ink", "line", 4.5],
  ["edge", "card", 3],
  ["edge", "paper", 3],
];

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/\w/g, "$&$&") : colour;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

Deno.test("the page loads nothing from elsewhere, and its policy allows nothing but itself", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const { headers, body } = await get(gateway.rafka.httpPort!, "/");
  assert.doesNotMatch(
    body.replaceAll("http://www.w3.org/2000/svg", ""),
    /https?:\/\/|@import|url\(/,
  );
  const policy = headers.get("content-security-policy")!;
  assert.match(policy, /^default-src 'none'; script-src 'nonce-([\w-]+)'; style-src 'nonce-\1';/);
  const [, nonce] = /nonce-([\w-]+)/.exec(policy)!;
  assert.equal(body.split(`nonce="${nonce}"`).length, 3);
  assert.doesNotMatch(body, /innerHTML|insertAdjacentHTML|document\.write/);
});
