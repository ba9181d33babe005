import { modelTile } from '../charts/colours.ts';
import { useTheme } from '../state/theme.ts';

/** The small square of a run, in the colour that its model has in every chart, half-cut for a variant. */
export function RunTile({ model }: { model: string | null }) {
  const theme = useTheme((state) => state.theme);
  return <span className="run-tile" style={{ background: modelTile(model, theme) }} aria-hidden="true" />;
}
