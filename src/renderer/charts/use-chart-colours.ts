import { useMemo } from 'react';
import { create } from 'zustand';
import { useTheme } from '../state/theme.ts';
import { type ChartColours, chartColours, modelColour } from './colours.ts';

/** Counts arrivals of typefaces: what was drawn before is drawn again. */
const useTypefaces = create(() => ({ loaded: 0 }));
document.fonts.addEventListener('loadingdone', () => {
  useTypefaces.setState(({ loaded }) => ({ loaded: loaded + 1 }));
});

/** The colours of the theme in force; the same object until the theme changes, or what texts are drawn in. */
export function useChartColours(): ChartColours {
  const theme = useTheme((state) => state.theme);
  const typefaces = useTypefaces((state) => state.loaded);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  return useMemo(chartColours, [theme, typefaces]);
}

/** The colour of a model in the theme in force. */
export function useModelColour(model: string | null): string {
  const theme = useTheme((state) => state.theme);
  return modelColour(model, theme);
}
