/** What the terms of the field mean, in a sentence, for a reader who meets them in the window. */
import { splits } from '../data/splits/index.ts';
import { METRIC_GROUPS } from './metrics-table.ts';

/** By how a term begins, in lower case. */
const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ...Object.values(splits).map(({ term, meaning }) => [term, meaning] as const),
  [
    'all items',
    'The target is ranked among all items, not among a sample of them, which would flatter every model.',
  ],
  [
    'history filtered',
    'Items that the user already had are not recommended, and do not count as competitors of the target.',
  ],
  [
    'history in the window filtered',
    'Only items in the part of the history that the model reads are kept out of its lists.',
  ],
  [
    'history not filtered',
    'Items that the user already had may be recommended again, and count as competitors of the target.',
  ],
  [
    'best epoch on validation',
    'The epoch that was best on the validation items is tested; the test items decide nothing.',
  ],
  [
    'best epoch on test items',
    'The epoch was chosen on the test items themselves, so that the numbers are higher than a fair choice would give.',
  ],
  ['last checkpoint', 'The last epoch is tested, whatever validation says.'],
  [
    'validation',
    'Measured on held-out items that choose epochs and settings; the test then shows how well the choice holds.',
  ],
  [
    'protocol',
    'How runs are measured: split, candidates, filters and choice of the checkpoint. Numbers of different protocols are not comparable.',
  ],
  [
    'seeds',
    'Runs that differ in the start of their random numbers alone; their spread says how much of a difference is luck.',
  ],
  [
    '95 % interval',
    'If the measurement were repeated on other users, 95 % of such ranges would hold the true difference.',
  ],
  [
    'p, holm',
    'How often a difference this large would come by chance if there were none, corrected for testing several rows at once.',
  ],
  [
    'best simple',
    'The best baseline that is fitted in one go, such as Popularity, ItemKNN or EASE. A model that does not beat it is not worth its training.',
  ],
  ['best epoch', 'The epoch whose checkpoint was tested.'],
];

/** The meaning of a label such as "NDCG@10", "Validation NDCG@10" or "leave-last-out"; undefined for what explains itself. */
export function meaningOf(label: string): string | undefined {
  const [, split = '', rest = label] = /^(validation |test |training )?(.+)$/.exec(label.toLowerCase()) ?? [];
  const base = rest.replace(/@\d+$/, '');
  // A loss by itself is that of the training.
  const ofTraining = split === 'training ' || (split === '' && base === 'loss');
  const groups = METRIC_GROUPS.filter(({ prefixes }) => !ofTraining || prefixes.includes('train'));
  const metric = groups.flatMap(({ metrics }) => metrics).find(({ title }) => title.toLowerCase() === base);
  if (metric) {
    const where =
      split === 'validation '
        ? ' On the validation items, by which epochs and settings are usually chosen.'
        : '';
    return `${metric.title}: ${metric.meaning} (${metric.formula}).${where}`;
  }
  const text = label.toLowerCase();
  return TERMS.find(([term]) => text.startsWith(term))?.[1];
}
