/**
 * Records the course of a training, in processor time: what else the machine does meanwhile is not in it.
 * `node test/courses/record.ts FILE.json HOME DATASET MODEL [key=value...]` adds it to the list in FILE.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../../src/core/families/registry.ts';
import { runTraining } from '../../src/core/families/trainer.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { TrainSpec } from '../../src/core/training/events.ts';
import { resolveSources, sourceRuns } from '../../src/main/services/runs/source-runs.ts';
import { type Course, type Moment, PHASES } from './course.ts';

/** Within a phase of an epoch, of the first ones and of later ones; its first and last moment are kept besides. */
const [KEPT_AT_FIRST, KEPT] = [16, 1];
const FIRST_PARTS = 10;

const [file, home, reference, model, ...settings] = process.argv.slice(2);
const store = openStore(home);
const dataset = store.datasets.find(reference);
const pairs = settings.map((pair) => pair.split('='));
const overrides = Object.fromEntries(
  pairs.map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const { seed = 1, ...own } = overrides;
const config = resolveSources(store, resolveConfig(model, { overrides: own }), { model, dataset });
const runDir = mkdtempSync(join(tmpdir(), 'tessera-course-'));
const moments: Moment[] = [];
const about = { epochs: 1, unit: '' };

function seconds(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e4) / 100;
}

const spec: TrainSpec = {
  ...{ runId: 'course', model, config, datasetDir: store.datasets.folder(dataset.id), seed: Number(seed) },
  ...{ threads: 1, runDir, resumeFrom: null, sources: sourceRuns(store, config) },
  device: 'cpu',
};
await runTraining(spec, (event) => {
  if (event.type !== 'progress') return;
  const { phase, epoch, epochs, done, total, unit } = event;
  if (phase === 'train') Object.assign(about, { epochs, unit });
  moments.push([PHASES.indexOf(phase), epoch, done, total, seconds()]);
});
rmSync(runDir, { recursive: true });
const course: Course = { model, dataset: reference, ...about, seconds: seconds(), moments: thinned(moments) };
const courses: Course[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const lines = [...courses, course].map((one) => JSON.stringify(one));
writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
console.log(`${model}: ${course.seconds} s, ${course.moments.length} of ${moments.length} moments`);

/** Of every phase of an epoch the first moment, the last, and some between. */
function thinned(all: readonly Moment[]): Moment[] {
  const parts: Moment[][] = [];
  for (const moment of all) {
    const last = parts.at(-1);
    const before = last?.at(-1);
    const goesOn = before && before[0] === moment[0] && before[1] === moment[1] && before[2] < moment[2];
    if (last && goesOn) last.push(moment);
    else parts.push([moment]);
  }
  return parts.flatMap((part, index) => {
    const every = Math.max(1, Math.ceil((part.length - 2) / (index < FIRST_PARTS ? KEPT_AT_FIRST : KEPT)));
    return part.filter((_, at) => at === 0 || at === part.length - 1 || at % every === 0);
  });
}
