/**
 * The style of the page at `/`: light and dark, from a phone to a wall.
 *
 * @module
 */

/** CSS. */
export const LIVE_STYLE = `
:root { --ink: #17202a; --dim: #5b6875; --paper: #f6f7f4; --card: #fff; --line: #d9ded6;
  --in: #0a7d5a; --out: #b4530a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ece6; --dim: #9aa7a0; --paper: #10151a;
  --card: #182027; --line: #2b363f; --in: #3ddc9f; --out: #ffa552; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -.02em; }
h2 { display: inline; font-size: 1.1rem; }
h2 output { color: var(--dim); font-weight: 400; }
#state { margin: 0; padding: .1rem .7rem; border-radius: 1rem; background: var(--line); }
#state.ready { background: var(--in); color: var(--paper); }
#state.bad { background: var(--bad); color: var(--paper); }
#tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem;
  margin: 1rem 0 .6rem; }
@media (min-width: 60rem) { #tiles { grid-template-columns: repeat(5, 1fr); } }
.tile, figure, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tile { padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.8rem; line-height: 1.15; }
.tile span, figcaption, footer, .more { color: var(--dim); font-size: .875rem; }
.tile.bad b { color: var(--bad); }
figure { margin: 0 0 .8rem; padding: .6rem .8rem; }
svg { display: block; width: 100%; height: clamp(6rem, 22vh, 16rem); }
polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.in { stroke: var(--in); color: var(--in); } .out { stroke: var(--out); color: var(--out); }
figcaption .in::before, figcaption .out::before { content: "— "; }
details { margin: 0 0 .8rem; padding: .6rem .8rem; }
summary { cursor: pointer; }
.scroll { max-height: 26rem; overflow: auto; margin-top: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { position: sticky; top: 0; background: var(--card); font-weight: 600; }
.number { text-align: right; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: .4rem; padding: .2rem .5rem; }
a { color: inherit; }
:focus-visible { outline: 3px solid var(--in); outline-offset: 2px; }
body.cut main { opacity: .45; }
.more { margin: .3rem 0 0; }
`;
