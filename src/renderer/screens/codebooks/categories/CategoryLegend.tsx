import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { Legend as Entries } from '../../../components/lists.tsx';
import { COLOURED_CATEGORIES, categoryInk } from './category-colours.ts';

/** What the colours of categories mean. */
export function CategoryLegend({ categories }: { categories: readonly string[] }) {
  const colours = useChartColours();
  if (categories.length === 0) return null;
  const ink = categoryInk(categories, colours);
  const named = categories.slice(0, COLOURED_CATEGORIES);
  const rest = categories.length - named.length;
  const others = rest === 1 ? categories[named.length] : `${rest} others`;
  const entries = (rest > 0 ? [...named, others] : named).map((label, at) => ({
    id: label,
    label,
    colour: ink(at),
  }));
  return <Entries label="Categories" className="legend small" entries={entries} />;
}
