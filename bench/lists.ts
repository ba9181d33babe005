/**
 * Processor time of the lists of a home with many runs: `node bench/lists.ts [RUNS]`. Nine of ten are trials of ten sweeps, each
 * with forty metrics. The database changes before every answer, as it does four times a second while a run is trained.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { protocolFingerprint } from '../src/core/evaluation/protocol.ts';
import type { NextItemProtocol } from '../src/core/evaluation/types.ts';
import { openStore } from '../src/core/store/open-store.ts';
import type { Store } from '../src/core/store/store.ts';
import { runTableQuery } from '../src/core/store/table/run-table-types.ts';
import type { StudySpec } from '../src/core/studies/study.ts';
import { studyList } from '../src/main/services/analysis/studies.ts';
import { leaderboard } from '../src/main/services/runs/leaderboard.ts';
import { datasetSummary, newRun } from '../test/store/records.ts';
import { median } from './median.ts';

const RUNS = Number(process.argv[2] ?? 10_000);
const SWEEPS = 10;
const TIMES = 5;
const CUTOFFS = [1, 3, 5, 10, 20, 50, 100, 200];
const METRICS = ['valid', 'test'].flatMap((part) =>
  CUTOFFS.flatMap((k) => [`${part}/ndcg@${k}`, `${part}/hr@${k}`]).concat(
    ['mrr', 'rank', 'coverage@10', 'gini@10'].map((name) => `${part}/${name}`),
  ),
);
const PROTOCOL = {
  ...{ version: 2, dataset: 'fingerprint of club', split: 'leave-last-out', target: 'test', ties: 'file' },
  ...{
    candidates: 'interacted-items',
    historyFilter: 'all',
    rankTies: 'pessimistic',
    selection: 'validation',
  },
  cutoffs: CUTOFFS,
} as unknown as NextItemProtocol;

/** As many as a model has. */
const SETTINGS = Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`setting${at}`, `value ${at}`]));

function fill(store: Store): string {
  const dataset = datasetSummary('club');
  store.datasets.add(dataset);
  const trials = Math.floor((0.9 * RUNS) / SWEEPS);
  const spec = (sweep: number): StudySpec => ({
    ...{ kind: 'sweep', model: 'sasrec', overrides: {}, shares: [1], seeds: [1], device: 'cpu', threads: 1 },
    sweep: {
      search: 'grid',
      vary: [{ key: 'dim', values: '1..' }],
      trials,
      draw: 1,
      metric: 'valid/ndcg@10',
    },
    sizes: Array.from({ length: trials }, (_, at) => ({
      label: `dim ${at}`,
      config: { dim: 1000 * sweep + at },
    })),
    dataset: { id: dataset.id, name: dataset.name, fingerprint: dataset.fingerprint },
  });
  const studies = Array.from({ length: SWEEPS }, (_, at) => store.studies.create(`sweep ${at}`, spec(at)).id);
  store.transaction(() => {
    for (let at = 0; at < RUNS; at++) {
      const sweep = at % 10 === 9 ? -1 : Math.floor(at / 10) % SWEEPS;
      const config = { ...SETTINGS, epochs: 3, dim: at, protocol: 'validated' };
      const { id } = store.runs.create(newRun(dataset, { name: `run-${at}`, seed: 1, config }));
      const metrics = Object.fromEntries(
        METRICS.map((name, place) => [name, ((at * 7919 + place) % 1000) / 1000]),
      );
      store.lifecycle.begin(id, null);
      const result = {
        status: 'completed' as const,
        epochs: 3,
        selectedEpoch: 2,
        seconds: 9,
        metrics,
        ranks: [],
        protocol: PROTOCOL,
      };
      store.runs.setResult(id, result, protocolFingerprint(PROTOCOL));
      store.lifecycle.end(id, 'completed', null);
      if (sweep >= 0) {
        const size = placed[sweep]++;
        if (size < trials) store.studies.setRun(studies[sweep], { size, share: 1, seed: 1 }, id);
      }
    }
  });
  return dataset.name;
}
const placed = Array<number>(SWEEPS).fill(0);

const home = mkdtempSync(join(tmpdir(), 'bench-lists-'));
try {
  const store = openStore(home);
  const dataset = fill(store);
  const [{ id }] = store.runs.newest(1, { metrics: [] });
  const page = runTableQuery.parse({
    metrics: ['test/ndcg@10', 'test/hr@10'],
    foldStudies: true,
    limit: 200,
  });
  const unfolded = runTableQuery.parse({ metrics: ['test/ndcg@10', 'test/hr@10'], limit: 200 });
  const answers: Record<string, () => unknown> = {
    'page of runs': () => store.table.page(page),
    'page of runs, trials among them': () => store.table.page(unfolded),
    leaderboard: () => leaderboard(store, { dataset }),
    'list of studies': () => studyList(store, {}),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const seconds = Array.from({ length: TIMES }, (_, at) => {
      store.logs.append(id, [{ time: at, level: 'info', message: 'a change' }]);
      const before = process.cpuUsage();
      answer();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    });
    console.log(
      `${name}: ${median(seconds).toFixed(3)} s of processor time (first ${seconds[0].toFixed(3)} s)`,
    );
  }
  store.close();
} finally {
  rmSync(home, { recursive: true, force: true });
}
