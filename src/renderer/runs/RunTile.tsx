import { isVariant, modelColour } from '../charts/colours.ts';
import { useTheme } from '../state/theme.ts';

/** The small square of a run, in the colour that its model has in every chart, half-cut for a variant; `colour` beside other models. */
export function RunTile({ model, colour }: { model: string | null; colour?: string }) {
  const theme = useTheme((state) => state.theme);
  const style = { color: colour ?? modelColour(model, theme) };
  return (
    <span className="run-tile" data-half={isVariant(model) || undefined} style={style} aria-hidden="true" />
  );
}
