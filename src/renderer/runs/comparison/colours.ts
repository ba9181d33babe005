/** Colours of the rows of a comparison by their ids. */
import { useMemo } from 'react';
import { type Coloured, colourIndexes } from '../../../core/api/colours.ts';
import { runColours, runTiles } from '../../charts/colours.ts';
import { useTheme } from '../../state/theme.ts';

interface Rows {
  rows: readonly Coloured[];
}

export function useRowColours({ rows }: Rows): ReadonlyMap<string, string> {
  const theme = useTheme((state) => state.theme);
  return useMemo(() => runColours(rows, theme), [rows, theme]);
}

/** The same for figures, which tell rows of one colour apart. */
export function useFigureColours({ rows }: Rows): ReadonlyMap<string, number> {
  return useMemo(() => colourIndexes(rows), [rows]);
}

/** What the tiles of the rows are filled with. */
export function useRowTiles({ rows }: Rows): ReadonlyMap<string, string> {
  const theme = useTheme((state) => state.theme);
  return useMemo(() => runTiles(rows, theme), [rows, theme]);
}
