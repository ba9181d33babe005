import { UserError } from '../../../errors.ts';
import type { SourceRun, TrainSpec } from '../../../training/events.ts';

/** The run whose IDs are rewarded. Throws UserError without one that has a checkpoint. */
export function policyRun(sources: TrainSpec['sources']): SourceRun & { checkpoint: string } {
  const source = sources?.policy;
  if (!source) throw new UserError('config "policy": name the run whose lists are rewarded');
  const { checkpoint } = source;
  if (checkpoint === null)
    throw new UserError(`run ${source.name} (${source.run}) has no checkpoint to start from`);
  return { ...source, checkpoint };
}
