/** What the dialog of a new study holds: text as typed. */
import type { StudyRequest } from '../../../core/api/studies.ts';

export interface StudyDraft {
  name: string;
  dataset: string;
  model: string;
  preset: string;
  sizes: string;
  shares: string;
  seeds: string;
  /** "key=value", separated by commas or lines. */
  settings: string;
}

/** The ladder of Zhang et al. 2024, RecSys: 98 thousand to 829 million non-embedding parameters. */
export const PUBLISHED = '64x2x2, 128x4x4, 128x8x4, 256x12x8, 512x24x8, 1200x48x24';

export const emptyDraft: StudyDraft = {
  ...{ name: '', dataset: '', model: 'sasrec', preset: '', settings: 'loss=full-softmax' },
  ...{ sizes: '16x2, 32x2, 64x2, 128x2, 256x2', shares: '12.5, 25, 50, 100', seeds: '1' },
};

export type Parsed = { request: StudyRequest; problems: null } | { request: null; problems: Problems };
export type Problems = Partial<Record<keyof StudyDraft, string>>;

const parts = (text: string) =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** The draft as the api takes it, or what is wrong by field. */
export function parseDraft(draft: StudyDraft): Parsed {
  const problems: Problems = {};
  const sizes = parts(draft.sizes);
  if (sizes.length === 0) problems.sizes = 'write sizes such as 32x2, 64x2';
  const shares = parts(draft.shares).map((text) => Number(text) / 100);
  if (shares.length === 0 || shares.some((share) => !(share > 0 && share <= 1))) {
    problems.shares = 'write percentages above 0 and up to 100';
  }
  const seeds = parts(draft.seeds).map(Number);
  if (seeds.length === 0 || seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0)) {
    problems.seeds = 'write whole numbers from 0 on';
  }
  const settings = parts(draft.settings).map((text) => /^([^=\s]+)\s*=\s*(.*)$/.exec(text));
  if (settings.includes(null)) problems.settings = 'write key=value, such as epochs=20';
  if (draft.dataset === '') problems.dataset = 'import a data set first';
  if (Object.keys(problems).length > 0) return { request: null, problems };
  const overrides = Object.fromEntries(
    settings.flatMap((found) => (found ? [[found[1], settingValue(found[2])]] : [])),
  );
  const ascending = shares.toSorted((a, b) => a - b);
  const { dataset, model, preset } = draft;
  const request = {
    kind: 'law' as const,
    ...{ dataset, model, overrides, sizes, shares: ascending, seeds, device: 'auto' as const },
    ...(preset === '' ? {} : { preset }),
  };
  return { request, problems: null };
}

/** A value that is JSON is taken as such, any other as text, as on the command line. */
function settingValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
