import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { SearchField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Table } from '../../components/Table.tsx';
import { countText } from '../../format/format.ts';
import { runColumns } from '../../runs/table/columns.tsx';
import { DEFAULT_VIEW, shownView } from '../../runs/table/runs-view.ts';
import { lineKey, useRunLines } from '../../runs/table/use-run-lines.ts';
import { api } from '../../state/api.ts';

export interface RunPickerProps {
  /** Runs that are chosen already. */
  runs: readonly string[];
  onChoose(runs: string[]): void;
  onClose(): void;
}

const COLUMNS = /^(name|status|metric:|seed|createdAt)/;

/** A dialog to choose runs to compare, in the table of runs; seeds of one configuration are chosen together. */
export function RunPicker({ runs, onChoose, onClose }: RunPickerProps) {
  const [view, setView] = useState(DEFAULT_VIEW);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(runs));
  const { data: totals } = useQuery(api.runs.totals.queryOptions());
  const shown = useMemo(() => shownView(view, totals ?? { metrics: [], decisive: [] }), [view, totals]);
  const fields = useMemo(() => shown.columns.filter((field) => COLUMNS.test(field)), [shown]);
  const asked = useMemo(() => ({ ...shown, columns: fields }), [shown, fields]);
  const { rows, lines } = useRunLines(asked, null, (changes) => setView({ ...view, ...changes }));
  const { place } = lines;
  const columns = useMemo(
    () =>
      runColumns(fields, { renaming: null, onRenamed: () => {}, place, numbers: new Set(), fold: view.fold }),
    [fields, place, view.fold],
  );
  const selection = new Set(
    [...lines.keys, ...[...lines.loaded].flatMap(([key, { fold }]) => (fold ? [key] : []))].filter((key) =>
      lines.runsOf(key)?.every((id) => chosen.has(id)),
    ),
  );
  const onSelect = (next: ReadonlySet<string>) => {
    const changed = new Set(chosen);
    for (const key of selection)
      if (!next.has(key)) for (const id of lines.runsOf(key) ?? []) changed.delete(id);
    for (const key of next)
      if (!selection.has(key)) for (const id of lines.runsOf(key) ?? []) changed.add(id);
    setChosen(changed);
  };
  return (
    <Dialog
      title="Choose runs to compare"
      onClose={onClose}
      width={960}
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
      <div className="grid gap-2">
        <SearchField
          label="Search runs to compare"
          placeholder="Search by name, model, data set or tag"
          value={view.search}
          onValue={(search) => setView({ ...view, search })}
          debounced
        />
        <div className="picker-table">
          <Table
            label="Runs to compare"
            columns={columns}
            rows={rows.data && lines}
            query={rows}
            rowKey={lineKey}
            selection={selection}
            onSelect={onSelect}
            sort={shown.sort}
            onSort={(sort) => setView({ ...view, sort })}
            clickToggles
            checkable
          />
        </div>
      </div>
    </Dialog>
  );
}
