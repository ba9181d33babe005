/** Trainings in Tessera's folder of a host that a desktop does not know: of another data folder, or of a database that was lost. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isThere, jsonIn } from './folders.ts';
import { stateOfGroup } from './groups.ts';
import type { Jobs } from './jobs.ts';
import { JOURNAL, type StrayThere } from './questions.ts';
import type { AgentSystem } from './system.ts';

/** What a desktop calls the folder of a training: whatever else lies there is nobody's. */
const OF_A_TRAINING = /^[0-9a-z]+-events-\d+-\d+$/;

/** Nothing there is changed. */
export function straysIn(
  system: AgentSystem,
  root: string,
  jobs: Jobs,
  known: readonly string[],
): StrayThere[] {
  const all = join(root, 'runs');
  if (!isThere(all)) return [];
  const own = new Set(known);
  return readdirSync(all, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && OF_A_TRAINING.test(entry.name) && !own.has(entry.name))
    .map(({ name }) => {
      const folder = join(all, name);
      const { model, datasetDir } = jsonIn<Record<string, unknown>>(join(folder, 'spec.json')) ?? {};
      return {
        ...{ name, ...stateOf(system, jobs, name), model: textOr(model) },
        dataset: textOr(datasetDir)?.split('/').at(-1) ?? null,
        at: Math.round(
          (statSync(join(folder, JOURNAL), { throwIfNoEntry: false }) ?? statSync(folder)).mtimeMs,
        ),
      };
    });
}

/** One that cannot be told hides no other one. */
function stateOf(system: AgentSystem, jobs: Jobs, name: string): Pick<StrayThere, 'state' | 'job'> {
  try {
    const isJob = jobs.schedulerOf(name) !== null;
    const { state, job } = isJob ? jobs.stateOf(name) : stateOfGroup(system, jobs.folderOf(name));
    return { state, job };
  } catch {
    return { state: null, job: null };
  }
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : null);
