import { DARK_COLOURS, LIGHT_COLOURS } from '../run-colours.ts';

type Variables = Record<string, string>;

const numbered = (colours: readonly string[]): Variables =>
  Object.fromEntries(colours.map((colour, at) => [`c${at}`, colour]));

const LIGHT: Variables = {
  ...{ page: '#ffffff', ink: '#1a1b18', soft: '#56574f', hair: '#e5e5e0', faint: '#f5f5f2' },
  ...{ accent: '#2f45c5', warn: '#8a5200' },
  ...numbered(LIGHT_COLOURS),
};

const DARK: Variables = {
  ...{ page: '#151614', ink: '#ecece6', soft: '#abaca3', hair: '#292a27', faint: '#1e1f1c' },
  ...{ accent: '#9aa9ff', warn: '#e5b35c' },
  ...numbered(DARK_COLOURS),
};

const PRINT: Variables = { ...LIGHT, ink: '#000000', hair: '#cfcfc8', faint: '#ffffff' };

const set = (variables: Variables) =>
  Object.entries(variables)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');

/** Of the classes in charts. */
const CHART_RULES = `svg text { font: 11px "IBM Plex Sans", system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--soft); } svg .name { fill: var(--ink); }
svg .grid { stroke: var(--hair); stroke-width: 1; } svg .zero { stroke: var(--soft); stroke-width: 1; }
svg .curve { fill: none; stroke-width: 1.5; stroke-linejoin: round; } svg .interval { stroke-width: 2; }
svg .band { opacity: 0.14; stroke: none; } svg .step { fill: none; stroke-width: 1.5; }
svg .seed { fill: var(--page); stroke-width: 1; } svg .dashed { stroke-dasharray: 4 3; }
${LIGHT_COLOURS.map((_, at) => `.stroke${at} { stroke: var(--c${at}); } .fill${at} { fill: var(--c${at}); } .back${at} { background: var(--c${at}); }`).join('\n')}`;

/** The style sheet inside a chart that is a file of its own. */
export const chartFileStyle = `${CHART_RULES}
.page { fill: var(--page); } text.caption { font-weight: 500; }`.replaceAll(
  /var\(--(\w+)\)/g,
  (_, name: string) => LIGHT[name],
);

/** The style sheet of the HTML report: hairlines, greys and one accent; light, dark and print. */
export const htmlStyle = `
:root { color-scheme: light dark;
  ${set(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${set(DARK)} } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 32px 24px 64px; background: var(--page); color: var(--ink);
  font: 13px/20px "IBM Plex Sans", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
h1 { font-size: 24px; line-height: 32px; font-weight: 600; letter-spacing: -0.01em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 15px; line-height: 20px; font-weight: 600; margin: 36px 0 8px; }
h3 { font-size: 13px; line-height: 20px; font-weight: 600; margin: 16px 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0; max-width: 760px; }
.soft { color: var(--soft); }
.warning { border-left: 2px solid var(--warn); padding: 2px 12px; margin: 12px 0; }
.warning b { color: var(--warn); font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { height: 28px; padding: 0 12px 0 0; text-align: left; vertical-align: middle; border-bottom: 1px solid var(--hair);
  white-space: nowrap; }
th { font-weight: 500; color: var(--soft); }
td.wrap, th.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 120px; max-width: 320px; padding: 4px 12px 4px 0; }
td.run { min-width: 168px; padding-left: 18px; text-indent: -18px; } td.run * { text-indent: 0; }
th.n.wrap { min-width: 96px; max-width: 180px; }
th.n, td.n, th.n.wrap { text-align: right; padding: 0 0 0 16px; }
thead th { border-bottom-color: var(--soft); }
tr.group td { border-bottom-color: var(--hair); color: var(--soft); padding-top: 8px; }
tr:last-child > td { border-bottom-color: var(--soft); }
td .mark { display: inline-block; width: 0.6em; text-align: left; color: var(--accent); }
td .spread { color: var(--soft); } td .void { visibility: hidden; }
b { font-weight: 650; }
u { text-underline-offset: 3px; text-decoration-thickness: 1px; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 8px; vertical-align: -1px; border-radius: 2px; }
.tag { color: var(--soft); margin-left: 8px; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 16px 32px; }
figure { margin: 12px 0 0; break-inside: avoid; }
figcaption { font-weight: 500; margin-bottom: 4px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
${CHART_RULES}
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; margin: 4px 0; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 12px 0 8px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 16px; margin: 4px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 8px 40px; }
@media (max-width: 1060px) { th, td { padding-right: 8px; } th.n, td.n, th.n.wrap { padding-left: 8px; }
  td.run { min-width: 120px; } td .spread { display: block; } td .spread.void { display: none; } }
@media print {
  :root { ${set(PRINT)} }
  @page { margin: 16mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 13pt; print-color-adjust: exact; }
  h2 { break-after: avoid; margin-top: 20px; } h3 { break-after: avoid; } tr, .column { break-inside: avoid; }
  th, td { height: 22px; padding-right: 8px; } .scroll { overflow: visible; }
  th.n, td.n, th.n.wrap { padding-left: 8px; } th.n { white-space: normal; } td.run, td.wrap, th.wrap { min-width: 92px; }
  .charts, .columns { grid-template-columns: 1fr 1fr; }
  td .spread { display: block; font-size: 8pt; } td .spread.void { display: none; } }
`;
