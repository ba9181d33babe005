import { useMemo } from 'react';
import { chartColours } from '../../charts/colours.ts';
import { useTheme } from '../../state/theme.ts';
import { COLOURED_CATEGORIES, categoryInk } from './category-colours.ts';

/** What the colours of categories mean. */
export function Legend({ categories }: { categories: readonly string[] }) {
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  const colours = useMemo(chartColours, [theme]);
  if (categories.length === 0) return null;
  const ink = categoryInk(categories, colours);
  const named = categories.slice(0, COLOURED_CATEGORIES);
  const rest = categories.length - named.length;
  return (
    <ul className="codebook-legend" aria-label="Categories">
      {named.map((name, at) => (
        <li key={name}>
          <span className="run-swatch" style={{ background: ink(at) }} />
          {name}
        </li>
      ))}
      {rest > 0 && (
        <li>
          <span className="run-swatch" style={{ background: ink(named.length) }} />
          {rest === 1 ? categories[named.length] : `${rest} others`}
        </li>
      )}
    </ul>
  );
}
