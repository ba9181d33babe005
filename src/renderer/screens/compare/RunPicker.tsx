import { useDeferredValue, useMemo, useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { SearchField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Table } from '../../components/Table.tsx';
import { countText } from '../../format/format.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { api } from '../../state/api.ts';
import { usePagedRows } from '../../state/paged-rows.ts';

export interface RunPickerProps {
  /** Runs that are chosen already. */
  runs: readonly string[];
  onChoose(runs: string[]): void;
  onClose(): void;
}

const METRICS = ['test/ndcg@10', 'test/hr@10'];

/** A dialog to choose runs to compare; seeds of one config are chosen together. */
export function RunPicker({ runs, onChoose, onClose }: RunPickerProps) {
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(runs));
  const query = useDeferredValue({ search, fold: true, metrics: METRICS });
  const rows = usePagedRows((offset, limit) =>
    api.runs.table.queryOptions({ input: { ...query, offset, limit } }),
  );
  const isChosen = (row: RunTableRow) => row.runs.every(({ id }) => chosen.has(id));
  const selection = new Set(rows.loaded.filter(isChosen).map(({ id }) => id));
  const onSelect = (next: ReadonlySet<string>) => {
    const changed = new Set(chosen);
    for (const row of rows.loaded) {
      for (const { id } of row.runs) {
        if (next.has(row.id)) changed.add(id);
        else if (selection.has(row.id)) changed.delete(id);
      }
    }
    setChosen(changed);
  };
  const columns = useMemo(pickerColumns, []);
  return (
    <Dialog
      title="Choose runs to compare"
      onClose={onClose}
      width={900}
      foot={
        <>
          <span className="muted toolbar-start">{countText(chosen.size, 'run')} chosen</span>
          <Button disabled={chosen.size === 0} onClick={() => setChosen(new Set())}>
            Clear
          </Button>
          <Button
            kind="primary"
            disabled={chosen.size === 0}
            onClick={() =>
              onChoose([
                ...runs.filter((id) => chosen.has(id)),
                ...[...chosen].filter((id) => !runs.includes(id)),
              ])
            }
          >
            Compare
          </Button>
        </>
      }
    >
      <div className="picker">
        <SearchField
          label="Search runs to compare"
          placeholder="Search by name, model, data set or tag"
          value={search}
          onValue={setSearch}
        />
        {rows.error ? (
          <Problem query={rows} />
        ) : (
          <div className="picker-table">
            <Table
              label="Runs to compare"
              columns={columns}
              rows={rows}
              rowKey={(row) => row.id}
              selection={selection}
              onSelect={onSelect}
              clickToggles
              checkable
            />
          </div>
        )}
      </div>
    </Dialog>
  );
}

function pickerColumns(): Column<RunTableRow>[] {
  return [
    column(
      'name',
      'Name',
      'text',
      ({ name, runs }) =>
        runs.length > 1 ? `${name.replace(/-seed\d+(-\d+)?$/, '')} · ${runs.length} seeds` : name,
      { width: 240 },
    ),
    column('status', 'Status', 'text', ({ status }) => statusText(status), { width: 100 }),
    column('dataset', 'Data set', 'text', ({ dataset }) => dataset.name, { width: 120 }),
    ...METRICS.map(
      (metric): Column<RunTableRow> =>
        column(metric, metricLabel(metric), 'mean', ({ metrics }) => metrics[metric]),
    ),
  ];
}
