/**
 * The tiles and the chart of the page at `/`: the latest figures, and the last two minutes.
 *
 * @module
 */

/** JavaScript. */
export const LIVE_CHART = `
const SVG = "http://www.w3.org/2000/svg";
const CHART_SECONDS = 120;
const LEAST_SECONDS = 10;
const RATES = {
  produced: "rafka_producer_produced_messages_total",
  consumed: "rafka_consumer_consumed_messages_total",
  failed: "rafka_producer_failed_messages_total",
};
const history = [];

const TILES = [
  ["produced a second", (m, r) => r(RATES.produced), "in"],
  ["consumed a second", (m, r) => r(RATES.consumed), "out"],
  ["lag", (m) => m.rafka_consumer_lag_messages],
  ["outstanding", (m) => m.rafka_outstanding_messages],
  ["not delivered", (m) => m[RATES.failed], "alarm"],
  ["delivered a second", (m, r) => r("rafka_producer_delivered_messages_total")],
  ["acked a second", (m, r) => r("rafka_consumer_acked_messages_total")],
  ["connections", (m) => m.rafka_connected_clients],
  ["of them waiting", (m) => m.rafka_blocked_clients],
  ["commands a second", (m, r) => r("rafka_commands_total")],
].map(([name, read, kind]) => {
  const tile = element("div", "tile " + (kind ?? ""));
  const label = element("dt", "", name), value = element("dd", "", "–");
  tile.append(label, value);
  byId("tiles").append(tile);
  return { tile, value, read, kind };
});

function showTiles(metrics, rate) {
  for (const { tile, value, read, kind } of TILES) {
    const figure = read(metrics, rate) ?? 0;
    setText(value, show(figure));
    if (kind === "alarm") tile.classList.toggle("bad", figure > 0);
  }
}

function addToChart(now, rate) {
  history.push({ at: now, produced: rate(RATES.produced), consumed: rate(RATES.consumed), failed: rate(RATES.failed) });
  while (history[0].at < now - CHART_SECONDS * 1000) history.shift();
  drawChart(now);
}

/** The next of 1, 2, 5, 10, 20, … */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= value);
}

function shape(kind, className, attributes) {
  const made = document.createElementNS(SVG, kind);
  made.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** It begins with the first event, and fills the width soon. */
function drawChart(now) {
  const seconds = Math.max(LEAST_SECONDS, (now - history[0].at) / 1000);
  const top = roundUp(Math.max(...history.flatMap(({ produced, consumed }) => [produced, consumed])));
  const x = ({ at }) => (1000 * (1 - (now - at) / 1000 / seconds)).toFixed(1);
  const y = (value) => (100 - 96 * value / top).toFixed(1);
  const grid = [4, 52].map((at) => shape("line", "grid", { x1: 0, x2: 1000, y1: at, y2: at }));
  const failures = history.filter(({ failed }) => failed > 0)
    .map((one) => shape("line", "failed", { x1: x(one), x2: x(one), y1: 4, y2: 100 }));
  const lines = [["in", "produced"], ["out", "consumed"]].flatMap(([className, name]) => {
    const points = history.map((one) => x(one) + "," + y(one[name]));
    const area = [x(history[0]) + ",100", ...points, "1000,100"];
    return [shape("polygon", className, { points: area.join(" ") }),
      shape("polyline", className, { points: points.join(" ") })];
  });
  byId("chart").replaceChildren(...grid, ...failures, ...lines);
  byId("chart").setAttribute("aria-label", chartText((now - history[0].at) / 1000));
  setText(byId("top"), show(top));
  setText(byId("middle"), show(top / 2));
  setText(byId("from"), duration(Math.round(seconds)) + " ago");
  setText(byId("peak-in"), show(peakOf("produced")));
  setText(byId("peak-out"), show(peakOf("consumed")));
}

function peakOf(name) {
  return Math.max(...history.map((one) => one[name]));
}

/** The chart in words. */
function chartText(seconds) {
  const words = ["produced", "consumed", "failed"].map((name) => {
    const mean = history.reduce((sum, one) => sum + one[name], 0) / history.length;
    return (name === "failed" ? "not delivered" : name) + " " + show(history.at(-1)[name]) + " now, " +
      show(mean) + " on average, " + show(peakOf(name)) + " at most";
  });
  return "Messages a second in the last " + duration(Math.round(seconds)) + ": " + words.join("; ");
}
`;
