import { useMemo, useState } from 'react';
import type { ComparedRow, ComparisonView } from '../../../core/api/compare.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { listSource, type Sort } from '../../components/columns.ts';
import { CheckField, CheckGroup, Select } from '../../components/controls.tsx';
import { DataTable, ROW_HEIGHT } from '../../components/DataTable.tsx';
import { goTo } from '../../state/navigation.ts';
import type { CompareRoute } from './compare-route.ts';
import { IntervalsFigure } from './IntervalsFigure.tsx';
import { EXTRAS, type Extra, metricTableColumns, sortValue } from './metric-columns.tsx';
import { useRowColours } from './rows.tsx';
import { TrainingFigure } from './TrainingFigure.tsx';
import { useMetricActions } from './use-metric-actions.ts';

export interface MetricsTabProps {
  view: ComparisonView;
  onChange(changes: Partial<CompareRoute>): void;
}

const NO_BASELINE = '';
const HEADER_HEIGHT = 44;

/** The one table: values with marks, differences to the pinned baseline, heat by column. */
export function MetricsTab({ view, onChange }: MetricsTabProps) {
  const [extras, setExtras] = useState<readonly Extra[]>(['delta', 'percent']);
  const [heat, setHeat] = useState(true);
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const colours = useRowColours(view);
  const columns = useMemo(
    () => metricTableColumns(view, { extras, heat, colours }),
    [view, extras, heat, colours],
  );
  const rows = useMemo(() => sortedRows(view, sort), [view, sort]);
  const baseline = view.baseline === null ? NO_BASELINE : view.rows[view.baseline].id;
  const { pin, remove, recommend } = useMetricActions(view, selection, (changes) => {
    setSelection(new Set());
    onChange(changes);
  });
  const metrics = [...view.columns, ...view.otherColumns].map(({ name, label }) => ({ id: name, label }));
  return (
    <div className="compare-metrics">
      <div className="toolbar">
        <span className="toolbar-item">
          Baseline
          <Select
            aria-label="Baseline"
            value={baseline}
            choices={[
              { value: NO_BASELINE, label: 'None' },
              ...view.rows.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onValue={(id) => onChange({ baseline: id === NO_BASELINE ? null : id })}
          />
        </span>
        <CheckMenu
          trigger={<Button>Metrics</Button>}
          options={metrics}
          checked={view.columns.map(({ name }) => name)}
          onChange={(chosen) => onChange({ metrics: chosen.length > 0 ? chosen : undefined })}
        />
        <CheckGroup
          options={EXTRAS}
          checked={extras}
          disabled={view.baseline === null}
          onChange={setExtras}
        />
        <CheckField label="Heat" value={heat} onValue={setHeat} />
        <span className="screen-actions">
          <ActionButton action={pin}>Pin as baseline</ActionButton>
          <ActionButton action={recommend}>Recommendations</ActionButton>
          <ActionButton action={remove}>Remove</ActionButton>
          <CopyMenu framed what="table" columns={columns} rows={() => rows} />
        </span>
      </div>
      <div className="compare-table" style={{ height: HEADER_HEIGHT + ROW_HEIGHT * rows.length }}>
        <DataTable
          label="Comparison"
          columns={columns}
          rows={listSource(rows)}
          rowKey={(row) => row.id}
          selection={selection}
          onSelect={setSelection}
          onOpen={(row) => goTo('run', [row.id])}
          sort={sort}
          onSort={setSort}
        />
      </div>
      <p className="muted compare-notes">{view.notes.join(' ')}</p>
      <div className="compare-figures">
        <div>{view.columns.length > 0 && <IntervalsFigure view={view} at={0} />}</div>
        <div>
          <TrainingFigure view={view} />
        </div>
      </div>
    </div>
  );
}

/** The baseline on top, its protocol first; rows of different protocols are never sorted among each other. */
function sortedRows(view: ComparisonView, [key]: readonly Sort[]): ComparedRow[] {
  const first = view.baseline === null ? null : view.rows[view.baseline].protocol;
  const place = ({ protocol }: ComparedRow) => (protocol === first ? -1 : protocol);
  const compare = (a: ComparedRow, b: ComparedRow) => {
    if (a.isBaseline !== b.isBaseline) return a.isBaseline ? -1 : 1;
    if (a.protocol !== b.protocol || !key) return place(a) - place(b);
    const [left, right] = [sortValue(view, a, key.field), sortValue(view, b, key.field)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right));
    return key.descending ? -order : order;
  };
  return [...view.rows].sort(compare);
}
