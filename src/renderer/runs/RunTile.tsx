import { runColour } from '../charts/colours.ts';
import { useTheme } from '../state/theme.ts';

/** The small square of a run, in the colour that it has in every chart. */
export function RunTile({ run }: { run: string }) {
  const theme = useTheme((state) => state.theme);
  return <span className="run-tile" style={{ background: runColour(run, theme) }} aria-hidden="true" />;
}
