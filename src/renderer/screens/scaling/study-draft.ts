/** What the dialog of a new study holds: text as typed. */
import type { ScalingRequest } from '../../../core/api/studies.ts';
import { BASE_LARGE_BLOCKS, BASE_LARGE_MODELS, type BASE_LARGE_SETTINGS } from '../../../core/api/studies.ts';

import { parseSettings, parts } from '../../new-run/settings-text.ts';

export interface StudyDraft {
  kind: ScalingRequest['kind'];
  name: string;
  dataset: string;
  model: string;
  preset: string;
  sizes: string;
  shares: string;
  seeds: string;
  /** "key=value", separated by commas or lines. */
  settings: string;
  /** Of bases against Larges: ids, whose published settings, and "2, 8". */
  models: BaseLargeModel[];
  published: (typeof BASE_LARGE_SETTINGS)[number];
  blocks: string;
}

export type BaseLargeModel = (typeof BASE_LARGE_MODELS)[number];

export const emptyDraft: StudyDraft = {
  kind: 'law',
  name: '',
  dataset: '',
  model: 'sasrec',
  preset: '',
  settings: 'loss=full-softmax',
  sizes: '16x2, 32x2, 64x2, 128x2, 256x2',
  shares: '12.5, 25, 50, 100',
  seeds: '1',
  models: [...BASE_LARGE_MODELS],
  published: 'ml-1m',
  blocks: BASE_LARGE_BLOCKS.join(', '),
};

export type Parsed = { request: ScalingRequest; problems: null } | { request: null; problems: Problems };
export type Problems = Partial<Record<keyof StudyDraft, string>>;

/** The draft as the api takes it, or what is wrong by field. */
export function parseDraft(draft: StudyDraft): Parsed {
  const problems: Problems = {};
  const seeds = parts(draft.seeds).map(Number);
  if (seeds.length === 0 || seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0)) {
    problems.seeds = 'write whole numbers from 0 on';
  }
  const settings = parseSettings(draft.settings);
  if ('problem' in settings) problems.settings = settings.problem;
  if (draft.dataset === '') problems.dataset = 'import a data set first';
  const overrides = 'overrides' in settings ? settings.overrides : {};
  const shared = { dataset: draft.dataset, overrides, seeds, device: 'auto' as const };
  const question = draft.kind === 'law' ? lawPart(draft, problems) : baseLargePart(draft, problems);
  if (Object.keys(problems).length > 0) return { request: null, problems };
  return { request: { ...shared, ...question }, problems: null };
}

/** Writes what is wrong into `problems`. */
function lawPart(draft: StudyDraft, problems: Problems) {
  const sizes = parts(draft.sizes);
  if (sizes.length === 0) problems.sizes = 'write sizes such as 32x2, 64x2';
  const shares = parts(draft.shares).map((text) => Number(text) / 100);
  if (shares.length === 0 || shares.some((share) => !(share > 0 && share <= 1))) {
    problems.shares = 'write percentages above 0 and up to 100';
  }
  const { model, preset } = draft;
  return {
    kind: 'law' as const,
    model,
    sizes,
    shares: shares.toSorted((a, b) => a - b),
    ...(preset === '' ? {} : { preset }),
  };
}

/** Writes what is wrong into `problems`. */
function baseLargePart({ models, published, blocks }: StudyDraft, problems: Problems) {
  const [base, large, ...more] = parts(blocks).map(Number);
  const areCounts = [base, large].every((count) => Number.isSafeInteger(count) && count > 0);
  if (!areCounts || more.length > 0 || base >= large)
    problems.blocks = 'write two whole numbers, the larger one last: 2, 8';
  if (models.length === 0) problems.models = 'choose at least one model';
  const pair: [number, number] = [base, large];
  return { kind: 'base-large' as const, models, settings: published, blocks: pair };
}
