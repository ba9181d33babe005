import { type CodeMap, OTHER_CATEGORIES } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';

/** Hues of the palette; its grey stands for all further categories. */
const HUES = [0, 1, 2, 3, 4, 7, 5];
export const COLOURED_CATEGORIES = HUES.length;

/** The colour of a category by its place in the list of names; -1 for an unknown one. */
export type CategoryInk = (category: number) => string;

/** The most frequent categories have hues of their own; further ones and none at all are grey. */
export function categoryInk(
  categories: readonly string[],
  { palette, lineStrong, muted }: ChartColours,
): CategoryInk {
  const further = mixed(muted, lineStrong, 0.4);
  const inks = categories.map((name, at) =>
    at < HUES.length && name !== OTHER_CATEGORIES ? palette[HUES[at]] : further,
  );
  return (category) => (category < 0 ? lineStrong : (inks[category] ?? further));
}

export const mapInk = ({ categories }: Pick<CodeMap, 'categories'>, colours: ChartColours): CategoryInk =>
  categoryInk(
    categories.map(({ name }) => name),
    colours,
  );

/** The category's colour, the paler the fewer of the items are of it. */
export function purityColour(
  ink: CategoryInk,
  category: number,
  purity: number,
  { background }: ChartColours,
): string {
  return mixed(ink(category), background, category < 0 ? 1 : 0.25 + 0.75 * purity);
}

/** For what is not selected. */
export function faded(colour: string, { background }: ChartColours): string {
  return mixed(colour, background, 0.22);
}
