import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { isVariant } from '../../../core/api/figures.ts';
import { ParallelChart } from '../../charts/ParallelChart.tsx';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { useKept } from '../../state/navigation.ts';
import { type RowField, rowFields } from './rows.ts';

/** As many settings as stand beside each other without crowding, before the user chooses. */
const FIRST_SETTINGS = 5;

/** The settings that most rows have and that tell them apart; equal ones keep their order. */
function firstSettings(settings: readonly RowField[]): RowField[] {
  const present = ({ values }: RowField) => values.filter((value) => value !== null);
  const telling = settings.filter((field) => new Set(present(field)).size > 1);
  return telling.toSorted((a, b) => present(b).length - present(a).length).slice(0, FIRST_SETTINGS);
}

/** Which settings lead to which metrics: a line a row, across one axis each. */
export function ParallelTab({ view }: { view: ComparisonView }) {
  const colours = useFigureColours(view);
  const fields = useMemo(() => {
    const { settings, metrics } = rowFields(view);
    return { settings, metrics, all: [...settings, ...metrics] };
  }, [view]);
  const [chosen, setChosen] = useKept('axes');
  const shown = useMemo(() => {
    const first = [
      ...firstSettings(fields.settings),
      ...fields.metrics.slice(0, Math.max(1, view.columns.length)),
    ].map(({ id }) => id);
    return chosen?.split(',') ?? first;
  }, [chosen, fields, view]);
  const axes = useMemo(() => fields.all.filter(({ id }) => shown.includes(id)), [fields, shown]);
  const lines = useMemo(
    () =>
      view.rows.map(({ id, name, protocol }) => {
        const colour = colours.get(id) ?? 'muted';
        const label = protocol > 0 ? `${name}, other protocol` : name;
        // As in every chart where another model has the colour whole.
        return { id, label, colour, dashed: protocol > 0 || isVariant(colour) };
      }),
    [view, colours],
  );
  return (
    <div className="flow">
      <ParallelChart
        title="Settings and metrics"
        fileName="parallel-coordinates"
        axes={axes}
        lines={lines}
        controls={
          <CheckMenu
            trigger={<Button>Axes</Button>}
            options={fields.all}
            checked={shown}
            onChange={(ids) => setChosen(ids.join(',') || null)}
          />
        }
      />
      <p className="muted">
        Drag along an axis, or press the arrow keys on it, to keep the lines that cross it there; click it or
        press Esc to show all.
      </p>
    </div>
  );
}
