import type { ChartColours } from '../../figures/spec.ts';
import { COLOURS, LIGHT_COLOURS } from '../run-colours.ts';

type Variables = Record<string, string>;

const numbered = (colours: readonly string[]): Variables =>
  Object.fromEntries(colours.map((colour, at) => [`c${at}`, colour]));

const LIGHT: Variables = {
  ...{ page: '#ffffff', ink: '#1a1b18', soft: '#56574f', hair: '#e5e5e0', strong: '#c9c9c2' },
  ...{ accent: '#2f45c5', warn: '#8a5200' },
  ...numbered(LIGHT_COLOURS),
};

const set = (variables: Variables) =>
  Object.entries(variables)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');

const FAMILY =
  '"IBM Plex Sans", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** What figures are drawn in: the light theme of the window. */
export const PAGE_COLOURS: ChartColours = {
  background: LIGHT.page,
  surface: LIGHT.page,
  line: LIGHT.hair,
  lineStrong: LIGHT.strong,
  text: LIGHT.ink,
  muted: LIGHT.soft,
  accent: LIGHT.accent,
  bad: '#b02418',
  good: '#17693c',
  palette: LIGHT_COLOURS.slice(0, -1),
  trivial: LIGHT_COLOURS[COLOURS - 1],
};

/** The tile of a row's colour in a table. */
const BACKS = LIGHT_COLOURS.map(
  (_, at) =>
    `.back${at} { background: var(--c${at}); } .half.back${at} { background: linear-gradient(135deg, var(--c${at}) 50%, var(--page) 50%); box-shadow: inset 0 0 0 1px var(--c${at}); }`,
).join('\n');

/** The style sheet of the HTML report: a sheet of A4, hairlines, greys and the colours of models; always light. */
export const htmlStyle = `
:root { color-scheme: light;
  ${set(LIGHT)} }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 794px; padding: 56px 64px; background: var(--page); color: var(--ink);
  font: 13px/20px ${FAMILY};
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
h1 { font-size: 28px; line-height: 36px; font-weight: 600; letter-spacing: -0.01em; margin: 0; overflow-wrap: anywhere; }
h2, figcaption { font-size: 13px; line-height: 20px; font-weight: 600; margin: 0 0 8px; }
h2 .soft, figcaption .soft, figcaption a { font-weight: 400; } a { color: var(--accent); }
h3 { font-size: 13px; line-height: 20px; font-weight: 600; margin: 16px 0 4px; overflow-wrap: anywhere; }
section { margin-top: 32px; }
article { margin-top: 64px; padding-top: 32px; border-top: 1px solid var(--strong); break-before: page; }
p { margin: 4px 0; }
.kicker { margin: 0 0 8px; font-size: 12px; color: var(--soft); }
.lede { margin: 8px 0 0; font-size: 15px; line-height: 24px; color: var(--soft); }
.appendix { margin-top: 48px; font-size: 20px; line-height: 28px; break-before: page; }
.box { border: 1px solid var(--strong); border-radius: 8px; padding: 16px 18px; break-inside: avoid; }
.box dl { grid-template-columns: repeat(2, max-content minmax(0, 1fr)); gap: 0 24px; margin: 0; font-size: 12px; }
.box .columns { display: block; }
.soft { color: var(--soft); } section > .soft { font-size: 11px; line-height: 16px; margin-top: 8px; }
.warning { border-left: 2px solid var(--warn); padding: 2px 12px; margin: 12px 0; }
.warning b { color: var(--warn); font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { height: 28px; padding: 0 8px 0 0; text-align: left; vertical-align: middle; border-bottom: 1px solid var(--hair);
  white-space: nowrap; }
th { font-size: 12px; font-weight: 500; }
td { font-size: 13px; }
td.wrap, th.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 92px; max-width: 320px; padding: 4px 8px 4px 0; }
td.forest, th.forest { padding: 0 0 0 10px; height: 28px; line-height: 0; } svg.forest { width: auto; max-width: none; font-size: 11px; }
td.words, th.words { max-width: none; padding-left: 16px; } .scroll + div { margin-top: 20px; }
td.run { min-width: 116px; padding-left: 16px; text-indent: -16px; font-weight: 500; } td.run * { text-indent: 0; }
th.n.wrap { min-width: 72px; max-width: 180px; }
th.n, td.n, th.n.wrap { text-align: right; padding: 0 0 0 10px; }
thead th { border-bottom-color: var(--strong); }
tr.group td { color: var(--soft); white-space: normal; padding-top: 8px; }
td .mark { display: inline-block; width: 0.5em; text-align: left; color: var(--accent); }
td .spread, th .spread { display: inline-block; text-align: left; font-size: 12px; color: var(--soft); }
b { font-weight: 650; }
u { text-underline-offset: 3px; text-decoration-thickness: 1px; }
.swatch { display: inline-block; width: 9px; height: 9px; margin-right: 7px; border-radius: 2px; }
.tag { color: var(--soft); font-weight: 400; margin-left: 8px; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 16px 24px; }
figure { margin: 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg.key { display: inline-block; width: 12px; margin-right: 6px; vertical-align: -1px; }
svg text { font-family: ${FAMILY}; }
${BACKS}
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 11px; line-height: 16px; margin: 12px 0 0; }
pre code { display: block; font: inherit; padding-left: 2ch; text-indent: -2ch; } pre code + code { margin-top: 4px; }
pre span { display: inline-block; max-width: 100%; text-indent: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 8px; font-size: 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 16px; margin: 4px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 8px 32px; }
.columns > :only-child { grid-column: 1 / -1; }
@media (max-width: 700px) { body { padding: 24px 16px; } }
@media print {
  @page { size: A4; margin: 15mm 17mm 18mm; @bottom-right { content: counter(page) " of " counter(pages); font: 11px "IBM Plex Sans", sans-serif; color: #56574f; } }
  article { margin: 0; padding: 0; border: 0; }
  body { max-width: none; padding: 0; print-color-adjust: exact; }
  h2, h3, figcaption { break-after: avoid; } tr, .column { break-inside: avoid; } .scroll { overflow: visible; }
}
`;
