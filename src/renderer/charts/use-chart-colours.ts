import { useMemo } from 'react';
import { useTheme } from '../state/theme.ts';
import { type ChartColours, chartColours } from './colours.ts';

/** The colours of the theme in force; the same object until the theme changes. */
export function useChartColours(): ChartColours {
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  return useMemo(chartColours, [theme]);
}
