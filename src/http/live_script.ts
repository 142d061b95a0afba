/**
 * The script of the page at `/`. It is driven by the server-sent events: tables are read again when one arrives, only
 * those that are open, and not more often than the gateway answers.
 *
 * @module
 */

/** JavaScript; names reach the page as text, never as HTML. */
export const LIVE_SCRIPT = `
"use strict";
const byId = (id) => document.getElementById(id);
const SECONDS = 120;
const SILENT_MS = 5000;
const MAX_ROWS = 100;
const history = [];
let before, lastEventAt = 0;

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const show = (value) => value === undefined || value === null ? "" :
  typeof value === "number" ? (value < 10000 ? String(Math.round(value * 10) / 10) : compact.format(value)) :
  String(value);

const TILES = [
  ["produced a second", (m, r) => r("rafka_producer_produced_messages_total")],
  ["delivered a second", (m, r) => r("rafka_producer_delivered_messages_total")],
  ["consumed a second", (m, r) => r("rafka_consumer_consumed_messages_total")],
  ["acked a second", (m, r) => r("rafka_consumer_acked_messages_total")],
  ["not delivered", (m) => m.rafka_producer_failed_messages_total ?? 0, true],
  ["outstanding", (m) => m.rafka_outstanding_messages],
  ["lag", (m) => m.rafka_consumer_lag_messages ?? 0],
  ["connections", (m) => m.rafka_connected_clients],
  ["of them waiting", (m) => m.rafka_blocked_clients],
  ["commands a second", (m, r) => r("rafka_commands_total")],
];

const tiles = TILES.map(([name]) => {
  const tile = document.createElement("div");
  const value = document.createElement("b");
  const label = document.createElement("span");
  tile.className = "tile";
  value.textContent = "–";
  label.textContent = name;
  tile.append(value, label);
  byId("tiles").append(tile);
  return { tile, value };
});

function state(text, kind) {
  const element = byId("state");
  if (element.textContent !== text) element.textContent = text;
  element.className = kind;
  document.body.classList.toggle("cut", kind === "bad cut");
}

function onStatus(status) {
  const now = performance.now();
  lastEventAt = now;
  const { metrics } = status;
  const seconds = before ? (now - before.at) / 1000 : 1;
  const isSame = before && before.runId === status.runId;
  const rate = (name) =>
    isSame ? Math.max(0, (metrics[name] ?? 0) - (before.metrics[name] ?? 0)) / seconds : 0;
  TILES.forEach(([, read, isBad], at) => {
    const value = read(metrics, rate);
    tiles[at].value.textContent = show(value ?? 0);
    tiles[at].tile.classList.toggle("bad", Boolean(isBad && value > 0));
  });
  history.push([rate("rafka_producer_produced_messages_total"), rate("rafka_consumer_consumed_messages_total")]);
  if (history.length > SECONDS) history.shift();
  draw();
  before = { at: now, metrics, runId: status.runId };
  state(status.ready ? "Ready" : status.reason, status.ready ? "ready" : "bad");
  byId("about").textContent = "Rafka " + status.version + ", up for " + duration(status.uptimeSeconds);
  document.title = (status.ready ? "" : "! ") + "Rafka";
  for (const table of TABLES) void table.refresh();
}

function duration(seconds) {
  if (seconds < 120) return seconds + " s";
  if (seconds < 7200) return Math.floor(seconds / 60) + " min";
  return Math.floor(seconds / 3600) + " h";
}

function draw() {
  const peak = Math.max(1, ...history.flat());
  byId("peak").textContent = show(Math.max(...history.flat()));
  const lines = ["in", "out"].map((name, which) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("class", name);
    const from = SECONDS - history.length;
    line.setAttribute("points", history.map((both, at) =>
      (from + at) + "," + (39 - 38 * both[which] / peak)).join(" "));
    return line;
  });
  byId("chart").replaceChildren(...lines);
}

class Table {
  #busy = false;
  constructor(id, columns, read) {
    this.id = id;
    this.columns = columns;
    this.read = read;
    byId(id).addEventListener("toggle", () => void this.refresh());
    byId(id + "-search")?.addEventListener("input", () => void this.refresh());
  }
  get search() {
    return (byId(this.id + "-search")?.value ?? "").trim();
  }
  async refresh() {
    if (this.#busy || !byId(this.id).open) return;
    this.#busy = true;
    try {
      const { rows, total } = await this.read(this.search);
      this.#fill(rows, total);
    } catch {
      // the gateway is away: the stream of events says so
    }
    this.#busy = false;
  }
  #fill(rows, total) {
    const head = document.createElement("tr");
    head.append(...this.columns.map(([title, , isNumber]) => this.#cell("th", title, isNumber)));
    const body = rows.slice(0, MAX_ROWS).map((row) => {
      const line = document.createElement("tr");
      line.append(...this.columns.map(([, get, isNumber]) => this.#cell("td", show(get(row)), isNumber)));
      return line;
    });
    const table = byId(this.id).querySelector("table");
    const [thead, tbody] = [document.createElement("thead"), document.createElement("tbody")];
    thead.append(head);
    tbody.append(...body);
    table.replaceChildren(thead, tbody);
    byId(this.id + "-count").textContent = total;
    const more = total - body.length;
    byId(this.id).querySelector(".more").textContent = more > 0 ? "and " + more + " more" :
      total === 0 ? "none" : "";
  }
  #cell(kind, text, isNumber) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    if (kind === "th") cell.scope = "col";
    if (isNumber) cell.className = "number";
    return cell;
  }
}

async function ask(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

function found(rows, search, names) {
  const kept = rows.filter((row) => search === "" || names.some((name) => String(row[name]).includes(search)));
  return { rows: kept, total: kept.length };
}

const number = (title, name) => [title, (row) => row[name], true];
const text = (title, name) => [title, (row) => row[name], false];

const TABLES = [
  new Table("topics", [text("topic", "topic"), number("produced", "produced"), number("delivered", "delivered"),
    number("failed", "failed"), number("consumed", "consumed"), number("acked", "acked")],
  async (search) => {
    const { topics } = await ask("/api/topics");
    const sorted = topics.sort((a, b) => (b.produced ?? b.consumed ?? 0) - (a.produced ?? a.consumed ?? 0));
    return found(sorted, search, ["topic"]);
  }),
  new Table("lag", [text("group", "group"), text("topic", "topic"), number("partition", "partition"),
    number("lag", "lag")],
  async (search) => {
    const { lag } = await ask("/api/lag");
    return found(lag.sort((a, b) => b.lag - a.lag), search, ["group", "topic"]);
  }),
  new Table("connections", [text("name", "name"), text("address", "address"), text("user", "user"),
    text("command", "command"), ["state", (row) => row.held ? "held" : row.blocked ? "waits" :
      row.monitoring ? "monitors" : "", false],
    ["age", (row) => duration(Math.floor(row.ageMs / 1000)), true],
    ["idle", (row) => duration(Math.floor(row.idleMs / 1000)), true],
    number("outstanding", "outstanding"), ["consumes", (row) => row.topics?.join(", "), false],
    number("partitions", "partitions")],
  async (search) => {
    const { connections, total } = await ask("/api/connections?count=" + MAX_ROWS + "&match=" +
      encodeURIComponent(search));
    return { rows: connections, total };
  }),
  new Table("failures", [["time", (row) => new Date(row.timeMs).toLocaleTimeString(), false],
    text("topic", "topic"), text("client", "client"), text("error", "error"), text("reason", "reason"),
    ["stored?", (row) => row.possiblyPersisted ? "maybe" : "no", false]],
  async () => {
    const { failures } = await ask("/api/failures?count=" + MAX_ROWS);
    return { rows: failures, total: failures.length };
  }),
  new Table("brokers", [number("id", "id"), text("address", "address"),
    ["state", (row) => row.up === true ? "up" : row.up === false ? "down" : "not needed", false],
    ["round trip ms", (row) => row.roundTripSeconds === undefined ? "" : (row.roundTripSeconds * 1000).toFixed(2), true],
    ["throttled ms", (row) => (row.throttleSeconds * 1000).toFixed(1), true]],
  async () => {
    const { brokers } = await ask("/api/brokers");
    return { rows: brokers, total: brokers.length };
  }),
];

const events = new EventSource("/api/events");
events.addEventListener("status", (event) => onStatus(JSON.parse(event.data)));
events.addEventListener("error", () => state("Cut off from the gateway: trying again", "bad cut"));
setInterval(() => {
  if (lastEventAt > 0 && performance.now() - lastEventAt > SILENT_MS) {
    state("Cut off from the gateway: nothing for " + Math.round((performance.now() - lastEventAt) / 1000) + " s",
      "bad cut");
  }
}, 1000);
`;
