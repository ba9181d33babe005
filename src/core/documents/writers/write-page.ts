/**
 * A report as a page that answers by itself: metric, users and baseline change in it, from the ranks of every user that it holds.
 * It needs no network and no Tessera. Where scripts are off, and on paper, it is the report of A4.
 */
import { createHash } from 'node:crypto';
import type { DocumentSection, ReportDocument } from '../document.ts';
import type { WriteOptions } from '../types.ts';
import { pageStyle } from './page-style.ts';
import { escapeHtml } from './text.ts';
import {
  bodyHtml,
  headHtml,
  htmlFile,
  numbering,
  recipeBlock,
  recipeNote,
  sectionHtml,
} from './write-html.ts';

/** What the script fills, with what the contents call it. */
const LIVE = [
  ['differences', 'Differences'],
  ['parts', 'Where it comes from'],
  ['user', 'One user'],
] as const;

/** What its script shows, a page on paper says in figures. */
const isOnPaper = ({ part, isBox }: DocumentSection) => part === 'summary' && !isBox;

export function writePage(report: ReportDocument, options: WriteOptions): string {
  const { page, sections, chapters = [] } = report;
  const { script, subtitle } = options;
  const isLive = Boolean(page && script);
  const numbered = numbering();
  const warnings = (report.warnings ?? []).map(
    (warning) => `<div class="warning" role="note"><b>Warning.</b> ${escapeHtml(warning)}</div>`,
  );
  const text = (report.text ?? []).map((one) => `<p>${escapeHtml(one)}</p>`);
  const written = sections.flatMap((section) => {
    const html = sectionHtml(section, numbered, options);
    return html === '' ? [] : [{ section, html }];
  });
  const bodies = written.map(({ section, html }, at) => {
    const paper = isLive && isOnPaper(section) && !hasSeveralProtocols(report);
    return `<div id="part-${at}"${paper ? ' class="paper"' : ''}>${html}</div>`;
  });
  const live = isLive
    ? `<div class="answers"><div class="controls" data-part="controls"></div>${LIVE.map(([name]) => `<section id="${name}" data-part="${name}"></section>`).join('')}<div class="tip" data-part="tip" hidden></div><p class="said" role="status" data-part="said"></p></div>`
    : '';
  const further = chapters.map(
    (chapter, at) =>
      `<article id="chapter-${at}">${bodyHtml(chapter, numbered, { ...options, subtitle: undefined })}</article>`,
  );
  const entries = [
    ...(isLive ? LIVE : []),
    ...written.flatMap(({ section }, at) =>
      isLive && isOnPaper(section) ? [] : [[`part-${at}`, section.title] as const],
    ),
    ...chapters.map(({ title }, at) => [`chapter-${at}`, title] as const),
  ];
  const head = `<div id="verdict">${headHtml(report, subtitle)}</div>`;
  const main = `<main>${[head, ...text, ...warnings, live, ...bodies, ...further, recipeNote(report)].join('\n')}</main>`;
  const body = contentsHtml(report, entries, isLive) + main + recipeBlock(report);
  if (!isLive) return htmlFile(report.title, body, { style: pageStyle });
  const code = String(script).replaceAll('</script', '<\\/script');
  const hash = createHash('sha256').update(code).digest('base64');
  const data = JSON.stringify(page).replaceAll('<', '\\u003c');
  const scripts = `<script type="application/json" id="page-data">${data}</script><script>${code}</script>`;
  return htmlFile(report.title, body + scripts, {
    style: pageStyle,
    allows: `; script-src 'sha256-${hash}'`,
  });
}

/** Then the table of all stays, for what is computed here is of one protocol. */
const hasSeveralProtocols = ({ sections }: ReportDocument) => sections.some(({ table }) => table?.groups);

function contentsHtml(
  { title }: ReportDocument,
  entries: readonly (readonly [id: string, title: string])[],
  isLive: boolean,
): string {
  const links = [['verdict', 'Verdict'] as const, ...entries].map(
    ([id, text]) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  const files = isLive
    ? '<p class="soft">One file. Works without a network and without Tessera.</p><div class="files"><button type="button" data-file="pdf">PDF</button><button type="button" data-file="tex">LaTeX</button><button type="button" data-file="csv">Data</button></div>'
    : '';
  return `<nav aria-label="Contents"><p class="name">${escapeHtml(title)}</p><ul>${links.join('')}</ul>${files}</nav>`;
}
