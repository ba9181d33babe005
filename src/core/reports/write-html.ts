import { type DocumentFigure, type DocumentSection, type ReportDocument, tableSection } from './document.ts';
import { cellMark, markedName } from './footnotes.ts';
import { fixed, spreadText } from './format.ts';
import { backgroundSections } from './html-background.ts';
import { htmlStyle } from './html-style.ts';
import { publishedTable } from './published.ts';
import { curveLegend, reportCharts, rowColours } from './report-charts.ts';
import { COLOURS } from './run-colours.ts';
import {
  differenceCells,
  differenceHeadings,
  differenceLines,
  factColumns,
  markNotes,
  otherTexts,
  showsProtocol,
  testNote,
  wantsPart,
} from './sections.ts';
import { sliceNote, sliceSections } from './slices.ts';
import { escapeHtml, paragraphs } from './text.ts';
import type {
  Comparison,
  ComparisonCell,
  MetricColumn,
  ReportChoice,
  ReportTable,
  TableSection,
  WriteOptions,
} from './types.ts';

/** The coloured stroke that names a row in every chart. */
function swatch(colour: number): string {
  return `<span class="swatch back${colour % COLOURS}"></span>`;
}

/** Cells without a spread keep the room of the widest one in their column, so that decimals stay under each other. */
function valueCell(cell: ComparisonCell, column: MetricColumn, widestSpread: string): string {
  const text = fixed(cell.mean, column.decimals);
  const marked = { best: `<b>${text}</b>`, second: `<u>${text}</u>` };
  const own = spreadText(cell, column);
  const spread = `<span class="${own === '' ? 'spread void' : 'spread'}">${own === '' ? widestSpread : own}</span>`;
  const dagger = `<span class="mark">${cell.significance?.significant ? '†' : ''}</span>`;
  return `<td class="n">${cell.mark ? marked[cell.mark] : text}${dagger}${widestSpread === '' ? '' : spread}${cellMark(cell)}</td>`;
}

/** The longest spread of a column; empty when no row has one. */
function widestSpread({ rows }: Comparison, column: MetricColumn, at: number): string {
  const texts = rows.map((row) => spreadText(row.cells[at], column));
  return texts.reduce((widest, text) => (text.length > widest.length ? text : widest), '');
}

/** A table in a box that scrolls sideways by itself. */
export function htmlTable(head: string, body: string): string {
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Rows of all protocols, each protocol under its own heading when there are several. */
function bodyByProtocol(comparison: Comparison, width: number, line: (row: number) => string): string {
  return comparison.protocols
    .map((protocol) => {
      const heading = showsProtocol(comparison)
        ? `<tr class="group"><td colspan="${width}">Protocol ${protocol.label}${protocol.fingerprint ? ` · ${protocol.fingerprint}` : ' · not stated'}</td></tr>`
        : '';
      return heading + protocol.rows.map(line).join('');
    })
    .join('');
}

function mainTable(comparison: Comparison, choice: ReportChoice): string {
  const { columns, rows } = comparison;
  const facts = factColumns(choice);
  const colours = rowColours(comparison);
  const numbers = columns
    .map(({ label }) => `<th class="n">${escapeHtml(label)}<span class="mark"></span></th>`)
    .join('');
  const spreads = columns.map((column, at) => widestSpread(comparison, column, at));
  const body = bodyByProtocol(comparison, 1 + facts.length + columns.length, (index) => {
    const row = rows[index];
    const tag = row.isBaseline && rows.length > 1 ? '<span class="tag">baseline</span>' : '';
    const cells = row.cells.map((cell, at) => valueCell(cell, columns[at], spreads[at])).join('');
    const factCells = facts.map(
      ({ text, numeric }) => `<td${numeric ? ' class="n"' : ''}>${escapeHtml(text(row))}</td>`,
    );
    const name = `<td class="wrap run">${swatch(colours[index])}${escapeHtml(markedName(row))}${tag}</td>`;
    return `<tr>${name}${factCells.join('')}${cells}</tr>`;
  });
  const notes = markNotes(comparison, 'Bold', 'Underlined').map(escapeHtml).join(' ');
  const heads = facts.map(({ heading, numeric }) => `<th${numeric ? ' class="n"' : ''}>${heading}</th>`);
  return `${htmlTable(`<th class="wrap">Run</th>${heads.join('')}${numbers}`, body)}<p class="soft">${notes}</p>`;
}

function differenceTable(comparison: Comparison): string {
  const lines = differenceLines(comparison);
  if (lines.length === 0) return '';
  const align = (at: number) => (at < 2 ? '' : ' class="n"');
  const head = differenceHeadings.map((text, at) => `<th${align(at)}>${text}</th>`).join('');
  const body = lines.map((line) => {
    const cells = differenceCells(line).map((text, at) => {
      const content = at === 2 && line.significant ? `<b>${text}</b>` : escapeHtml(text);
      return `<td${at === 0 ? ' class="wrap"' : align(at)}>${content}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const note = testNote(comparison);
  return (
    `<h2>Difference to ${escapeHtml(lines[0].baseline)}</h2>${htmlTable(head, body.join(''))}` +
    (note ? `<p class="soft">${escapeHtml(note)} Bold: significant.</p>` : '')
  );
}

function plainTable({ headings, lines, textColumns }: ReportTable): string {
  const cells = (texts: readonly string[], tag: 'td' | 'th') =>
    texts
      .map((text, at) => {
        const align = at >= textColumns ? ' class="n"' : at === 0 ? ' class="wrap"' : '';
        return `<${tag}${align}>${escapeHtml(text)}</${tag}>`;
      })
      .join('');
  return htmlTable(cells(headings, 'th'), lines.map((line) => `<tr>${cells(line, 'td')}</tr>`).join(''));
}

const tableHtml = (section: TableSection) => sectionHtml(tableSection(section));

function sliceTables(comparison: Comparison): string {
  const tables = sliceSections(comparison).map(tableHtml);
  const note = sliceNote(comparison);
  return tables.join('') + (note ? `<p class="soft">${escapeHtml(note)}</p>` : '');
}

function otherTable(comparison: Comparison): string {
  const { otherColumns, rows } = comparison;
  if (otherColumns.length === 0) return '';
  const names = rows.map((row) => `<th class="n wrap">${escapeHtml(row.name)}</th>`).join('');
  const texts = rows.map((row) => otherTexts(comparison, row));
  const body = otherColumns.map(({ label }, at) => {
    const cells = texts.map((row) => `<td class="n">${row[at]}</td>`).join('');
    return `<tr><td>${escapeHtml(label)}</td>${cells}</tr>`;
  });
  return `<h2>Further metrics</h2>${htmlTable(`<th>Metric</th>${names}`, body.join(''))}`;
}

function figuresHtml(figures: readonly DocumentFigure[]): string {
  const drawn = figures.map(
    ({ caption, svg, wide }) =>
      `<figure${wide ? ' class="wide"' : ''}><figcaption>${escapeHtml(caption)}</figcaption>${svg}</figure>`,
  );
  return drawn.length > 0 ? `<div class="charts">${drawn.join('')}</div>` : '';
}

function chartSections(comparison: Comparison, choice: ReportChoice): string[] {
  const { metrics, curves } = reportCharts(comparison, choice);
  const legend = curveLegend(comparison).map(
    ({ name, colour }) => `<span>${swatch(colour)}${escapeHtml(name)}</span>`,
  );
  return [
    metrics.length > 0 ? `<h2>Metrics</h2>${figuresHtml(metrics)}` : '',
    curves.length > 0
      ? `<h2>Training</h2><div class="legend">${legend.join('')}</div>${figuresHtml(curves)}`
      : '',
  ];
}

/**
 * The comparison as one HTML file that needs no network: tables, charts, protocol, configs, data set and environment;
 * follows the system's light or dark scheme and prints.
 */
export function writeHtml(comparison: Comparison, options: WriteOptions): string {
  const warnings = comparison.warnings.map(
    (warning) => `<div class="warning" role="note"><b>Warning.</b> ${escapeHtml(warning)}</div>`,
  );
  return htmlPage(options.title ?? 'Comparison of runs', options.subtitle, [
    paragraphs(options.text)
      .map((one) => `<p>${escapeHtml(one)}</p>`)
      .join(''),
    ...warnings,
    `<h2>Results</h2>${mainTable(comparison, options)}`,
    wantsPart(options, 'differences') ? differenceTable(comparison) : '',
    wantsPart(options, 'slices') ? sliceTables(comparison) : '',
    ...(comparison.overview ?? []).map(tableHtml),
    ...comparison.published.map((section) => tableHtml(publishedTable(section))),
    ...chartSections(comparison, options),
    wantsPart(options, 'further-metrics') ? otherTable(comparison) : '',
    ...backgroundSections(comparison, options),
  ]);
}

/** One file around the sections of a report. It runs no script, and its policy forbids any. */
function htmlPage(title: string, subtitle: string | undefined, sections: readonly string[]): string {
  const name = escapeHtml(title);
  const under = subtitle ? `<p class="soft">${escapeHtml(subtitle)}</p>` : '';
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  const content = [`<h1>${name}</h1>${under}`, ...sections].filter((section) => section !== '');
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${name}</title><style>${htmlStyle}</style></head>`,
    `<body><main>${content.join('\n')}</main></body></html>\n`,
  ].join('\n');
}

/** A report of several tables as one HTML file. */
export function htmlDocument({ title, sections }: ReportDocument, { subtitle }: WriteOptions): string {
  return htmlPage(title, subtitle, sections.map(sectionHtml));
}

function sectionHtml({
  title,
  text = [],
  table,
  figures = [],
  notes = [],
  commands = [],
}: DocumentSection): string {
  return [
    `<h2>${escapeHtml(title)}</h2>`,
    ...text.map((one) => `<p>${escapeHtml(one)}</p>`),
    table ? plainTable(table) : '',
    figuresHtml(figures),
    notes.length > 0 ? `<p class="soft">${notes.map(escapeHtml).join('<br>')}</p>` : '',
    commands.length > 0 ? `<pre>${commands.map(escapeHtml).join('\n')}</pre>` : '',
  ].join('');
}
