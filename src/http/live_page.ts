/**
 * The page at `/`.
 *
 * @module
 */

import type { HttpResponse } from "./http_response.ts";

/** What the port serves, for people. */
export const LIVE_PAGE: HttpResponse = {
  contentType: "text/html; charset=utf-8",
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rafka</title>
<h1>Rafka</h1>
<ul>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/healthz">Health</a>, <a href="/readyz">readiness</a></li>
<li>State: <a href="/api/status">status</a>, <a href="/api/connections">connections</a>,
<a href="/api/groups">groups</a>, <a href="/api/failures">failures</a></li>
</ul>
</html>
`,
};
