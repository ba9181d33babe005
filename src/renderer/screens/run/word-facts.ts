/** A language model with codes as words, in words. */
import { z } from 'zod';
import type { OwnRun } from '../../../core/api/runs.ts';
import { countText, grouped } from '../../format/format.ts';

/** What its page reads of a config. */
const wordsConfig = z.object({
  tokeniser: z.string(),
  collisionToken: z.boolean(),
  shuffleIds: z.number(),
  weights: z.string(),
  languageFrom: z.string(),
  startFrom: z.string(),
  newRows: z.enum(['mean', 'random']),
  historyShare: z.number(),
  itemToIdShare: z.number(),
  idToTitleShare: z.number(),
  loraRank: z.number(),
  loraTargets: z.string(),
});
export type WordsConfig = z.output<typeof wordsConfig>;

/** Null for a run without codes as words. */
export function wordsOf({ model, config }: Pick<OwnRun, 'model' | 'config'>): WordsConfig | null {
  return model === 'lc-rec' ? (wordsConfig.safeParse(config).data ?? null) : null;
}

export interface TaskShare {
  task: string;
  /** Of the examples, of 1. */
  share: number;
}

/** The tasks among its examples; those of no share are left out. */
export function taskShares({ historyShare, itemToIdShare, idToTitleShare }: WordsConfig): TaskShare[] {
  const all = historyShare + itemToIdShare + idToTitleShare;
  const tasks = [
    { task: 'Next items of a history', share: historyShare / all },
    { task: 'ID of a title', share: itemToIdShare / all },
    { task: 'Title of an ID', share: idToTitleShare / all },
  ];
  return tasks.filter(({ share }) => share > 0);
}

/** "768 new rows (3 × 256), and one for each number of a collision; each at first the mean of the words in its items' titles" */
export function rowsText({ collisionToken, newRows }: WordsConfig, sizes: readonly number[]): string {
  const alike = sizes.every((size) => size === sizes[0]);
  const levels = alike ? `${sizes.length} × ${grouped(sizes[0])}` : sizes.map(grouped).join(' + ');
  const rows = countText(
    sizes.reduce((sum, size) => sum + size, 0),
    'new row',
  );
  const collisions = collisionToken ? ', and one for each number of a collision' : '';
  const first = newRows === 'mean' ? "the mean of the words in its items' titles" : 'random';
  return `${rows} (${levels})${collisions}; each at first ${first}`;
}

export const trainsText = ({ loraRank, loraTargets }: WordsConfig): string =>
  loraRank === 0
    ? 'every parameter'
    : `rows of codes, and LoRA of rank ${loraRank} on ${loraTargets === 'all' ? 'all matrices' : loraTargets}`;
