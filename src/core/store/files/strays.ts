/** What folders that no row knows seem to be. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSummary } from '../../data/read.ts';
import { messageOf } from '../../errors.ts';
import { type Machine, thisMachine } from '../../machine.ts';
import { countText } from '../../names.ts';
import type { StrayFacts } from '../home/trash-types.ts';
import { isPlain } from './adopt.ts';
import { RUN_FILE, readRunFile } from './run-file.ts';
import { journalsIn, trainerIn } from './stray-trainer.ts';

const NO_RUN = { trains: false, isMeasurable: false } as const;

/** Reads what a stray folder, by its path inside the home, says of itself; nothing in it is changed. `at` is null where it is gone. Never throws. */
export function describeStray(home: string, path: string, machine = thisMachine): StrayFacts {
  const folder = join(home, path);
  const at = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? null;
  try {
    return path.startsWith('runs/') ? describeRun(folder, machine) : describeDataset(folder, at);
  } catch (error) {
    const file = path.startsWith('runs/') ? RUN_FILE : 'dataset.json';
    const journals = at !== null && path.startsWith('runs/') ? journalsIn(folder).length : 0;
    // Its path is said beside it.
    const why = messageOf(error).replaceAll(`${folder}/`, '').replaceAll(folder, path);
    const isThere = isPlain(join(folder, file), 'isFile');
    return {
      ...{ title: path, model: null, from: 'Unknown', at },
      readable: isThere ? why : `no ${file}, which says what it is`,
      // Journals alone may be those of another program.
      isWhole: !isThere && journals > 0,
      state: journals === 0 ? 'Unknown' : `${countText(journals, 'journal')} there`,
      ...NO_RUN,
    };
  }
}

function describeRun(folder: string, machine: Machine): StrayFacts {
  const { run, attempts } = readRunFile(folder);
  const trains = trainerIn(folder, machine)?.liveness === 'alive';
  const journals = attempts.flatMap(({ journal }) => journal ?? []);
  const missing = journals.filter((journal) => !isPlain(join(folder, journal), 'isFile')).length;
  return {
    ...{ title: run.name, model: run.model, isWhole: true, at: run.created_at },
    readable:
      missing === 0
        ? 'settings and journals whole'
        : `settings whole; ${missing} of ${countText(journals.length, 'journal')} missing`,
    from: run.place ?? run.program ?? 'another database',
    state: trains ? 'still running' : run.status.replaceAll('-', ' '),
    trains,
    isMeasurable: !trains && run.kind === 'own' && hasCheckpoint(folder),
  };
}

function describeDataset(folder: string, at: number | null): StrayFacts {
  const { name, statistics } = readSummary(folder);
  const state = countText(statistics.interactions, 'interaction');
  const from = 'another database';
  return { ...NO_RUN, title: name, model: null, readable: 'data set whole', isWhole: true, from, at, state };
}

function hasCheckpoint(folder: string): boolean {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.some((name) => name.endsWith('.safetensors'));
}
