/**
 * The style of the page at `/`: light and dark, from a phone to a wall.
 *
 * @module
 */

/** CSS. Each colour of text has a contrast of 4.5 or more to what it is on, in light and in dark. */
export const LIVE_STYLE = `
:root { --ink: #17202a; --dim: #55626f; --paper: #f3f5f1; --card: #fff; --line: #d5dcd2; --edge: #7a8682;
  --in: #08704f; --out: #a34a07; --bad: #b3261e; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ece6; --dim: #a3b0a9; --paper: #0c1116;
  --card: #151c23; --line: #2b363f; --edge: #75828c; --in: #3ddc9f; --out: #ffa552; --bad: #ff8078; --on: #0c1116; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 110rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -.02em; }
h2 { display: inline; font-size: 1.1rem; }
h2 span { color: var(--dim); font-weight: 400; }
h2 .note { color: var(--bad); font-weight: 700; }
#state { margin: 0; padding: .15rem .8rem; border-radius: 1rem; background: var(--line); font-weight: 600; }
#state.ready { background: var(--in); color: var(--on); }
#state.bad { background: var(--bad); color: var(--on); }
#tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem;
  margin: 1rem 0 .6rem; }
@media (min-width: 60rem) { #tiles { grid-template-columns: repeat(5, 1fr); } }
.tile, figure, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tile { padding: .6rem .9rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tile dd { margin: 0; font-size: clamp(1.8rem, 3.2vw, 3.4rem); line-height: 1.1; font-weight: 700;
  letter-spacing: -.02em; }
.tile.in dd { color: var(--in); } .tile.out dd { color: var(--out); }
.tile dt, figcaption, footer, .more, .axis { color: var(--dim); font-size: .875rem; }
.tile.bad { background: var(--bad); border-color: var(--bad); }
.tile.bad dd, .tile.bad dt { color: var(--on); }
figure { margin: 0 0 .8rem; padding: .6rem .9rem; }
.plot { position: relative; padding-bottom: 1.2rem; }
.axis { position: absolute; margin: 0; line-height: 1; background: var(--card); padding: 0 .3rem 0 0; }
#top { top: 0; } #middle { top: calc((100% - 1.2rem) * .49); } #from { bottom: 0; }
#chart { display: block; width: 100%; height: clamp(7rem, 26vh, 22rem); border-bottom: 1px solid var(--edge); }
#chart line { vector-effect: non-scaling-stroke; }
polyline { fill: none; stroke: var(--ink); stroke-width: 2.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
polygon { stroke: none; opacity: .14; }
polyline.in { stroke: var(--in); } polyline.out { stroke: var(--out); stroke-dasharray: 7 3; }
polygon.in { fill: var(--in); } polygon.out { fill: var(--out); }
.grid { stroke: var(--line); } .failed { stroke: var(--bad); stroke-width: 4; opacity: .7; }
figcaption { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; margin-top: .3rem; }
.key.in { color: var(--in); } .key.out { color: var(--out); } .key.not { color: var(--bad); }
.key::before { content: "━ "; } .key.out::before { content: "╍ "; } .key.not::before { content: "┃ "; }
details { margin: 0 0 .8rem; padding: .6rem .9rem; }
summary { cursor: pointer; }
details label { display: inline-block; margin-top: .5rem; color: var(--dim); font-size: .875rem; }
@media (min-width: 40rem) { details label { float: right; margin-top: -1.9rem; } .scroll { clear: both; } }
.scroll { max-height: 26rem; overflow: auto; margin-top: .5rem; }
.empty .scroll { display: none; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .25rem 1.1rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
tbody th { font-weight: 500; }
#failures td:nth-child(5) { white-space: normal; min-width: 20rem; }
thead th { position: sticky; top: 0; background: var(--card); color: var(--dim); font-weight: 600; font-size: .875rem; }
th.number, td.number { text-align: right; }
td.bad { color: var(--bad); font-weight: 700; }
td svg { width: 6rem; height: 1.1rem; margin-right: .6rem; vertical-align: middle; }
td svg polyline { stroke: var(--dim); stroke-width: 1.5; }
td.grows { color: var(--out); font-weight: 600; } td.grows polyline { stroke: var(--out); }
input { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge);
  border-radius: .4rem; padding: .2rem .5rem; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline; text-underline-offset: .2em; }
a { color: inherit; }
:focus-visible { outline: 3px solid var(--in); outline-offset: 2px; }
.scroll:focus-visible { outline-offset: -3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
body.cut main { filter: grayscale(1); }
.more { margin: .3rem 0 0; }
@media (prefers-reduced-motion: no-preference) {
  #state.bad { animation: pulse 2s ease-in-out infinite; }
  @keyframes pulse { 50% { box-shadow: 0 0 0 .4rem color-mix(in srgb, var(--bad) 35%, transparent); } }
}
`;
