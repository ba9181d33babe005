/** What a map says in words. */
import type { CodebookFacts, CodebookView, CodeMap, LevelSummary } from '../../../../core/api/codebooks.ts';
import { countText, fixed, grouped } from '../../../format/format.ts';

/** The sign stays with its number. */
const percent = (share: number, decimals = 0) => `${fixed(100 * share, decimals)}\u00a0%`;
const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const ORDER = ['first', 'second', 'third', 'fourth', 'fifth'];

export interface MapStatement {
  fact: string;
  limit: string;
  numbers: string;
}

/** Items that share an ID, and the collision rate: two numbers that are not the same. */
export function sharingText({ sharing, itemCount, ids }: CodeMap): string {
  if (itemCount === 0) return 'No item has an ID';
  return `${percent(sharing / itemCount, 1)} of the items share their ID, collision rate ${percent(1 - ids / itemCount, 1)}`;
}

/** What is not there of a data set that has neither, and how the map does without. */
const WITHOUT =
  'This data set has no categories and no titles: colour is interactions, regions have no names, an item is its id. ';

type Told = Pick<CodebookFacts, 'isTraining' | 'hasTitles' | 'category'>;

/** Of a tokeniser that trains, `state` is the map that is drawn: "iteration 6". */
export function mapStatement(
  map: CodeMap,
  { isTraining, hasTitles, category }: Told,
  state = '',
): MapStatement {
  const numbers = `${hasTitles || category ? '' : WITHOUT}${sharingText(map)}.`;
  if (isTraining) return { fact: `The map of ${state}`, limit: ', drawn again with its next state', numbers };
  const [first, ...further] = map.levels.map(({ told }) => told);
  if (map.byPair) {
    const used = map.items.length;
    const median = [...map.items].sort((a, b) => a - b)[Math.floor(used / 2)] ?? 0;
    return {
      fact: countText(map.itemCount, 'item'),
      limit: `: a tile is now two codes, ${countText(median, 'item')} at the median`,
      numbers: `From 30,000 items on. ${grouped(used)} pairs used; ${numbers}`,
    };
  }
  if (map.root.length > 0 || first == null) {
    const blocks = map.starts.filter((start, code) => map.starts[code + 1] > start).length;
    return {
      fact: countText(map.itemCount, 'item'),
      limit: ` in ${countText(blocks, 'code')} of level ${map.root.length + 1}`,
      numbers,
    };
  }
  const rest = further.flatMap((told, at) =>
    told === null ? [] : [`the ${ORDER[at + 1] ?? `${at + 2}th`} tells ${percent(told)}`],
  );
  const alone = rest.length > 0 ? `Alone, ${rest.join(' and ')}. ` : '';
  return {
    fact: `The first code knows ${first >= 0.5 ? 'the kind' : 'little of the kind'}`,
    limit: `: it tells ${percent(first)} of an item's category`,
    numbers: `${alone}${numbers}`,
  };
}

/** The title of a picture until the user writes another. */
export const pictureTitle = (map: CodeMap, levels: number): string =>
  `${countText(map.itemCount, 'item')}, written in ${NUMBERS[levels] ?? levels} ${levels === 1 ? 'code' : 'codes'}`;

/** How a map is read. */
export function mapNote({ byPair, root }: CodeMap): string {
  if (byPair) return 'A tile is a pair of codes, its strength the items in it.';
  const next = ORDER[root.length + 1];
  if (root.length > 0) return `A tile is an item, a block its ${ORDER[root.length] ?? 'next'} code.`;
  return `Tile: an item. Block: its first code.${next ? ` Shade: its ${next}.` : ''} Neighbours are alike.`;
}

/** The same as the sentences of a picture. */
export function pictureLead({ byPair, root }: CodeMap, dataset: string): string {
  const alike = root.length === 0 ? ' Neighbours are alike.' : '';
  if (byPair)
    return `Each tile is a pair of codes of ${dataset}, the stronger the more items have it.${alike}`;
  const shade = root.length === 0 ? ', each shade a second' : '';
  return `Each tile is an item of ${dataset}, each block a ${ORDER[root.length] ?? 'further'} code${shade}.${alike}`;
}

/** "3 × 256 codes · 12,101 items · seed 1" */
export function sizeText({ codebookSizes, items, withId, seed }: CodebookFacts): string {
  const without = items - withId;
  return [
    `${shapeText(codebookSizes)} codes`,
    `${countText(withId, 'item')}${without > 0 ? `, ${grouped(without)} without an ID` : ''}`,
    `seed ${seed}`,
  ].join(' · ');
}

export function shapeText(sizes: readonly number[]): string {
  const equal = sizes.every((size) => size === sizes[0]);
  return equal ? `${sizes.length} × ${sizes[0]}` : sizes.join(' × ');
}

/** Three numbers that a picture tells beside the map. */
export function pictureNumbers(map: CodeMap): [value: string, words: string][] {
  const [first] = map.levels.map(({ told }) => told);
  const perplexities = map.levels.map(({ perplexity }) => fixed(perplexity, 0)).join(' / ');
  const sizes = [...new Set(map.levels.map(({ size }: LevelSummary) => size))].join(' / ');
  const shared = map.itemCount === 0 ? 0 : (100 * map.sharing) / map.itemCount;
  return [
    first == null
      ? [grouped(map.ids), 'different IDs']
      : [percent(first), 'of the category is told by the first code'],
    [perplexities, `codes in even use, of ${sizes} a level`],
    [`${fixed(shared, 1)} %`, 'of the items share an ID'],
  ];
}

/** "iteration 6": the state that is shown. */
export function iterationText(
  { selected, snapshots }: Pick<CodebookFacts, 'selected' | 'snapshots'>,
  { step }: Pick<CodebookView, 'step'>,
): string {
  const shown = step ?? selected;
  return `iteration ${snapshots.find((one) => one.step === shown)?.epoch ?? shown}`;
}
