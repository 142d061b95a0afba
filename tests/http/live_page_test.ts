/**
 * The page at `/` in Chromium: counts rise as messages flow, the gateway's end is said, names are text.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";
import { BrowserPage } from "../support/browser.ts";
import { get } from "../support/http.ts";
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
      await page.until(`Number(${textOf("peak")}) > 0`);
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
