/**
 * The page at `/`: what flows, as it happens. One file, without outside sources; names are only ever set as text.
 *
 * @module
 */

import type { HttpResponse } from "./http_response.ts";
import { LIVE_SCRIPT } from "./live_script.ts";
import { LIVE_STYLE } from "./live_style.ts";

/** The page; its style and script count with the nonce of this response only. */
export function livePage(): HttpResponse {
  const nonce = crypto.randomUUID();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    contentType: "text/html; charset=utf-8",
    contentSecurityPolicy: policy.join("; "),
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Rafka</title>
<style nonce="${nonce}">${LIVE_STYLE}</style>
<header>
  <h1>Rafka</h1>
  <p id="state" role="status" aria-live="polite">Connecting to the gateway …</p>
</header>
<main>
  <section aria-label="Flow">
    <dl id="tiles"></dl>
    <figure>
      <div class="plot">
        <svg id="chart" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img"
          aria-label="Messages a second: nothing is known yet"></svg>
        <p class="axis" id="top" aria-hidden="true"></p>
        <p class="axis" id="middle" aria-hidden="true"></p>
        <p class="axis" id="from" aria-hidden="true"></p>
      </div>
      <figcaption><span>Messages a second</span>
        <span class="key in">produced, at most <span id="peak-in">0</span></span>
        <span class="key out">consumed, at most <span id="peak-out">0</span></span>
        <span class="key not">not delivered</span></figcaption>
    </figure>
  </section>
  ${section("groups", "Groups", "the most lag first", { find: "groups or topics" })}
  ${
      section("lag", "Partitions", "the most lag first", {
        find: "groups or topics of partitions",
        isClosed: true,
      })
    }
  ${section("topics", "Topics", "the most messages first", { find: "topics" })}
  ${section("connections", "Connections", "the oldest first", { find: "connections" })}
  ${section("failures", "Failures", "the latest first", {})}
  ${section("brokers", "Brokers", "as the gateway's own clients see them", {})}
</main>
<footer><a href="/metrics">Metrics</a> <a href="/healthz">Health</a> <a href="/readyz">Readiness</a>
  <span id="about"></span></footer>
<script nonce="${nonce}">${LIVE_SCRIPT}</script>
</html>
`,
  };
}

/** A table that is filled while it is open. */
function section(
  id: string,
  title: string,
  order: string,
  { find, isClosed }: { readonly find?: string; readonly isClosed?: boolean },
): string {
  const search =
    `<label>Find ${find} <input type="search" id="${id}-search" autocomplete="off"></label>`;
  return `<details id="${id}" class="empty" ${isClosed ? "" : "open"}>
    <summary><h2>${title} <span id="${id}-count"></span>
      <span class="note" id="${id}-note"></span></h2></summary>
    ${find ? search : ""}
    <div class="scroll" tabindex="0" role="region" aria-label="${title}, to scroll"><table>
      <caption class="unseen">${title}, ${order}</caption><thead></thead><tbody></tbody></table></div>
    <p class="more"></p>
  </details>`;
}
