import { describe, expect, it } from 'vitest';
import { protocol, someRanks, someRun } from '../../../../../test/reports/runs.ts';
import { rankMetrics } from '../../../evaluation/metrics.ts';
import type { ClickProtocol, NextItemProtocol, UserRanks } from '../../../evaluation/types.ts';
import type { Processor } from '../../../processor-kinds.ts';
import type { ResultFacts } from '../../../store/types.ts';
import { FILE_FORMATS } from '../../formats.ts';
import type { ComparedRun, Comparison } from '../../types.ts';
import { writeComparison } from '../../writers/write.ts';
import { compareRuns } from '../comparison.ts';
import { differenceLines } from '../sections/differences.ts';
import { verdictOf } from '../sections/verdict.ts';

/** Results on every `step`th user only. */
function some({ users, targets, ranks, historyLengths, ...rest }: UserRanks, step: number): UserRanks {
  const pick = (values: Int32Array) => values.filter((_, at) => at % step === 0);
  const [chosen, lengths] = [pick(users), pick(historyLengths)];
  return { ...rest, users: chosen, targets: pick(targets), ranks: pick(ranks), historyLengths: lengths };
}

/** Ranks both splits; `step` leaves users out of the validation. */
function run(name: string, seed: number, skill: number, step: number, extra: Partial<ComparedRun> = {}) {
  const test = someRanks(seed, skill);
  const valid = some({ ...someRanks(seed + 1, skill), split: 'valid' }, step);
  const metrics = { ...rankMetrics(test), ...rankMetrics(valid), 'valid/cross-entropy': seed };
  return someRun(name, name, seed, skill, { metrics, ranks: [test, valid], ...extra });
}

const sampled: NextItemProtocol = { ...protocol, samples: ['valid: 40 of 400 users'] };
const columns = ['valid/mrr', 'valid/cross-entropy', 'test/mrr'];

describe('rows of some of the users', () => {
  const whole = run('sasrec', 1, 3, 1);
  const part = run('tiger', 2, 2, 10, { protocol: sampled });
  const comparison = compareRuns([whole, part], { metrics: columns });
  const [valid, entropy, test] = comparison.rows[1].cells;

  it('differ from the baseline over the users of both, as their interval does', () => {
    const shared = rankMetrics(some([...(whole.ranks ?? [])][1], 10));
    expect(valid.delta).toBeCloseTo(part.metrics['valid/mrr'] - shared['valid/mrr'], 12);
    expect(valid.delta).toBeCloseTo(valid.significance?.difference ?? Number.NaN, 12);
    expect(valid.deltaPercent).toBeCloseTo((100 * (valid.delta ?? 0)) / shared['valid/mrr'], 9);
    // Not the difference of what the table shows, which is over other users.
    expect(valid.delta).not.toBeCloseTo((valid.mean ?? 0) - (comparison.rows[0].cells[0].mean ?? 0), 4);
    expect(test.delta).toBeCloseTo(part.metrics['test/mrr'] - whole.metrics['test/mrr'], 12);
    // Over other users than its neighbour, which alone is best of nothing.
    expect(comparison.rows.map(({ cells }) => cells[0].mark)).toEqual([null, null]);
    // Nothing is known of single users here.
    expect([entropy.mean, entropy.delta]).toEqual([2, null]);
    expect(differenceLines(comparison).map(({ metric }) => metric)).toHaveLength(2);
  });

  it('say so beside the value, in every format', () => {
    expect(comparison.footnotes).toEqual(['over 40 of 400 users.']);
    expect([valid.note, entropy.note, test.note]).toEqual([0, 0, undefined]);
    expect(comparison.rows[0].cells.map(({ note }) => note)).toEqual([undefined, undefined, undefined]);
    for (const format of FILE_FORMATS)
      expect(writeComparison(comparison, format, {})).toContain('over 40 of 400 users');
    const older = compareRuns([whole, { ...part, protocol: { ...protocol, version: undefined } }], {
      metrics: columns,
    });
    expect(older.footnotes).toEqual(['over 40 of 400 users.']);
  });
});

describe('what rows rest on', () => {
  it('is marked where nobody knows what it has seen, beside clean rows', () => {
    const theirs = { unknownSources: ['tokeniser: imported Semantic IDs'] };
    const runs = [
      run('tiger', 1, 2, 1, { protocol: { ...protocol, sources: ['tokeniser: no interactions'] } }),
      run('theirs', 2, 3, 1, { ...theirs, protocol: { ...protocol, ...theirs } }),
    ];
    const comparison = compareRuns(runs, { metrics: ['test/mrr'] });
    expect(comparison.protocols).toHaveLength(1);
    expect(comparison.warnings).toEqual([]);
    expect(comparison.rows.map(({ notes }) => notes)).toEqual([[], [0]]);
    for (const format of FILE_FORMATS) {
      expect(writeComparison(comparison, format, {}), format).toMatch(
        /provenance unknown \\?\(tokeniser: imported/,
      );
    }
    expect(writeComparison(comparison, 'md', {})).toContain('| theirs \\[a\\] |');
    expect(comparison.protocols[0].protocol).toEqual(protocol);
  });

  it('says of a pretrained model what nobody knows, once, and leaves its row in the table', () => {
    const unknownSources = ['languageFrom: weights of a folder'];
    const stated = { unknownSources, protocol: { ...protocol, unknownSources } };
    const from = (name: string, extra: Partial<ComparedRun>) => run(name, 2, 3, 1, { ...stated, ...extra });
    const comparison = compareRuns(
      [
        run('sasrec', 1, 2, 1),
        from('lc-rec', { pretrained: ['SmolLM2-135M-Instruct'] }),
        from('rewarded', { pretrained: ['SmolLM2-135M-Instruct'] }),
        from('later', { pretrained: [] }),
        from('both', { unknownSources: [...unknownSources, 'tokeniser: imported Semantic IDs'] }),
      ],
      { metrics: ['test/mrr'] },
    );
    expect(comparison.protocols).toHaveLength(1);
    expect(comparison.footnotes).toEqual([
      'what SmolLM2-135M-Instruct read before is not known: the data set may be in it.',
      'what its pretrained model read before is not known: the data set may be in it.',
      'provenance unknown (tokeniser: imported Semantic IDs): it may have seen held-out items.',
    ]);
    expect(Object.fromEntries(comparison.rows.map(({ name, notes }) => [name, notes.length]))).toEqual({
      ...{ sasrec: 0, 'lc-rec': 1, rewarded: 1, later: 1, both: 2 },
    });
    for (const format of FILE_FORMATS)
      expect(writeComparison(comparison, format, {}), format).toContain('read before is not known');
  });

  it('keeps results that have seen held-out items apart, and says why', () => {
    const seenHeldOut = 'config "vectorsFrom": run r (1) has learnt from items that coldItems=0.1 hides here';
    const old = { ...protocol, version: undefined };
    const runs = [run('a', 1, 1, 1), run('b', 2, 3, 1, { protocol: old, seenHeldOut }), run('c', 3, 2, 1)];
    const { protocols, warnings, rows } = compareRuns(runs, { metrics: ['test/mrr'] });
    expect(protocols.map(({ rows: members }) => members)).toEqual([[0, 1], [2]]);
    expect(rows[2]).toMatchObject({ name: 'b', cells: [{ mark: null, delta: null }] });
    expect(warnings).toEqual([`b is compared with nothing that has not seen as much. Its ${seenHeldOut}.`]);
  });

  it('is compared with results of version 1 only with a word about it', () => {
    const clicks: ClickProtocol = {
      ...{ task: 'ranking', dataset: 'd', labels: 'rating', tasks: ['rating>=4'], split: 'last' },
      ...{ target: 'test', selection: 'validation' },
    };
    const of = (name: string, stated: ClickProtocol) => someRun(name, name, 1, 1, { protocol: stated });
    const old = of('old', clicks);
    const [one, other] = ['aaa', 'bbb'].map((ratings) => of(ratings, { ...clicks, version: 2, ratings }));
    const groups = (...runs: ComparedRun[]) => compareRuns(runs).protocols.map(({ rows }) => rows.length);
    expect(groups(old, one)).toEqual([2]);
    expect(compareRuns([old, one]).warnings).toEqual([
      expect.stringMatching(/^old was measured under version 1 /),
    ]);
    expect(groups(one, other)).toEqual([1, 1]);
    expect(compareRuns([one, other]).warnings[0]).toContain('(hash of the ratings: aaa against bbb)');
    // Which of the two the old one agrees with cannot be known.
    expect(groups(old, one, other)).toEqual([1, 1, 1]);
  });
});

it('runs of another kind of CPU are marked, of the same kind and of GPUs not', () => {
  const [a, b] = [
    { model: 'EPYC', instructions: 'avx2' },
    { model: 'Xeon', instructions: 'avx2 avx512f' },
  ];
  const wider = { ...a, instructions: 'avx2 avx512f' };
  const unnoted = { ...a, instructions: '' };
  const trained = (name: string, device: string, processors: readonly Processor[]) =>
    run(name, 1, 2, 1, { device, processors });
  const notesOf = (...runs: ComparedRun[]) => {
    const { rows, footnotes } = compareRuns(runs, { metrics: columns, baseline: runs[0].name });
    return rows.flatMap(({ notes, name }) => notes.map((note) => `${name} ${footnotes[note]}`));
  };
  const first = trained('sasrec', 'cpu', [a]);
  expect(notesOf(first, trained('bert4rec', 'cpu', [unnoted]), trained('tiger', 'webgpu', [b]))).toEqual([]);
  expect(notesOf(first, trained('tiger', 'cpu', [b]))).toEqual([
    'tiger trained on Xeon, others on EPYC: the last digits depend on the kind of CPU.',
  ]);
  expect(notesOf(first, trained('tiger', 'cpu', [a, b]))).toEqual([
    'tiger trained on EPYC, then on Xeon: the last digits depend on the kind of CPU.',
  ]);
  expect(notesOf(first, trained('tiger', 'cpu', [wider]))).toEqual([
    'tiger trained on EPYC with avx2 avx512f, others on EPYC with avx2: the last digits depend on the kind of CPU.',
  ]);
});

it('a run that another version resumed says so beside its name', () => {
  const resumed = run('sasrec', 1, 3, 1, { versions: ['0.1.0', '0.2.0'] });
  const comparison = compareRuns([resumed, run('tiger', 2, 2, 1, { versions: ['0.2.0'] })], {
    metrics: columns,
  });
  expect(comparison.footnotes).toEqual([
    'started with version 0.1.0, resumed with 0.2.0; results can differ between versions.',
  ]);
  expect(comparison.rows.map(({ notes }) => notes)).toEqual([[0], []]);
  expect(writeComparison(comparison, 'md', {})).toContain('resumed with 0.2.0');
});

it('a run of another program says what trained it, and how far its lists go', () => {
  const ours = run('sasrec', 1, 3, 1, {});
  const theirs = run('bert4rec', 2, 2, 1, { program: 'RecBole 1.2' });
  const listed = {
    ...theirs,
    ranks: Array.from(theirs.ranks ?? [], (ranks) => ({ ...ranks, lengths: ranks.ranks.map(() => 50) })),
  };
  const footnotes = (other: ComparedRun) => compareRuns([ours, other], { metrics: columns }).footnotes;
  expect(footnotes(theirs)).toEqual(['trained by RecBole 1.2, measured here on its scores.']);
  expect(footnotes(listed)).toEqual(['trained by RecBole 1.2, measured here on its top-50 lists.']);
});

describe('a run of another program of which something is unknown', () => {
  const ours = run('sasrec', 1, 2, 1);
  const weak = run('ease', 3, 1, 1);
  const result: ResultFacts = {
    ...{ file: 'lists.csv', format: 'csv', columns: { user: 'u', item: 'i' }, rows: 9, unknownUsers: 0 },
    ...{ unknownItems: 0, doubledRows: 0, testUsers: 400, withoutList: 380, untested: 0, listLength: 10 },
    ...{ shorter: 0, withHistory: 3, lostPlaces: 3, missed: 0, covered: { 'hr@10': 1, 'ndcg@10': 0.9934 } },
  };
  const theirs = (unknown: ComparedRun['unknown']) =>
    run('knn', 2, 3, 1, { program: 'mine', result, unknown, config: null });
  const compared = (unknown: ComparedRun['unknown']) =>
    compareRuns([ours, weak, theirs(unknown)], { metrics: ['test/ndcg@10'] });
  const knn = ({ rows }: Comparison) => rows.find(({ model }) => model === 'knn');

  it('says who has no list, how many lists lost places, and what is unknown', () => {
    expect(compared(['selection', 'seed']).footnotes).toEqual([
      'trained by mine, measured here on its scores.',
      '380 of 400 users have no list and count as missed; the 20 with one: HR@10 1.0000, NDCG@10 0.9934.',
      'in 3 lists items of the history took places, which are lost to it.',
      'not recorded: its checkpoint selection, seed: never marked best or chosen.',
    ]);
  });

  it('is tested, and neither marked best nor led by', () => {
    const said = compared([]);
    expect(knn(said)?.cells[0].mark).toBe('best');
    expect(verdictOf(said, [0])?.lead).toMatch(/^knn/);
    const unsaid = compared(['tuning']);
    expect(unsaid.protocols).toHaveLength(1);
    expect(knn(unsaid)?.cells[0].mark).toBeNull();
    expect(knn(unsaid)?.cells[0].significance).not.toBeNull();
    expect(unsaid.rows.find(({ model }) => model === 'sasrec')?.cells[0].mark).toBe('best');
    expect(verdictOf(unsaid, [0])?.lead).not.toMatch(/knn/);
  });

  it('makes no other row the best that stands beside it alone', () => {
    const { rows } = compareRuns([weak, theirs(['seed'])], { metrics: ['test/ndcg@10'] });
    expect(rows.map(({ cells }) => cells[0].mark)).toEqual([null, null]);
  });

  it('stands in a group of its own where the split is', () => {
    const apart = compared(['split']);
    expect(apart.protocols.map(({ rows }) => rows.length)).toEqual([2, 1]);
    expect(knn(apart)?.cells[0].significance).toBeNull();
  });
});

it('says where training did not improve on what a row started from', () => {
  const { rows, footnotes } = compareRuns([
    someRun('stage-2', 'brew', 1, 1),
    someRun('stage-3', 'brew', 1, 2, { asItStarted: true }),
  ]);
  expect(footnotes).toEqual(['as it started: no epoch of its training was better.']);
  expect(rows.map(({ notes }) => notes)).toEqual([[], [0]]);
});
