/** What is written and measured at each size. Times are CPU times, medians of several turns after a first one, unless said otherwise. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_COLOURS } from '../../src/core/documents/writers/html-style.ts';
import { rankMetrics } from '../../src/core/evaluation/metrics.ts';
import type { UserRanks } from '../../src/core/evaluation/types.ts';
import { type CurvePanel, curveFigure } from '../../src/core/figures/curve-figure.ts';
import { textDocument } from '../../src/core/figures/document.ts';
import { drawFigure } from '../../src/core/figures/draw.ts';
import { eventRecord, scalarEvent } from '../../src/core/foreign/trackers/write-events.ts';
import { Random } from '../../src/core/math/random.ts';
import { writeFiles } from '../../src/core/store/files/write-files.ts';
import { runDetails } from '../../src/core/store/runs/run-details.ts';
import type { Store } from '../../src/core/store/store.ts';
import { comparedCurves } from '../../src/main/hub/compared-curves.ts';
import { comparisonView } from '../../src/main/services/analysis/comparisons.ts';
import { importTracker } from '../../src/main/services/analysis/trackers.ts';
import { median } from '../median.ts';
import { addDataset, addLongRun, addRuns, PROTOCOL } from '../ui/store.ts';
import { command, cpu, inStore, type Measure, peak, type Subject, TURNS, timed } from './measures.ts';
import { measureProgram } from './program.ts';
import { by, COLUMNS as FIELDS, METRICS, table, WORDS } from './table-queries.ts';

const CURVE_METRICS = Array.from({ length: 20 }, (_, at) => `valid/curve-${at}`);

/** So many points of each metric. */
function addCurves(store: Store, run: string, metrics: readonly string[], points: number): void {
  const random = new Random(1, points);
  const steps = Array.from({ length: points }, (_, at) => at + 1);
  const [epochs, times] = [steps.map((step) => step / 10), steps.map((step) => 1.78e12 + 1000 * step)];
  const series = metrics.map((metric) => {
    return { metric, steps, epochs, times, values: steps.map((step) => 1 / step + 0.1 * random.uniform()) };
  });
  store.series.append(run, series);
}

const RUNS = 75_000;
/** Of the runs, those that have curves, too. */
const WITH_CURVES = 1_000;

const runs: Subject = {
  make: (home) =>
    inStore(home, (store) => {
      const ids = store.transaction(() => addRuns(store, RUNS));
      for (const id of ids.slice(0, WITH_CURVES)) addCurves(store, id, CURVE_METRICS, 100);
    }),
  measure: (home) =>
    inStore(home, async (store) => {
      const [{ id: marked }] = store.runs.newest(1, { metrics: [] });
      const page = (what: string, most: number, query: (turn: number) => object) => {
        let turn = 0;
        // A store keeps the order of its latest queries: each turn asks for another one.
        return timed(what, () => store.table.page(table(query(turn++))), { most });
      };
      const newest = () => store.table.page(table(by('createdAt')));
      const all = [
        await timed('first rows of a store that was just opened', newest, { times: 1 }),
        await timed('the same after a change', () => {
          store.table.annotate(marked, { starred: true });
          return newest();
        }),
        await page('first rows', 200, (turn) => by(FIELDS[turn])),
        await page('sorted by a metric', 100, (turn) => by(`metric:${METRICS[turn]}`)),
        await page('filtered by a word', 100, (turn) => ({
          ...by('metric:test/ndcg@10'),
          search: WORDS[turn],
        })),
        await timed('best and second', () => store.table.places(table(by('createdAt')))),
        await timed('fields to choose from', () => store.table.fields()),
      ];
      return all.map(([measure]) => measure);
    }),
};

/** The same home, as the program has it open. */
const program: Subject = { make: runs.make, measure: measureProgram };

const MANY_METRICS = 12_345;

const metrics: Subject = {
  make: (home) =>
    inStore(home, (store) => {
      const [id] = addRuns(store, 1);
      store.runs.setResult(
        id,
        {
          ...{ status: 'completed', epochs: 1, selectedEpoch: 1, seconds: 1, ranks: [], protocol: PROTOCOL },
          metrics: Object.fromEntries(
            Array.from({ length: MANY_METRICS }, (_, at) => [`test/own-${at}`, at / MANY_METRICS]),
          ),
        },
        'a1b2c3d4e5f6',
      );
    }),
  measure: (home) =>
    inStore(home, async (store) => {
      const [{ id }] = store.runs.list();
      const [run] = await timed('the page of a run', () => runDetails(store, store.runs.get(id)), {
        most: 100,
      });
      const [list] = await timed('its row in the table', () => store.table.page(table({})));
      return [run, list];
    }),
};

const COLUMNS = 12_000;

const columns: Subject = {
  make: (home) =>
    inStore(home, (store) =>
      store.transaction(() => {
        const dataset = addDataset(store, 'beauty');
        for (let at = 0; at < COLUMNS / 100; at++) {
          const config = Object.fromEntries(
            Array.from({ length: 100 }, (_, key) => [`key${at}-${key}`, key]),
          );
          store.runs.create({
            ...{ name: `wide-${at}`, model: 'sasrec', config, dataset, seed: 1, requestedDevice: 'cpu' },
            ...{ threads: 2, codeVersion: '0.1.0' },
          });
        }
      }),
    ),
  measure: (home) =>
    inStore(home, async (store) => {
      const keys = Array.from({ length: 500 }, (_, at) => `key0-${at}`);
      const [fields] = await timed('12,000 fields to choose from', () => store.table.fields());
      const [page] = await timed(
        '500 of them in the table',
        () => store.table.page(table({ config: keys })),
        { most: 100 },
      );
      return [fields, page];
    }),
};

const CURVES = { runs: 100, metrics: 100, points: 10_000 };
const [WIDTH, HEIGHT, PIXELS] = [1_200, 240, 1_200];

/** From data at hand to the picture, without the browser's own part. */
function draw(points: { steps: number[]; epochs: number[]; times: number[]; values: number[] }[]): string {
  const series = points.map((one, at) => ({ ...one, id: String(at), label: `run ${at}`, colour: at % 10 }));
  const panel: CurvePanel = { title: 'Loss', fileName: 'loss', series };
  const view = { axis: 'step', smoothing: 0, logarithmic: false } as const;
  const spec = curveFigure(panel, { view, all: series, range: null });
  return String(
    drawFigure(spec, { width: WIDTH, height: HEIGHT, colours: PAGE_COLOURS, document: textDocument() }).svg,
  );
}

const curves: Subject = {
  make: (home) =>
    inStore(home, (store) => {
      const names = Array.from({ length: CURVES.metrics }, (_, at) => `valid/curve-${at}`);
      for (const id of addRuns(store, CURVES.runs)) addCurves(store, id, names, CURVES.points);
    }),
  measure: (home) =>
    inStore(home, async (store) => {
      const ids = store.runs.list().map(({ id }) => id);
      const asked = { runs: ids, metric: 'valid/curve-3', pixels: PIXELS };
      const [data, { curves: read }] = await timed('curves of 100 runs', () => comparedCurves(store, asked), {
        most: 500,
      });
      const [drawn] = await timed('drawn, without the browser', () => draw(read));
      return [data, drawn];
    }),
};

const LONG_SERIES = 10_000_000;

const series: Subject = {
  make: (home) =>
    inStore(home, (store) => void addLongRun(store, addDataset(store, 'beauty'), new Random(1), LONG_SERIES)),
  measure: (home) =>
    inStore(home, async (store) => {
      const [{ id }] = store.runs.list();
      const read = (from?: number, to?: number) => () =>
        store.series.read(id, 'train/loss', { from, to, limit: 2 * PIXELS });
      const [whole, points] = await timed('chart data of 10 million points', read(), { most: 100 });
      const [repaint] = await timed('drawn again from it, without the browser', () => draw([points]), {
        most: 16,
      });
      const [part] = await timed('data of a tenth of it', read(4_000_000, 5_000_000), { most: 50 });
      const [small] = await timed('data of a thousandth of it', read(4_000_000, 4_010_000), { most: 50 });
      return [whole, repaint, part, small];
    }),
};

const EVENT_BYTES = 400e6;

const tensorboard: Subject = {
  make(folder) {
    const run = join(folder, 'logs', 'run');
    mkdirSync(run, { recursive: true });
    const file = openSync(join(run, 'events.out.tfevents.1'), 'w');
    for (let [step, written] = [0, 0]; written < EVENT_BYTES; ) {
      const records = Array.from({ length: 10_000 }, () => {
        const scalars = [
          { tag: 'loss', value: 1 / ++step },
          { tag: 'val/ndcg@10', value: step / 1e9 },
        ];
        return eventRecord(scalarEvent(1.7e9 + step, step, scalars));
      });
      written += writeSync(file, Buffer.concat(records));
    }
    closeSync(file);
  },
  measure: (folder) =>
    inStore(join(folder, 'home'), async (store) => {
      const request = { paths: [join(folder, 'logs')], from: null, map: {} };
      const start = cpu();
      await importTracker(store, request);
      return [
        {
          what: 'a file of 400 MB taken in',
          value: Math.round((cpu() - start) / 1000),
          unit: 's',
          most: 20,
        },
        { ...peak(), what: 'most memory meanwhile', most: 300 },
      ];
    }),
};

/** Ranks of all users, those of a run better or worse by its number; a tenth of the targets is in the first ten. */
function ranksOf(users: number, run: number): UserRanks {
  const [random, candidates] = [new Random(7, run), 12_101];
  const column = (of: (at: number) => number) => Int32Array.from({ length: users }, (_, at) => of(at));
  const reach = 1 + (run % 10) / 20;
  return {
    ...{ split: 'test', candidates, topK: 0, topItems: new Int32Array() },
    ...{ users: column((at) => at), targets: column((at) => at % candidates) },
    ranks: column(() => 1 + Math.floor(candidates * random.uniform() ** (3 / reach))),
    historyLengths: column(() => 9),
  };
}

/** Runs with the ranks of so many users, of one data set and protocol. */
function addRanked(home: string, count: number, users: number): Promise<void> {
  return inStore(home, (store) => {
    const dataset = addDataset(store, 'large');
    for (let at = 0; at < count; at++) {
      const { id } = store.runs.create({
        ...{ name: `ranked-${at}`, model: 'sasrec', config: { dim: at + 1 }, dataset, seed: 1 },
        ...{ requestedDevice: 'cpu', threads: 2, codeVersion: '0.1.0' },
      });
      store.lifecycle.begin(id, null);
      const ranks = ranksOf(users, at);
      store.ranks.save(id, ranks);
      store.runs.setResult(
        id,
        {
          ...{
            status: 'completed',
            epochs: 1,
            selectedEpoch: 1,
            seconds: 1,
            ranks: [ranks],
            protocol: PROTOCOL,
          },
          metrics: rankMetrics(ranks),
        },
        'a1b2c3d4e5f6',
      );
      store.lifecycle.end(id, 'completed', null);
    }
  });
}

/** A comparison up to its values, and whole; of a store that has compared nothing yet. */
async function compared(home: string, most: { values?: number; whole: number }): Promise<Measure[]> {
  return inStore(home, async (store) => {
    const ids = store.runs.list().map(({ id }) => id);
    const start = cpu();
    const taken = () => Math.round(cpu() - start);
    let values = 0;
    await comparisonView(store, { runs: ids, baseline: ids[0] } as never, {
      onProgress: ({ untested }) => {
        if (untested && values === 0) values = taken();
      },
    });
    return [
      { what: 'values', value: values, unit: 'ms', most: most.values },
      { what: 'with intervals and tests', value: taken(), unit: 'ms', most: most.whole },
    ];
  });
}

const compare: Subject = {
  make: (home) => addRanked(home, 100, 943),
  measure: (home) => compared(home, { whole: 1_000 }),
};

const users: Subject = {
  make: (home) => addRanked(home, 10, 1_000_000),
  measure: (home) => compared(home, { values: 3_000, whole: 15_000 }),
};

const LISTED = 5_000;
const list: Subject = {
  // With the files of the runs, as a home is once its program has had a moment: else each command writes some of them.
  make: (home) =>
    inStore(home, async (store) => {
      store.transaction(() => addRuns(store, LISTED));
      await writeFiles(store);
    }),
  async measure(home) {
    const turns: Awaited<ReturnType<typeof command>>[] = [];
    for (let turn = 0; turn <= TURNS; turn++)
      turns.push(await command('--home', home, 'runs', 'list', '--limit', String(LISTED)));
    const of = (key: 'ms' | 'bytes') => median(turns.slice(1).map((turn) => turn[key]));
    return [
      { what: 'runs list, all of it, wall time', value: Math.round(of('ms')), unit: 'ms', most: 500 },
      { what: 'its memory', value: Math.round(of('bytes') / 2 ** 20), unit: 'MiB', most: 150 },
    ];
  },
};

export const subjects: Record<string, Subject> = {
  ...{ runs, program, metrics, columns, curves, series, tensorboard, compare, list, users },
};
