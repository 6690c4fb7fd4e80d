"""How the page looks: one set of colours for light, one for dark."""

CSS = """
:root { color-scheme: light dark; --page: #f6f6f3; --card: #fdfdfb; --ink: #14140f; --soft: #54534d;
  --faint: #8b8a82; --hair: #e4e3dc; --axis: #bdbcb3; --s0: #2a78d6; --s1: #e0622d; --both: #9a998f;
  --track: #edece6; --h0: #184f95; --h1: #5598e7; --h2: #b7d3f6; --h3: #ecebe5; --h4: #f7c9b1; --h5: #eb8050;
  --h6: #b3400f; --none: #f6f5f1; }
@media (prefers-color-scheme: dark) { :root { --page: #121211; --card: #1b1b19; --ink: #f7f7f3;
  --soft: #c2c1b7; --faint: #8d8c84; --hair: #2d2d2a; --axis: #4a4a45; --s0: #4a93ea; --s1: #e5703d;
  --both: #77766e; --track: #2a2a27; --h0: #86b6ef; --h1: #3987e5; --h2: #1c4a80; --h3: #34342f;
  --h4: #6b3417; --h5: #c2571f; --h6: #f39a6c; --none: #20201e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: clamp(28px, 5vw, 42px); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 12px;
  text-wrap: balance; }
h1 .k0, th .k0 { color: var(--s0); } h1 .k1, th .k1 { color: var(--s1); }
h2 { font-size: 22px; letter-spacing: -.01em; margin: 52px 0 4px; }
h3 { font-size: 15px; margin: 0 0 10px; } h3 small { font-weight: 400; color: var(--faint); }
p { margin: 6px 0 14px; max-width: 68ch; color: var(--soft); } p.lede { font-size: 18px; color: var(--ink); }
p b { color: var(--ink); }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); }
figure, .card { margin: 0; background: var(--card); border: 1px solid var(--hair); border-radius: 14px;
  padding: 18px 18px 14px; min-width: 0; }
figcaption { font-size: 13.5px; line-height: 1.45; color: var(--soft); margin-top: 10px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 12px; fill: var(--soft); } svg .tick { fill: var(--faint); font-size: 11px; }
svg .small { font-size: 10.5px; } svg .name { font-weight: 600; fill: var(--ink); font-size: 13px; }
svg .label { fill: var(--ink); }
svg line { stroke: var(--hair); } svg line.axis { stroke: var(--axis); }
svg line.limit { stroke: var(--soft); stroke-dasharray: 3 3; }
svg line.median { stroke-width: 3; } svg line.m0 { stroke: var(--s0); } svg line.m1 { stroke: var(--s1); }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .both { fill: var(--both); } .track { fill: var(--track); }
.area { fill-opacity: .16; stroke-width: 2; stroke-linejoin: round; }
.a0 { fill: var(--s0); stroke: var(--s0); } .a1 { fill: var(--s1); stroke: var(--s1); }
.hover { fill: transparent; } .hover:hover { fill: var(--axis); fill-opacity: .18; }
path:hover, .dot:hover { filter: brightness(1.15); }
.dot { fill-opacity: .72; stroke: var(--card); stroke-width: .8; }
.h0 { fill: var(--h0); } .h1 { fill: var(--h1); } .h2 { fill: var(--h2); } .h3 { fill: var(--h3); }
.h4 { fill: var(--h4); } .h5 { fill: var(--h5); } .h6 { fill: var(--h6); } .none { fill: var(--none); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--hair); vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; } tr:last-child td { border-bottom: 0; }
td.words { text-align: left; color: var(--soft); overflow-wrap: anywhere; }
details { margin-top: 10px; font-size: 13.5px; color: var(--soft); }
summary { cursor: pointer; } summary:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
footer { margin-top: 56px; padding-top: 18px; border-top: 1px solid var(--hair); font-size: 13.5px;
  color: var(--soft); }
footer p { max-width: 84ch; }
@media (max-width: 520px) { main { padding: 26px 14px 48px; } figure, .card { padding: 14px 12px 12px; }
  h2 { margin-top: 38px; } }
@media print { body { background: white; } figure, .card { break-inside: avoid; } }
"""
