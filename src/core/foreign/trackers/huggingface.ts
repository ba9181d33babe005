/** Runs of Hugging Face's Trainer: `trainer_state.json` in the folder of a run, and in each of its checkpoints, with all that was logged until then. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import {
  figuresOf,
  flatEntries,
  loggedNumber,
  nameOf,
  pythonJson,
  type ToldPoint,
  type TrackerListener,
  tellPoints,
} from './told.ts';

export const isTrainerState = (path: string) => basename(path) === 'trainer_state.json';

/** The folder of the run that a file is of. */
export function trainerFolder(path: string): string {
  const folder = dirname(path);
  return /^checkpoint-\d+$/.test(basename(folder)) ? dirname(folder) : folder;
}

const record = z.record(z.string(), z.unknown());
const number = z.number().nullish().catch(null);
const stateSchema = z.object({
  ...{ global_step: z.number(), max_steps: z.number().catch(0), log_history: z.array(record) },
  ...{ trial_params: record.nullish().catch(null), train_batch_size: number, num_train_epochs: number },
});
type State = z.output<typeof stateSchema>;

const modelSchema = z.object({ architectures: z.array(z.string()).min(1) });

/** The state that has come furthest has all that the others have. */
export function readTrainerStates(files: readonly string[], to: TrackerListener): void {
  const states = files.flatMap((file) => {
    const { data } = stateSchema.safeParse(pythonJson(readFileSync(file, 'utf8')));
    if (!data) to.lost(`${file} is no state of a Trainer`, null);
    return data ? [{ file, state: data }] : [];
  });
  const [last] = states.sort((a, b) => b.state.global_step - a.state.global_step);
  if (last) tell(last.file, last.state, to);
}

function tell(file: string, state: State, to: TrackerListener): void {
  const { global_step: reached, max_steps: wanted, train_batch_size, num_train_epochs, trial_params } = state;
  const folder = trainerFolder(file);
  const points: ToldPoint[] = [];
  let stated: Record<string, number> | undefined;
  for (const { step, epoch, ...logged } of state.log_history) {
    const figures = figuresOf(Object.entries(logged));
    // The last record of all sums the training up.
    if ('train_runtime' in logged) stated = figures;
    else
      for (const [metric, value] of Object.entries(figures))
        points.push({ metric, value, step: Number(step), epoch: loggedNumber(epoch) });
  }
  const known = Object.fromEntries(
    flatEntries({ train_batch_size, ...trial_params }, '.').filter(([, value]) => value !== null),
  );
  const run = to.identify(`${basename(folder)}/${basename(file)}`, { config: known, points });
  const isOver = stated !== undefined || (wanted > 0 && reached >= wanted);
  to.facts(run, {
    ...{ name: nameOf(folder, to.root), program: 'Hugging Face Trainer', stated },
    config: {
      ...known,
      ...(num_train_epochs !== null && { num_train_epochs }),
      ...(wanted > 0 && { max_steps: wanted }),
    },
    model: modelIn([dirname(file), folder]),
    status: isOver ? 'completed' : 'interrupted',
    message: isOver ? '' : `it had reached step ${reached} of ${wanted} when it was imported`,
  });
  tellPoints(run, points, to);
}

/** The class of the model that was saved in one of these folders. */
function modelIn(folders: readonly string[]): string | undefined {
  const path = folders.map((folder) => join(folder, 'config.json')).find((path) => existsSync(path));
  return path && modelSchema.safeParse(pythonJson(readFileSync(path, 'utf8'))).data?.architectures[0];
}
