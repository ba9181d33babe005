import type { ImportCount } from '../../../core/api/datasets.ts';
import { shareText } from '../../../core/api/datasets.ts';
import { grouped } from '../../format/format.ts';
import type { ImportDraft } from './import-draft.ts';

export interface OddThing {
  text: string;
  /** Something is most likely wrong. */
  grave?: boolean;
}

const REPEATS: Record<ImportDraft['dedupe'], string> = {
  none: 'all are kept',
  exact: 'they are left out',
  first: 'only the first of a user and item is kept',
  last: 'only the last of a user and item is kept',
};

/** What of the files a reader would want to know before trusting them, the worst first. */
export function oddThings(count: ImportCount, { dedupe, ties, seed }: ImportDraft): OddThing[] {
  const { items, described, source, repeats, tied } = count;
  const odd: OddThing[] = [];
  if (count.interactions === 0) {
    const text =
      source.interactions > 0
        ? 'No interactions remain. Relax the filters.'
        : 'No row can be read: check the meaning of each column, or correct the file.';
    odd.push({ text, grave: true });
  }
  if (described === 0 && items > 0) {
    const text = `None of the ${grouped(items)} items is in the file that describes items: its ids do not match. Titles and other columns would describe nothing.`;
    odd.push({ text, grave: true });
  } else if (described !== null && described < items) {
    odd.push({ text: `${grouped(items - described)} of the ${grouped(items)} items are not described.` });
  }
  if (repeats) {
    const what = tied === null ? 'a user and item' : 'a user, item and time';
    odd.push({ text: `${rows(repeats)} ${what}; ${REPEATS[dedupe]}.` });
  }
  if (tied) {
    const order = ties === 'shuffle' ? `shuffled by seed ${seed.trim() || 0}` : 'in the order of the file';
    const share = shareText(tied, source.interactions);
    odd.push({ text: `${grouped(tied)} rows (${share}) share user and time with another; ${order}.` });
  }
  return odd;
}

const rows = (repeats: number) => (repeats === 1 ? 'One row repeats' : `${grouped(repeats)} rows repeat`);
