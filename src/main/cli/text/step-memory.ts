/** What a training would take in memory, before it starts. */

import { amount } from '../../../core/documents/study/words.ts';
import { UserError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store/store.ts';
import { LocalExecutor } from '../../executors/local.ts';
import type { RunRequest } from '../../services/runs/create-run.ts';
import { ProbeService } from '../../services/runs/probes.ts';
import type { Answer } from '../context.ts';
import { chosenDevice } from '../device-option.ts';

/** Throws UserError for a run of another machine, or one that would fail at its start. */
export async function stepMemory(
  store: Store,
  { place, model, config, dataset, device, threads }: RunRequest,
): Promise<Answer> {
  if (place) throw new UserError(`--dry-run is for trainings here: the memory of ${place} is unknown`);
  const probes = new ProbeService(store, new LocalExecutor(), () => chosenDevice('auto'));
  const memory = await probes.weigh({ model, config, dataset, device, threads });
  const text =
    memory === null
      ? 'Memory of a step: unknown. It makes no steps, prepares the first one for long, or trains on a GPU.'
      : (memory.problem ??
        `A training step takes about ${amount(memory.bytes)}B of memory, and ${amount(memory.free)}B are free.`);
  return [memory, text];
}
