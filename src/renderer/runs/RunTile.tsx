import { modelColour } from '../charts/colours.ts';
import { useTheme } from '../state/theme.ts';

/** The small square of a run, in the colour that its model has in every chart; `colour` beside other models. */
export function RunTile({ model, colour }: { model: string; colour?: string }) {
  const theme = useTheme((state) => state.theme);
  const background = colour ?? modelColour(model, theme);
  return <span className="run-tile" style={{ background }} aria-hidden="true" />;
}
