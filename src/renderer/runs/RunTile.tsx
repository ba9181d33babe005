import { modelColour } from '../charts/colours.ts';
import { useTheme } from '../state/theme.ts';

/** The small square of a run, in the colour that its model has in every chart. */
export function RunTile({ model }: { model: string }) {
  const theme = useTheme((state) => state.theme);
  return <span className="run-tile" style={{ background: modelColour(model, theme) }} aria-hidden="true" />;
}
