import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileNames, protocol, someRun, someRuns } from '../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison/comparison.ts';
import { comparisonDocument } from '../comparison/comparison-document.ts';
import { differenceLines } from '../comparison/sections/differences.ts';
import { signed } from '../format.ts';
import { type FactColumn, REPORT_PARTS, type ReportFormat, type ReportPart } from '../formats.ts';
import { drawOnPaper } from './draw.ts';
import { figureFiles } from './figure-files.ts';
import { csvField, escapeHtml, escapeLatex, escapeMarkdown, terminalWidth } from './text.ts';
import { reportOf, writeComparison } from './write.ts';

const comparison = compareRuns(someRuns(), { resamples: 200 });
const hostile = compareRuns(
  hostileNames.map((name, at) =>
    someRun(name, name, at, 1 + (at % 3), {
      config: { [name]: name, at },
      protocol: at % 2 ? { ...protocol, ties: name } : protocol,
      dataset: { name, fingerprint: 'f' },
      environment: { [name]: name },
      device: name,
    }),
  ),
  { resamples: 100 },
);

/** Fields of a CSV text, quotes undone. */
function parseCsv(text: string): string[][] {
  const records = text.trimEnd().split('\r\n');
  return records.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      (m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '',
    ),
  );
}

/** Whether every element is closed in turn, and text has no bare ampersand. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  for (const [, closes, name, empty] of xml.matchAll(/<(\/?)([\w-]+)[^<>]*?(\/?)>/g)) {
    if (closes) {
      if (open.pop() !== name) return false;
    } else if (!empty) open.push(name);
  }
  return open.length === 0 && !/&(?!amp;|lt;|gt;|quot;|#39;)/.test(xml);
}

describe('writers', () => {
  it('agree on the numbers', () => {
    const expected = comparison.rows[2].cells[0].mean?.toFixed(4) ?? '';
    for (const format of ['table', 'md', 'latex', 'html'] as ReportFormat[]) {
      expect(writeComparison(comparison, format)).toContain(expected);
    }
    const [heading, ...records] = parseCsv(writeComparison(comparison, 'csv'));
    expect(Number(records[2][heading.indexOf('test/ndcg@10')]).toFixed(4)).toBe(expected);
    const json = JSON.parse(writeComparison(comparison, 'json'));
    expect(json).toMatchObject({ format: 'tessera-comparison', version: 2, baseline: 'popularity' });
    expect(json.rows[2].cells['test/ndcg@10'].mean.toFixed(4)).toBe(expected);
  });

  it('name models by their titles, and for programs by their ids', () => {
    const facts: FactColumn[] = ['model'];
    for (const format of ['table', 'md', 'latex', 'html'] as ReportFormat[]) {
      expect(writeComparison(comparison, format, { facts, parts: REPORT_PARTS })).toContain('BPRMF');
    }
    const [heading, ...records] = parseCsv(writeComparison(comparison, 'csv'));
    expect(records.map((record) => record[heading.indexOf('model')])).toContain('bprmf');
  });

  it('marks best bold, second underlined and significant with a dagger', () => {
    const [best, second] = [2, 1].map((row) => comparison.rows[row].cells[0].mean?.toFixed(4));
    expect(writeComparison(comparison, 'latex')).toContain(`\\textbf{${best}}$^{\\dagger}$`);
    expect(writeComparison(comparison, 'latex')).toContain(`\\underline{${second}}$^{\\dagger}$`);
    const whole = { parts: REPORT_PARTS };
    expect(writeComparison(comparison, 'md', whole)).toContain(`<ins>${second}</ins>†`);
    expect(writeComparison(comparison, 'html', whole)).toContain(`<b>${best}</b><span class="mark">†</span>`);
    expect(writeComparison(comparison, 'table')).toContain(`${best}†¹`);
    const [line] = differenceLines(comparison);
    const delta = signed(line.delta, line.decimals);
    for (const [format, written] of [
      ['table', `${delta}†`],
      ['md', `\\${delta}†`],
      ['html', `${delta}<span class="mark">†</span>`],
    ] as const)
      expect(writeComparison(comparison, format, whole)).toContain(written);
  });

  it('aligns the terminal table, and uses escape sequences only when asked', () => {
    const plain = writeComparison(hostile, 'table');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const lines = plain.split('\n');
    const rules = lines.filter((line) => line.startsWith('───'));
    const head = lines[lines.indexOf(rules[0]) - 1];
    expect(terminalWidth(head)).toBeLessThanOrEqual(terminalWidth(rules[0]));
    const ansi = writeComparison(comparison, 'table', { ansi: true });
    expect(ansi).toContain('\u001b[1m');
    expect(stripVTControlCharacters(ansi).split('\n')[3]).toMatch(/^bprmf .* 0\.\d{4}† /);
  });

  it('counts letters of Europe, dashes and signs as one column each, and wide letters as two', () => {
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
    const narrow = [...range(0x20, 0x7e), ...range(0xa1, 0x2ff), ...range(0x2010, 0x2027), 0x2212];
    const text = String.fromCodePoint(...narrow, ...narrow.toReversed());
    expect([...new Intl.Segmenter('en').segment(text)]).toHaveLength(text.length);
    expect(terminalWidth(text)).toBe(text.length);
    expect(['é 漢', 'e\u0301 漢', '👩‍👩‍👧 –'].map(terminalWidth)).toEqual([4, 4, 4]);
  });

  it('keeps hostile names inside their CSV fields and away from spreadsheets', () => {
    const records = parseCsv(writeComparison(hostile, 'csv'));
    expect(new Set(records.map((record) => record.length)).size).toBe(1);
    const names = records.slice(1).map((record) => record[0]);
    expect(names).toContain('a,b"c d');
    expect(names).toContain(`'${hostileNames[1]}`);
    expect(csvField('-1+1')).toBe("'-1+1");
    expect(csvField(-1)).toBe('-1');
  });

  it('writes a spread at the row that has one, and at no other', () => {
    const html = writeComparison(comparison, 'html', { parts: REPORT_PARTS });
    const text = html.replace(/<style.*?<\/style>/gs, '').replace(/<[^>]*>/g, ' ');
    const spreads = comparison.rows.flatMap(({ cells }) => cells.flatMap(({ std }) => std ?? []));
    const written = text.match(/± +\d/g) ?? [];
    // Once in the table of all metrics, and the main metric's on the first page, too.
    expect(written).toHaveLength(spreads.length + 1);
  });

  it('lets nothing of a name become HTML', () => {
    const html = writeComparison(hostile, 'html', { title: hostileNames[2] });
    expect(['<script', '<img', '\u202e', '\u001b'].filter((text) => html.includes(text))).toEqual([]);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain("default-src 'none'");
    expect(writeComparison(comparison, 'html')).not.toMatch(/https?:|src=|url\((?!data:font)|@import/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });

  it('lets nothing of a name become Markdown', () => {
    const rows = writeComparison(hostile, 'md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| :'));
    const columns = rows.map((line) => line.replaceAll(/\\\|/g, '').split('|').length);
    expect(new Set(columns).size).toBeLessThanOrEqual(2);
    expect(escapeMarkdown('<b>*x*|[l](u)')).toBe('&lt;b&gt;\\*x\\*\\|\\[l\\]\\(u\\)');
    expect(escapeMarkdown('https://x.example')).not.toContain('https://');
  });

  it("has the user's own title and conclusion, nothing of which becomes markup", () => {
    const own = { title: '<b>Title</b>', text: 'First *one*.\n\n<script>second</script>' };
    const html = writeComparison(comparison, 'html', own);
    expect(html).toContain('<p class="kicker">&lt;b&gt;Title&lt;/b&gt;</p><h1>');
    expect(html).toContain('<p>First *one*.</p><p>&lt;script&gt;second&lt;/script&gt;</p>');
    const markdown = writeComparison(comparison, 'md', own);
    expect(markdown.split('\n\n').slice(0, 4)).toEqual([
      '# &lt;b&gt;Title&lt;/b&gt;',
      expect.stringMatching(/^\*\*[^*]+\.\*\* Best simple baseline: /),
      'First \\*one\\*.',
      '&lt;script&gt;second&lt;/script&gt;',
    ]);
  });

  it('keeps the charts of Markdown as files of their own that need nothing else, as far as they are wanted', () => {
    const written = (parts: ReportPart[], of = comparison) => {
      const { files, keep: keepFigure } = figureFiles('my report.md');
      return { files, text: writeComparison(of, 'md', { parts, keepFigure, draw: drawOnPaper }) };
    };
    const { files, text } = written(['charts', 'curves']);
    // One of them is of the summary, which a report always has.
    expect(files.length).toBeGreaterThan(comparison.columns.length + 1);
    const linked = [...text.matchAll(/^!\[[^\n]*\]\(([^)]*)\)$/gm)].map(([, link]) =>
      decodeURIComponent(link),
    );
    expect(linked).toEqual(files.map(({ fileName }) => fileName));
    expect(new Set(linked).size).toBe(files.length);
    for (const { text: svg } of [...files, ...written(['charts', 'curves'], hostile).files]) {
      expect(wellFormed(svg)).toBe(true);
      // Without variables, without what is outside of it, and without a place that is no number.
      expect(svg).not.toMatch(/var\(--c|url\((?!#)|href|undefined|NaN/);
    }
    const names = comparison.rows
      .filter(({ runs }) => runs.some(({ series }) => series))
      .map(({ name }) => name);
    for (const name of names) expect(files.at(-1)?.text).toContain(`>${escapeHtml(name)}</text>`);
    expect(written(['curves']).files.length).toBe(files.length - comparison.columns.length);
    expect(written(['protocol']).files).toHaveLength(1);
    expect(writeComparison(comparison, 'md')).not.toContain('![');
  });

  it('makes a folder of a page, its charts and its table, which needs nothing else', async () => {
    const document = comparisonDocument(comparison, 'folder', {});
    const { folder, fileName, text, files } = await reportOf(document, 'folder', { fileName: 'beauty' });
    expect([folder, fileName]).toEqual(['beauty', 'index.html']);
    const linked = [...text.matchAll(/ href="([^"]*)"/g)].map(([, link]) => link);
    expect(linked.toSorted()).toEqual(files.map((file) => file.fileName).toSorted());
    expect(linked.filter((link) => link.endsWith('.svg')).length).toBe(text.split('<figure>').length - 1);
    expect(text).not.toMatch(/https?:|<script|src=|url\((?!data:font)|@import/);
    const table = files.find((file) => file.fileName === 'results.csv');
    expect(table?.text).toBe(writeComparison(comparison, 'csv'));
    expect((await reportOf(document, 'html', { fileName: 'beauty.html' })).files).toEqual([]);
  });

  it('escapes LaTeX', () => {
    expect(escapeLatex('a_b & 5% #1 $x$ {y} \\z ~^')).toBe(
      'a\\_b \\& 5\\% \\#1 \\$x\\$ \\{y\\} \\textbackslash{}z \\textasciitilde{}\\textasciicircum{}',
    );
    expect(escapeLatex('NDCG\u00a0@\u200910 → 5\u202f€, leave\u2011last\u200b-out')).toBe(
      'NDCG~@\\,10 $\\to$ 5\\,\\texteuro{}, leave-last-out',
    );
    expect(escapeLatex('FuXi-α 中 é a--b 1–2')).toBe('FuXi-$\\alpha$ [U+4E2D] é a-{}-b 1--2');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(escapeLatex(text).replaceAll(/\\[\\{}$&#%_]/g, '')).not.toMatch(/[#%&_]|(?<!\$)\^/);
      }),
    );
  });
});

const hasLatex = spawnSync('pdflatex', ['--version']).status === 0;
if (!hasLatex) console.warn('pdflatex is not installed: the LaTeX report is not compiled in this run');

describe.skipIf(!hasLatex)('LaTeX report', () => {
  it('compiles, hostile names included', () => {
    const dir = mkdtempSync(join(tmpdir(), 'report-'));
    try {
      const latin = Array.from({ length: 0x17f - 0xa0 }, (_, at) => String.fromCodePoint(0xa1 + at)).join(
        ' ',
      );
      for (const [name, table] of [
        ['plain', comparison],
        ['hostile', hostile],
      ] as const) {
        const latex = { standalone: true, title: `100% of _it_ →≈∞€™\u00a0\u2009\u2011 ${latin}` };
        writeFileSync(join(dir, `${name}.tex`), writeComparison(table, 'latex', latex));
        const options = ['-interaction=nonstopmode', '-halt-on-error', '-draftmode', `${name}.tex`];
        const log = execFileSync('pdflatex', options, { cwd: dir, encoding: 'utf8' });
        expect(log).not.toMatch(/^!/m);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
