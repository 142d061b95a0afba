/**
 * The tables of the page at `/`: rows stay the same elements while their figures change, so that the keyboard's focus
 * and a selection do, too.
 *
 * @module
 */

/** JavaScript; names reach the page as text, never as HTML. */
export const LIVE_TABLES = `
const MAX_ROWS = 100;
const TREND = 60;

function element(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

class Table {
  #busy = false;
  #rows = new Map();
  /** A column has a title, and of a row its text, or what draws it; it may be a number, and tell how bad that is. */
  constructor(id, everySeconds, columns, read) {
    Object.assign(this, { id, everySeconds, columns, read, tick: 0 });
    this.box = byId(id);
    this.body = this.box.querySelector("tbody");
    this.box.querySelector("thead").append(this.#head());
    this.box.addEventListener("toggle", () => void this.refresh());
    byId(id + "-search")?.addEventListener("input", () => void this.refresh());
  }
  #head() {
    const head = element("tr");
    head.append(...this.columns.map(({ title, isNumber }) => {
      const cell = element("th", isNumber ? "number" : "", title);
      cell.scope = "col";
      return cell;
    }));
    return head;
  }
  onEvent() {
    if (this.tick++ % this.everySeconds === 0) void this.refresh();
  }
  async refresh() {
    if (this.#busy || !this.box.open) return;
    this.#busy = true;
    try {
      const search = (byId(this.id + "-search")?.value ?? "").trim();
      const { rows, total, note } = await this.read("?count=" + MAX_ROWS + "&match=" + encodeURIComponent(search));
      this.#fill(rows.slice(0, MAX_ROWS));
      setText(byId(this.id + "-count"), String(total));
      setText(byId(this.id + "-note"), note ?? "");
      const more = total - Math.min(rows.length, MAX_ROWS);
      setText(this.box.querySelector(".more"), more > 0 ? "and " + compact.format(more) + " more" :
        total === 0 ? (search ? "None has “" + search + "” in its name" : "None") : "");
    } catch {
      // the gateway is away: the stream of events says so
    }
    this.#busy = false;
  }
  #fill(rows) {
    const focused = document.activeElement;
    const old = this.#rows;
    this.#rows = new Map();
    rows.forEach((row, at) => {
      let key = row.key;
      while (this.#rows.has(key)) key += " ";
      const line = old.get(key) ?? this.#line();
      old.delete(key);
      this.#rows.set(key, line);
      this.columns.forEach((column, which) => this.#show(line.cells[which], column, row));
      if (this.body.rows[at] !== line) this.body.insertBefore(line, this.body.rows[at] ?? null);
    });
    for (const line of old.values()) line.remove();
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
    this.box.classList.toggle("empty", rows.length === 0);
  }
  #line() {
    const line = element("tr");
    line.append(...this.columns.map(({ isNumber }, at) => {
      const cell = element(at === 0 ? "th" : "td", isNumber ? "number" : "");
      if (at === 0) cell.scope = "row";
      return cell;
    }));
    return line;
  }
  #show(cell, { get, draw, isBad }, row) {
    if (draw) draw(cell, row);
    else setText(cell, show(get(row)));
    cell.classList.toggle("bad", Boolean(isBad?.(row)));
  }
}

async function ask(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

const number = (title, name, isBad) => ({ title, get: (row) => row[name], isNumber: true, isBad });
const text = (title, name) => ({ title, get: (row) => row[name] });
const list = (title, name, more) => ({ title, get: (row) => {
  const names = row[name] ?? [];
  const left = (more ? row[more] : names.length) - names.length;
  return names.join(", ") + (left > 0 ? " and " + left + " more" : "");
} });

/** How much counters grow in a second, by key. */
function rates(names) {
  let before = new Map(), beforeAt = 0;
  return (rows) => {
    const now = performance.now(), seconds = (now - beforeAt) / 1000;
    for (const row of rows) {
      const then = before.get(row.key);
      if (!then) continue;
      for (const name of names) {
        row[name + "Rate"] = Math.max(0, (row[name] ?? 0) - (then[name] ?? 0)) / seconds;
      }
    }
    before = new Map(rows.map((row) => [row.key, row]));
    beforeAt = now;
  };
}

const topicRates = rates(["produced", "consumed"]);
const lags = new Map();

/** Of a group's lag: a line, and a word for those who do not see it. */
function drawTrend(cell, row) {
  const all = lags.get(row.key) ?? [];
  lags.delete(row.key);
  if (row.lag !== undefined) all.push(row.lag);
  if (all.length > TREND) all.shift();
  lags.set(row.key, all);
  if (lags.size > 1000) lags.delete(lags.keys().next().value); // the one seen longest ago
  if (!cell.firstChild) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 60 20");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "polyline"));
    cell.append(svg, element("span"));
  }
  const peak = Math.max(1, ...all);
  const from = TREND - all.length;
  cell.querySelector("polyline").setAttribute("points",
    all.map((lag, at) => (from + at) + "," + (19 - 18 * lag / peak)).join(" "));
  const recent = all.slice(-15); // half a minute
  const grown = recent.length < 2 ? 0 : recent.at(-1) - recent[0];
  setText(cell.lastChild, recent.length < 2 ? "" : grown > 0 ? "▲ grows" : grown < 0 ? "▼ shrinks" : "steady");
  cell.classList.toggle("grows", grown > 0);
}

/** A group's name opens its partitions. */
function drawGroup(cell, row) {
  if (!cell.firstChild) {
    const button = element("button");
    button.type = "button";
    button.addEventListener("click", () => {
      byId("lag").open = true;
      byId("lag-search").value = button.textContent;
      byId("lag-search").dispatchEvent(new Event("input"));
      byId("lag-search").focus();
    });
    cell.append(button);
  }
  setText(cell.firstChild, row.group);
}

function stateOf(row) {
  const { blocked, held, monitoring, subscriptions } = row;
  return [held && "held", blocked && "waits", monitoring && "monitors",
    subscriptions > 0 && "subscribes to " + subscriptions].filter(Boolean).join(", ");
}

const TABLES = [
  new Table("groups", 2, [{ title: "group", draw: drawGroup }, number("lag", "lag"),
    { title: "trend", draw: drawTrend }, number("workers (BLPOP)", "workers"),
    number("consumers (streams)", "consumers"), number("waiting", "waiting"), number("pending", "pending"),
    number("partitions", "partitions"), number("held up", "heldUp", (row) => row.heldUp > 0),
    list("topics", "topics", "topicCount")],
  async (query) => {
    const { groups, total } = await ask("/api/groups" + query);
    return { rows: groups.map((row) => ({ ...row, key: row.group })), total };
  }),
  new Table("lag", 5, [text("group", "group"), text("topic", "topic"), number("partition", "partition"),
    number("lag", "lag")],
  async (query) => {
    const { lag, total } = await ask("/api/lag" + query);
    return { rows: lag.map((row) => ({ ...row, key: row.group + ":" + row.topic + ":" + row.partition })), total };
  }),
  new Table("topics", 1, [text("topic", "topic"), number("produced", "produced"),
    number("a second", "producedRate"), number("delivered", "delivered"),
    number("not delivered", "failed", (row) => row.failed > 0), number("consumed", "consumed"),
    number("a second", "consumedRate"), number("acked", "acked")],
  async (query) => {
    const { topics, total } = await ask("/api/topics" + query);
    const rows = topics.map((row) => ({ ...row, key: row.topic }));
    topicRates(rows);
    return { rows, total };
  }),
  new Table("connections", 1, [{ title: "name", get: (row) => row.name || "–" }, text("address", "address"),
    text("user", "user"), text("command", "command"), { title: "state", get: stateOf },
    { title: "age", get: (row) => duration(Math.floor(row.ageMs / 1000)), isNumber: true },
    { title: "idle", get: (row) => duration(Math.floor(row.idleMs / 1000)), isNumber: true },
    number("outstanding", "outstanding"), list("consumes", "topics"), number("partitions", "partitions")],
  async (query) => {
    const { connections, total } = await ask("/api/connections" + query);
    return { rows: connections.map((row) => ({ ...row, key: String(row.id) })), total };
  }),
  new Table("failures", 1, [{ title: "time", get: (row) => new Date(row.timeMs).toLocaleTimeString() },
    text("topic", "topic"), text("client", "client"), { ...text("error", "error"), isBad: () => true },
    text("reason", "reason"), { title: "stored?", get: (row) => row.possiblyPersisted ? "maybe" : "no" }],
  async (query) => {
    const { failures, total } = await ask("/api/failures" + query);
    const rows = failures.map((row) => ({ ...row, key: row.timeMs + row.topic + row.client }));
    return { rows, total };
  }),
  new Table("brokers", 5, [number("id", "id"), text("address", "address"),
    { title: "state", get: (row) => row.up === true ? "up" : row.up === false ? "down" : "not needed",
      isBad: (row) => row.up === false },
    { title: "round trip ms", isNumber: true,
      get: (row) => row.roundTripSeconds === undefined ? "" : (row.roundTripSeconds * 1000).toFixed(2) },
    { title: "throttled ms", isNumber: true, get: (row) => (row.throttleSeconds * 1000).toFixed(1) }],
  async () => {
    const { brokers } = await ask("/api/brokers");
    const down = brokers.filter(({ up }) => up === false).length;
    return { rows: brokers.map((row) => ({ ...row, key: String(row.id) })), total: brokers.length,
      note: down > 0 ? down + " down" : "" };
  }),
];
`;
