/**
 * The script of the page at `/`. It is driven by the server-sent events: tables are read again when one arrives, only
 * those that are open, and not more often than the gateway answers. A page that is not seen has no stream and asks
 * nothing.
 *
 * @module
 */

import { LIVE_CHART } from "./live_chart.ts";
import { LIVE_TABLES } from "./live_tables.ts";

const BASE = `
"use strict";
const byId = (id) => document.getElementById(id);
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const show = (value) => value === undefined || value === null ? "" :
  typeof value === "number" ? (value < 10000 ? String(Math.round(value * 10) / 10) : compact.format(value)) :
  String(value);

function duration(seconds) {
  if (seconds < 120) return seconds + " s";
  if (seconds < 7200) return Math.floor(seconds / 60) + " min";
  return Math.floor(seconds / 3600) + " h";
}
`;

const EVENTS = `
const SILENT_MS = 5000;
const RETRY_MS = 2000;
let before, lastEventAt = 0, events;

/** It is announced when it changes: the text holds nothing that counts on. */
function state(text, kind) {
  setText(byId("state"), text);
  byId("state").className = kind;
  document.body.classList.toggle("cut", kind === "bad cut");
  document.title = (kind === "ready" ? "" : "! ") + "Rafka";
}

function cutOff() {
  if (byId("state").className === "bad cut") return;
  state("Cut off from the gateway since " + new Date().toLocaleTimeString() + ": trying again", "bad cut");
}

function onStatus(status) {
  const now = performance.now();
  lastEventAt = now;
  const { metrics } = status;
  const isSame = before && before.runId === status.runId;
  const seconds = isSame ? (now - before.at) / 1000 : 1;
  const rate = (name) =>
    isSame ? Math.max(0, (metrics[name] ?? 0) - (before.metrics[name] ?? 0)) / seconds : 0;
  showTiles(metrics, rate);
  addToChart(now, rate);
  before = { at: now, metrics, runId: status.runId };
  state(status.ready ? "Ready" : status.reason, status.ready ? "ready" : "bad");
  setText(byId("about"), "Rafka " + status.version + ", up for " + duration(status.uptimeSeconds));
  for (const table of TABLES) table.onEvent();
}

function open() {
  events?.close();
  const opened = events = new EventSource("/api/events");
  opened.addEventListener("status", (event) => onStatus(JSON.parse(event.data)));
  opened.addEventListener("error", () => {
    cutOff();
    if (opened.readyState !== EventSource.CLOSED) return; // it tries again by itself, unless it was refused
    setTimeout(() => opened === events && open(), RETRY_MS);
  });
}

function onVisibility() {
  if (!document.hidden) return open();
  events?.close();
  events = undefined;
}

document.addEventListener("visibilitychange", onVisibility);
onVisibility();
setInterval(() => {
  if (events && lastEventAt > 0 && performance.now() - lastEventAt > SILENT_MS) cutOff();
}, 1000);
`;

/** JavaScript; names reach the page as text, never as HTML. */
export const LIVE_SCRIPT: string = BASE + LIVE_TABLES + LIVE_CHART + EVENTS;
