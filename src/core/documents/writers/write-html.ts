import { keySvg } from '../../figures/picture.ts';
import { type FigureSpec, legendOf } from '../../figures/spec.ts';
import { embeddedRecipe } from '../../reproduce/recipe.ts';
import {
  type DocumentFigure,
  type DocumentSection,
  type DocumentTable,
  type FactBlock,
  isNumeric,
  linesByGroup,
  type MarkedCell,
  markedCell,
  noteLines,
  type ReportDocument,
} from '../document.ts';
import { isAppendix, PAGE_MARK } from '../formats.ts';
import { COLOURS } from '../run-colours.ts';
import type { WriteOptions } from '../types.ts';
import { svgFile } from './figure-files.ts';
import { fontFaces } from './font-faces.ts';
import { forestCell, forestHead } from './forest-svg.ts';
import { htmlStyle, PAGE_COLOURS } from './html-style.ts';
import { escapeHtml } from './text.ts';

/** The coloured stroke that names a row in every chart. */
function swatch(colour: number): string {
  return `<span class="swatch${colour >= COLOURS ? ' half' : ''} back${colour % COLOURS}"></span>`;
}

/**
 * Room for the widest spread of a column, so that decimals stay under each other. It is no text: whoever reads the page
 * without its style would take that for the cell's own.
 */
function spreadRoom(widest: number, spread: string | undefined): string {
  const text = spread === undefined ? '' : `± ${spread}`;
  return widest === 0 ? '' : ` <span class="spread" style="min-width: ${widest + 2}ch">${text}</span>`;
}

function valueCell({ text, mark, significant, spread, note = '' }: MarkedCell, widestSpread: number): string {
  const shown = escapeHtml(text);
  const marked = { best: `<b>${shown}</b>`, second: `<u>${shown}</u>` };
  const dagger = `<span class="mark">${significant ? '†' : ''}</span>`;
  return `<td class="n">${mark ? marked[mark] : shown}${dagger}${spreadRoom(widestSpread, spread)}${note}</td>`;
}

function nameCell({ text, colour, tag }: MarkedCell): string {
  const name = `${colour === undefined ? '' : swatch(colour)}${escapeHtml(text)}`;
  return `<td class="wrap run">${name}${tag ? `<span class="tag">${tag}</span>` : ''}</td>`;
}

/** A table in a box that scrolls sideways by itself, each group of lines under its title. */
function tableHtml(table: DocumentTable): string {
  const { headings, lines, groups, named, forest } = table;
  const columns = headings.map((heading, at) => {
    const cells = lines.map((line) => line[at]);
    const spreads = cells.map((cell) => markedCell(cell).spread?.length ?? 0);
    return {
      heading,
      numeric: isNumeric(table, at),
      hasMarks: isNumeric(table, at) && cells.some((cell) => typeof cell !== 'string'),
      widestSpread: Math.max(0, ...spreads),
      className: isNumeric(table, at)
        ? ' class="n"'
        : table.words?.includes(at)
          ? ' class="wrap words"'
          : at === 0 || named
            ? ' class="wrap"'
            : '',
    };
  });
  const head = columns.map(({ heading, numeric, hasMarks, className, widestSpread }, at) => {
    if (forest?.at === at)
      return `<th class="forest" aria-label="${escapeHtml(heading)}">${forestHead(forest)}</th>`;
    const long = numeric && named ? ' class="n wrap"' : className;
    const marks = hasMarks ? '<span class="mark"></span>' : '';
    return `<th${long}>${escapeHtml(heading)}${marks}${spreadRoom(widestSpread, undefined)}</th>`;
  });
  const row = (line: DocumentTable['lines'][number], place: number) => {
    const cells = line.map((cell, at) => {
      if (forest?.at === at) return `<td class="forest">${forestCell(forest, forest.marks[place])}</td>`;
      const { numeric, className, widestSpread } = columns[at];
      if (typeof cell === 'string') return `<td${className}>${escapeHtml(cell)}</td>`;
      return numeric ? valueCell(cell, widestSpread) : nameCell(cell);
    });
    return `<tr>${cells.join('')}</tr>`;
  };
  const body = linesByGroup(table).map((groupLines, at) => {
    const title = groups?.members[at].title;
    const group =
      title && `<tr class="group"><td colspan="${headings.length}">${escapeHtml(title)}</td></tr>`;
    return (group ?? '') + groupLines.map((line) => row(line, lines.indexOf(line))).join('');
  });
  return `<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** Blocks side by side. */
function blocksHtml(blocks: readonly FactBlock[]): string {
  const columns = blocks.map(({ title, facts }) => {
    const list = facts.map(([name, text], at) => {
      // Said once above facts that share it.
      const shown = name === facts[at - 1]?.[0] ? '' : name;
      return `<dt>${escapeHtml(shown)}</dt><dd>${escapeHtml(text)}</dd>`;
    });
    const heading = title === undefined ? '' : `<h3>${escapeHtml(title)}</h3>`;
    return `<div class="column">${heading}<dl>${list.join('')}</dl></div>`;
  });
  return columns.length === 0 ? '' : `<div class="columns">${columns.join('')}</div>`;
}

/** "Table 1." and "Figure 1.", counted through a report. */
export function numbering(): (kind: 'Table' | 'Figure', title: string) => string {
  const counts = { Table: 0, Figure: 0 };
  return (kind, title) => {
    counts[kind] += 1;
    return `<span class="soft">${kind} ${counts[kind]}.</span> ${escapeHtml(title)}`;
  };
}

export type Numbered = ReturnType<typeof numbering>;

/** Width of a page without its margins, and of figures beside each other. */
const PAGE_WIDTH = 666;
const COLUMN_WIDTH = 321;

const linkHtml = (file: string, words: string) => ` <a href="${escapeHtml(file)}" download>${words}</a>`;

/** What colours and shapes stand for in a figure. */
function legendHtml(spec: FigureSpec): string {
  const entries = legendOf(spec).map(
    (entry) => `<span>${keySvg(entry, PAGE_COLOURS)}${escapeHtml(entry.label)}</span>`,
  );
  return entries.length === 0 ? '' : `<div class="legend">${entries.join('')}</div>`;
}

/** Under one legend where all figures have the same one; each with a link to its file where it has one. */
function figuresHtml({ figures = [] }: DocumentSection, numbered: Numbered, options: WriteOptions): string {
  const { draw, keepFigure, tableFile } = options;
  if (figures.length === 0 || !draw) return '';
  const fileOf = (one: DocumentFigure) =>
    tableFile && keepFigure ? linkHtml(keepFigure(svgFile(one, draw)), 'SVG') : '';
  const legends = figures.map(({ spec }) => legendHtml(spec));
  const isShared = figures.length > 1 && legends.every((legend) => legend === legends[0]);
  const drawn = figures.map((one, at) => {
    const { caption, spec } = one;
    const picture = draw(spec, figures.length > 1 ? COLUMN_WIDTH : PAGE_WIDTH);
    const head = `<figcaption>${numbered('Figure', caption)}${fileOf(one)}</figcaption>`;
    return `<figure>${head}${isShared ? '' : legends[at]}${picture}</figure>`;
  });
  const beside = drawn.length > 1 ? ' class="charts"' : '';
  return `${isShared ? legends[0] : ''}<div${beside}>${drawn.join('')}</div>`;
}

/** Its words stay whole: a browser would break them behind a hyphen. */
function commandHtml(command: string): string {
  const words = command.split(' ').map((word) => `<span>${escapeHtml(word)}</span>`);
  return `<code>${words.join(' ')}</code>`;
}

export function sectionHtml(section: DocumentSection, numbered: Numbered, options: WriteOptions): string {
  const { title, text = [], table, figures = [], blocks = [], commands = [], isBox, areInTable } = section;
  if (areInTable) return '';
  const notes = blocks.length > 0 ? [] : noteLines(section, 'Bold', 'Underlined');
  const content = [
    ...text.map((one) => `<p>${escapeHtml(one)}</p>`),
    table ? tableHtml(table) : '',
    blocksHtml(blocks),
    figuresHtml(section, numbered, options),
    notes.length > 0 ? `<p class="soft">${notes.map(escapeHtml).join('<br>')}</p>` : '',
    commands.length > 0 ? `<pre>${commands.map(commandHtml).join('')}</pre>` : '',
  ].join('');
  if (content === '') return '';
  if (isBox) return `<section class="box"><h2>${escapeHtml(title)}</h2>${content}</section>`;
  // The caption of a single figure is its title.
  if (figures.length === 1 && !table && blocks.length === 0) return `<section>${content}</section>`;
  return `<section><h2>${table ? numbered('Table', title) : escapeHtml(title)}</h2>${content}</section>`;
}

/** The answer as the title, where there is one, under what the report is called. */
export function headHtml({ title, verdict }: ReportDocument, subtitle: string | undefined): string {
  const name = escapeHtml(title);
  const day = subtitle ? `<p class="soft">${escapeHtml(subtitle)}</p>` : '';
  if (!verdict) return `<h1>${name}</h1>${day}`;
  const { lead, limit, details } = verdict;
  const answer = `<h1>${escapeHtml(limit === '' ? lead : `${lead}: ${limit}`)}</h1>`;
  const behind = details.length > 0 ? `<p class="lede">${escapeHtml(details.join(' '))}</p>` : '';
  return `<p class="kicker">${name}</p>${answer}${behind}${day}`;
}

/** A document from its title to its appendix. */
export function bodyHtml(report: ReportDocument, numbered: Numbered, options: WriteOptions): string {
  const { subtitle } = options;
  const isLast = ({ part }: DocumentSection) =>
    report.verdict !== undefined && part !== undefined && isAppendix(part);
  const main = report.sections.filter((section) => !isLast(section));
  const pages = main.map((section) => sectionHtml(section, numbered, options));
  const appended = report.sections
    .filter(isLast)
    .map((section) => sectionHtml(section, numbered, options))
    .join('');
  const content = [
    headHtml(report, subtitle),
    subtitle && options.tableFile
      ? `<p class="soft">${linkHtml(options.tableFile, 'The numbers as CSV')}</p>`
      : '',
    (report.text ?? []).map((one) => `<p>${escapeHtml(one)}</p>`).join(''),
    ...(report.warnings ?? []).map(
      (warning) => `<div class="warning" role="note"><b>Warning.</b> ${escapeHtml(warning)}</div>`,
    ),
    ...pages,
    appended === '' ? '' : `<h1 class="appendix">Appendix</h1>${appended}`,
  ];
  return content.filter((part) => part !== '').join('\n');
}

/**
 * The report as one HTML file that needs no network, in its own typeface; prints on A4. It runs no script, and its policy
 * forbids any.
 */
export function writeHtml(report: ReportDocument, options: WriteOptions): string {
  const numbered = numbering();
  const body = bodyHtml(report, numbered, options);
  const chapters = (report.chapters ?? []).map(
    (chapter) => `<article>${bodyHtml(chapter, numbered, { ...options, subtitle: undefined })}</article>`,
  );
  const main = `<main>${[body, ...chapters].join('\n')}${recipeNote(report)}</main>`;
  return htmlFile(report.title, main + recipeBlock(report));
}

/** Says that the page is enough to train its runs again. */
export const recipeNote = ({ recipe }: ReportDocument) =>
  recipe?.rows.length
    ? '<p class="soft">This page holds what its runs are trained again from: <code>tessera reproduce</code> takes it.</p>'
    : '';

/** What that command reads. */
export const recipeBlock = ({ recipe }: ReportDocument) =>
  recipe?.rows.length ? embeddedRecipe(recipe) : '';

/** A file of HTML with its style and typeface. `allows` adds to a policy that lets nothing in. */
export function htmlFile(title: string, body: string, { style = '', allows = '' } = {}): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; font-src data:${allows}`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    PAGE_MARK,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escapeHtml(title)}</title><style>${fontFaces()}${htmlStyle}${style}</style></head>`,
    `<body>${body}</body></html>\n`,
  ].join('\n');
}
