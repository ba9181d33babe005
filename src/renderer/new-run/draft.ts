import type { DEVICES } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { RunTemplate } from './new-run.ts';
import { parseSeeds, seedsText } from './seeds.ts';

/** What the dialog holds: text as typed, and config keys that differ from the preset's. */
export interface RunDraft {
  dataset: string;
  model: string;
  /** Empty for the defaults. */
  preset: string;
  overrides: Record<string, unknown>;
  /** Fields of the config with a value that cannot be taken. */
  problems: number;
  seeds: string;
  device: (typeof DEVICES)[number];
  /** Empty for the settings' own. */
  threads: string;
  name: string;
  tags: string;
}

export function newDraft(
  template: RunTemplate,
  known: { dataset: string; device: RunDraft['device'] },
): RunDraft {
  const { dataset = known.dataset, model = 'sasrec', preset = '', overrides = {}, seeds = [1] } = template;
  return {
    ...{ dataset, model, preset, overrides, problems: 0, seeds: seedsText(seeds), device: known.device },
    ...{ threads: '', name: '', tags: '' },
  };
}

export function threadsProblem(text: string): string | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 1024
    ? null
    : 'it must be a whole number from 1 to 1024';
}

/** The draft as the queue takes it, or null while something in it cannot be taken. */
export function requestOf(draft: RunDraft): EnqueueRequest | null {
  const parsed = parseSeeds(draft.seeds);
  if ('problem' in parsed || draft.problems > 0 || draft.dataset === '' || threadsProblem(draft.threads))
    return null;
  const { dataset, model, overrides, device } = draft;
  return {
    ...{ dataset, model, overrides, device, seeds: parsed.seeds, notes: '' },
    ...(draft.preset === '' ? {} : { preset: draft.preset }),
    ...(draft.threads.trim() === '' ? {} : { threads: Number(draft.threads) }),
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  };
}
