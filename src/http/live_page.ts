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
    <div id="tiles"></div>
    <figure>
      <svg id="chart" viewBox="0 0 120 40" preserveAspectRatio="none" role="img"
        aria-label="Messages a second in the last two minutes"></svg>
      <figcaption><span class="in">produced</span> <span class="out">consumed</span>
        messages a second, two minutes; at most <output id="peak">0</output></figcaption>
    </figure>
  </section>
  ${section("topics", "Topics", true)}
  ${section("lag", "Groups and their lag", true)}
  ${section("connections", "Connections", true)}
  ${section("failures", "Failures", false)}
  ${section("brokers", "Brokers", false)}
</main>
<footer><a href="/metrics">Metrics</a> <a href="/healthz">Health</a> <a href="/readyz">Readiness</a>
  <span id="about"></span></footer>
<script nonce="${nonce}">${LIVE_SCRIPT}</script>
</html>
`,
  };
}

/** A table that is filled while it is open. */
function section(id: string, title: string, hasSearch: boolean): string {
  const search = `<label>Find <input type="search" id="${id}-search" autocomplete="off"></label>`;
  return `<details id="${id}" open>
    <summary><h2>${title} <output id="${id}-count"></output></h2></summary>
    ${hasSearch ? search : ""}
    <div class="scroll" tabindex="0" role="region" aria-label="${title}"><table></table></div>
    <p class="more"></p>
  </details>`;
}
