import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hostileNames, protocol, someRun, someRuns } from '../../../../test/reports/runs.ts';
import type { ComparedSlice } from '../../evaluation/paired/types.ts';
import type { PracticalRequest } from '../../evaluation/practical/index.ts';
import type { PaperPart } from '../../plans/choices.ts';
import { compareRuns } from '../comparison/comparison.ts';
import type { LatexStyle } from '../formats.ts';
import type { ComparedRun, Comparison } from '../types.ts';
import { writeComparison, writeDocument } from '../writers/write.ts';
import type { PaperBlock, PaperRow } from './blocks.ts';
import { fitted, textEms } from './fit.ts';
import { paperDocument } from './paper-document.ts';

/** Called as the program calls runs. */
const ownNames = (runs: readonly ComparedRun[]) =>
  runs.map((run) => ({ ...run, name: `${run.model}-Sample-seed${run.seed}` }));

const byTime = (run: ComparedRun): ComparedRun => ({
  ...run,
  id: `${run.id}-time`,
  name: `${run.name}-2`,
  config: { ...run.config, split: 'time' },
  protocol: { ...protocol, split: 'time', testShare: 0.1, validShare: 0.1, testHistory: 'all-before-target' },
});

/** Two protocols, of which each is tested against its own row of the baseline. */
function twoProtocols(metrics?: string[]): Comparison {
  const some = ownNames(someRuns());
  const runs = [...some, ...some.map(byTime)];
  return compareRuns(runs, { resamples: 100, names: 'short', metrics });
}

it('has models as rows and splits as groups of columns, each tested against its own baseline', () => {
  const latex = writeComparison(twoProtocols(['ndcg@10', 'hr@10']), 'latex', {
    style: 'acm',
    label: 'tab:two',
  });
  expect(latex).toContain('\\begin{table*}[t]');
  expect(latex).toContain('\\label{tab:two}');
  const lines = latex.split('\n');
  const head = lines.find((line) => line.includes('\\multicolumn')) ?? '';
  expect(head).toMatch(/leave-last-out\} & \\multicolumn\{\d+\}\{c\}\{split by time\}/);
  const rows = lines.filter((line) => /^ {4}(Popularity|BPRMF|SASRec) &/.test(line));
  expect(rows.map((line) => line.trim().split(' ')[0])).toEqual(['Popularity', 'BPRMF', 'SASRec']);
  // Both halves have marks of significance, and ± stands where there are seeds alone.
  const metrics = rows[2].split(' & ').slice(1);
  for (const half of [metrics.slice(0, metrics.length / 2), metrics.slice(metrics.length / 2)])
    expect(half[0]).toMatch(/\\textbf\{0\.\d{4}\}\$\^\{\\dagger\}\$\\,\{\\scriptsize\$\\pm\$/);
  expect(rows[1]).not.toContain('\\pm');
  expect(latex).not.toContain('not compared');
  const caption = lines.filter((line) => line.includes('\\caption'));
  expect(caption).toHaveLength(1);
  expect(caption[0]).toMatch(/Sample, leave-last-out and split by time: 400 users, all 1,000 items/);
  expect(caption[0]).toContain('over 3 seeds');
  expect(caption[0]).toContain('differs from Popularity');
  // A title of one's own stands before it, and not in its place.
  const titled = (title: string) => writeComparison(twoProtocols(['ndcg@10']), 'latex', { title });
  expect(titled('Both splits:')).toContain(
    '\\caption{Both splits. Sample, leave-last-out and split by time: ',
  );
  expect(titled('Which split?')).toContain('\\caption{Which split? Sample, leave-last-out');
  // What else there is to know is a comment.
  expect(lines.filter((line) => line.startsWith('% ')).join('\n')).toContain('BCa bootstrap');
});

it('does without what its author leaves out, and does not explain it', () => {
  const { columns, rows, ...rest } = compareRuns(ownNames(someRuns()), { resamples: 100, names: 'short' });
  const block: PaperBlock = {
    ...{ dataset: 'Sample', split: 'leave-last-out', keys: rows.map((_, row) => String(row)) },
    comparison: { columns, rows, ...rest },
  };
  const named = rows.map(({ name }, row): PaperRow => ({ key: String(row), name, trials: [5] }));
  const facts = { version: '1', seeds: [1], searched: [], otherVersions: [] };
  const paper = {
    title: 'T',
    blocks: [block],
    rows: named,
    baseline: rows[0].name,
    facts,
    label: 'tab:t',
    missing: [],
    diverged: [],
  };
  const tableOf = (without: readonly PaperPart[]) =>
    writeDocument(paperDocument(paper, 'acm', without), 'latex', { style: 'acm' }).split('\\end{table*}')[0];
  const whole = tableOf([]);
  const marks = {
    ...{ trials: '& Trials', spread: '\\pm', significance: '\\dagger', second: '\\underline', zero: '{0.' },
  };
  for (const [part, mark] of Object.entries(marks)) {
    expect(whole).toContain(mark);
    expect(tableOf([part as PaperPart])).not.toContain(mark);
    for (const other of Object.entries(marks).filter(([name]) => name !== part && name !== 'zero'))
      expect(tableOf([part as PaperPart])).toContain(other[1]);
  }
  expect(whole).toContain('\\caption{Sample, leave-last-out: 400 users');
  expect(tableOf(['measured'])).toContain('\\caption{The best of so many trials');
  const bare = tableOf(['trials', 'spread', 'significance', 'second']);
  expect(bare).not.toMatch(/trials by validation|standard deviation|differs from|underlined second/);
});

it('has slices of the main metric as columns', () => {
  const comparison = compareRuns(someRuns(), { resamples: 100, names: 'short' });
  const slices = comparison.rows.map((_, row) =>
    ['head', 'tail'].map(
      (slice): ComparedSlice => ({
        ...{ by: 'item popularity', slice, description: slice, users: 200 },
        metrics: { [comparison.columns[0].name]: 0.01 * (row + 1) },
      }),
    ),
  );
  const latex = writeComparison({ ...comparison, slices }, 'latex');
  expect(latex.match(/\\begin\{table\*\}/g)).toHaveLength(1);
  expect(latex).toMatch(
    /\\multicolumn\{\d\}\{c\}\{All users\} & \\multicolumn\{2\}\{c\}\{NDCG@10 by target\}/,
  );
  expect(latex).toMatch(/& head & tail \\\\/);
});

const ofOther = (run: ComparedRun): ComparedRun => ({
  ...run,
  dataset: { name: 'Other', fingerprint: 'other', statistics: null },
});

const block = (
  runs: readonly ComparedRun[],
  rest: Partial<PaperBlock>,
  practical?: PracticalRequest,
): PaperBlock => {
  const how = { resamples: 100, names: 'short', metrics: ['ndcg@10', 'hr@10'], practical } as const;
  const comparison = compareRuns(runs, how);
  const keys = comparison.rows.map(({ model }) => model);
  return { dataset: 'Sample', split: 'leave-last-out', comparison, keys, ...rest };
};
const rows: PaperRow[] = ['popularity', 'bprmf', 'sasrec', 'hstu'].map((key) => ({
  key,
  name: key.toUpperCase(),
}));
const facts = {
  ...{ version: '1', seeds: [1, 2, 3], searched: [], otherVersions: [] },
  builtOn: [{ names: ['HSTU'], on: 'tokeniser RQ-VAE', seed: 7 }],
};
const paper = {
  ...{ title: 'A paper', rows, baseline: 'POPULARITY', facts, label: 'tab:a', missing: [], diverged: [] },
  blocks: [
    block(someRuns(), {}),
    block(someRuns().map(byTime), { split: 'time', pending: new Map([['hstu', 'to come']]) }),
    block(
      someRuns().toReversed().map(ofOther),
      { dataset: 'Other' },
      { rope: { size: 0.5, isShare: false }, power: 0.8 },
    ),
  ],
};

it('names what is to come, leaves out what is not in a table, and ranks models over data sets', () => {
  const { sections } = paperDocument(paper, 'markdown');
  const [table] = sections.flatMap((section) => section.table ?? []);
  expect(table.headings.slice(0, 3)).toEqual([
    'Model',
    expect.stringContaining('NDCG@10'),
    expect.anything(),
  ]);
  const hstu = table.lines.find(([name]) => name === 'HSTU') ?? [];
  expect(new Set(hstu.slice(1))).toEqual(new Set(['to come', '–']));
  const ranks = sections.find(({ title }) => title.startsWith('Average rank'));
  expect(ranks?.table?.lines.map(([name]) => name)).toEqual(['SASREC', 'BPRMF', 'POPULARITY']);
  expect(ranks?.notes?.join(' ')).toMatch(/Friedman: chi-square 4\.00 with 2.*Nemenyi at 0\.05: 2\.34/);
});

it('explains every number of its methods', () => {
  const methods = paperDocument(paper, 'acm').sections.find(({ isProse }) => isProse);
  const text = methods?.text?.join(' ') ?? '';
  const explained = (methods?.notes ?? []).map((note) => note.split(': ')[0]).join(' ');
  // 95 % and 0.05 are of the test, names of metrics hold their cut-offs, and seeds are listed.
  const plain = text.replace(/95 %|0\.05|@\d+|\(1-3\)|Tessera \S+|at most 20/g, '');
  const numbers = plain.match(/\d([\d,]*\d)?(\.\d+)?/g) ?? [];
  expect(numbers.length).toBeGreaterThan(10);
  expect(numbers.filter((number) => !explained.includes(number))).toEqual([]);
  expect(text).toContain('HSTU builds on the tokeniser RQ-VAE, trained once from seed 7.');
  expect(text).toMatch(/On Other, leave-last-out, \S+, \S+ are equivalent to \S+ in NDCG@10 within ± 0\.5 /);
  expect(text).toMatch(/with a chance of 0\.8 takes [\d,]+ users\./);
  const titles = paperDocument(paper, 'markdown').sections.map(({ title }) => title);
  expect(titles).toContain('Practical equivalence: Other, leave-last-out');
});

it('states how many trials each search chose from, and that a search without a completed trial chose none', () => {
  const search = { by: 'TPE', over: ['dropout'] };
  const searched = [
    { name: 'BPRMF', trials: [9, 3, 9], ...search },
    { name: 'SASREC', trials: [4, 4], ...search },
    { name: 'HSTU', trials: [], ...search },
  ];
  const made = { bprmf: [9, 3, 9], sasrec: [4, 4], popularity: null };
  const tuned = rows.map((row) => ({ ...row, trials: made[row.key as keyof typeof made] }));
  const { sections } = paperDocument({ ...paper, rows: tuned, facts: { ...facts, searched } }, 'acm');
  const [table] = sections.flatMap((section) => section.table ?? []);
  expect(table.lines.map((line) => line.slice(0, 2))).toEqual([
    ['POPULARITY', '–'],
    ['BPRMF', '3–9'],
    ['SASREC', '4'],
    ['HSTU', '–'],
  ]);
  const methods = sections.find(({ isProse }) => isProse)?.text?.join(' ') ?? '';
  expect(methods).toContain('BPRMF was tuned by TPE over dropout: of 3 to 9 trials the best');
  expect(methods).toContain('SASREC was tuned by TPE over dropout: of 4 trials the best');
  expect(methods).toContain('HSTU is tuned by TPE over dropout; no trial of it was chosen so far.');
});

it('counts among the tested rows those of which something is unknown', () => {
  const theirs = someRun('als', 'als', 1, 2, { program: 'implicit', unknown: ['selection'] });
  const runs = [...someRuns(), theirs];
  const [{ comparison, keys }] = [block(runs, {})];
  expect(comparison.rows.filter(({ cells: [{ significance }] }) => significance)).toHaveLength(3);
  const named = keys.map((key): PaperRow => ({ key, name: key }));
  const blocks = [{ dataset: 'Sample', split: 'leave-last-out', comparison, keys }];
  const { sections } = paperDocument({ ...paper, blocks, rows: named }, 'acm');
  expect(sections.find(({ isProse }) => isProse)?.text?.join(' ')).toContain('Holm over 3 rows');
});

it('estimates widths of names, and parts only a block that is too wide by itself', () => {
  expect(textEms('NDCG@10')).toBeGreaterThan(textEms('0.0605'));
  const columns = (count: number, item: string) => ({ item, title: '', ems: Array<number>(count).fill(3) });
  const tables = fitted(
    'acm',
    [6],
    [[columns(4, 'a')], [columns(4, 'b')], [columns(40, 'c')], [columns(2, 'd')]],
  );
  expect(tables.map(({ groups }) => groups.map(({ item, columns: own }) => [item, own.length]))).toEqual([
    [
      ['a', 4],
      ['b', 4],
    ],
    ...tables.slice(1, -1).map(() => [['c', expect.any(Number)]]),
    [['d', 2]],
  ]);
  expect(tables.slice(1, -1).flatMap(({ groups }) => groups.flatMap((group) => group.columns))).toHaveLength(
    40,
  );
});

const hasClass = (name: string) =>
  spawnSync('kpsewhich', [name], { encoding: 'utf8' }).stdout?.trim() !== '' &&
  spawnSync('pdflatex', ['--version']).status === 0;

it.each<[LatexStyle, string]>([
  ['article', 'article.cls'],
  ['acm', 'acmart.cls'],
  ['ieee', 'IEEEtran.cls'],
])('compiles as %s without an overfull box', (style, file) => {
  if (!hasClass(file)) {
    console.warn(`${file} is not installed: its tables are not compiled in this run`);
    return;
  }
  const hostile = compareRuns(
    hostileNames.map((name, at) =>
      someRun(name, name, at, 1 + (at % 3), { dataset: { name, fingerprint: 'f' } }),
    ),
    { resamples: 100 },
  );
  const folder = mkdtempSync(join(tmpdir(), 'paper-'));
  try {
    const end = '\\end{document}';
    const text = writeComparison(twoProtocols(), 'latex', { style, standalone: true });
    const plan = writeDocument(paperDocument(paper, style === 'ieee' ? 'ieee' : 'acm'), 'latex', { style });
    const more = writeComparison(hostile, 'latex', { style, label: 'tab:hostile' });
    writeFileSync(
      join(folder, 'paper.tex'),
      text.replace(end, () => more + plan + end),
    );
    const options = ['-interaction=nonstopmode', '-halt-on-error', '-draftmode', 'paper.tex'];
    execFileSync('pdflatex', options, { cwd: folder, stdio: 'ignore' });
    const log = readFileSync(join(folder, 'paper.log'), 'utf8');
    expect(log.match(/^Overfull.*$/gm) ?? []).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
