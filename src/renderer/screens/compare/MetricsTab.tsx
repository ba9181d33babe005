import { type ReactNode, useMemo, useState } from 'react';
import {
  bestFirst,
  type ComparedRow,
  type ComparisonView,
  footnoteMark,
  leadColumns,
  verdictOf,
} from '../../../core/api/compare.ts';
import { isSimpleBaseline } from '../../../core/api/models.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { useWidth } from '../../charts/use-width.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, listSource } from '../../components/columns.ts';
import { CheckField } from '../../components/controls.tsx';
import { StatedView, Statement } from '../../components/Statement.tsx';
import { useCursor } from '../../components/table-cursor.ts';
import { useRowColours, useRowTiles } from '../../runs/comparison/colours.ts';
import { goTo, useRoute } from '../../state/navigation.ts';
import { BaselineChoice } from './BaselineChoice.tsx';
import { type CompareRoute, readCompareRoute, useCompareRoute } from './compare-route.ts';
import { LeadSlices, TrainingFigure } from './MetricFigures.tsx';
import { MetricNotes } from './MetricNotes.tsx';
import { MetricTable } from './MetricTable.tsx';
import { MoreSeeds } from './MoreSeeds.tsx';
import { MANY_ROWS, metricsBeside } from './metric-layout.ts';
import { RECOMMENDATIONS, recommending } from './RecommendationsTab.tsx';
import './metric-table.css';

export interface MetricsTabProps {
  view: ComparisonView;
  /** How far the tests are, while they run. */
  testing?: ReactNode;
}

const FIRST_WIDTH = 1232;

/** The one table: a main metric with its forest, others beside it; above it the answer, below it what training looked like. */
export function MetricsTab({ view, testing }: MetricsTabProps) {
  const [{ metrics, labels }, onChange] = useCompareRoute();
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [published, setPublished] = useState<boolean | null>(null);
  const [box, width] = useWidth<HTMLDivElement>(FIRST_WIDTH);
  const colours = useRowColours(view);
  const tiles = useRowTiles(view);
  const lead = useMemo(
    () => (metrics === undefined ? leadColumns(view.columns) : [...view.columns.keys()]),
    [view, metrics],
  );
  const rows = useMemo(() => (lead.length === 0 ? [] : bestFirst(view, lead[0])), [view, lead]);
  const shown = useMemo(() => {
    const all = [...new Set([...lead, ...view.columns.keys()])];
    const counts = { least: lead.length - 1, all: all.length - 1, rows: rows.length };
    return all.slice(0, 1 + metricsBeside(width, counts));
  }, [lead, view, width, rows]);
  const [renaming, setRenaming] = useState<string | null>(null);
  const change = (changes: Partial<CompareRoute>) => {
    setSelection(new Set());
    onChange(changes);
  };
  const actions = useMetricActions(view, selection, change, setRenaming);
  const onRenamed = (row: ComparedRow, name: string | null) => {
    setRenaming(null);
    // The keys go on from the row.
    document.querySelector<HTMLElement>('.metric-table')?.focus();
    if (name !== null) onChange({ labels: renamed(labels, row, name) });
  };
  const cursor = useCursor(
    {
      rows: listSource(rows),
      rowKey: ({ id }) => id,
      selection,
      onSelect: setSelection,
      onOpen: ({ id }) => goTo('run', [id]),
    },
    {
      scrollTo: (at) => document.getElementById(`metric-row-${at}`)?.scrollIntoView({ block: 'nearest' }),
      pageRows: () => 10,
    },
  );
  if (lead.length === 0) return null;
  const printed = view.rows.reduce((sum, row) => sum + row.published.length, 0);
  const hasPublished = published ?? rows.length < MANY_ROWS;
  return (
    <StatedView
      ref={box}
      statement={
        <Verdict view={view} shown={lead} testing={testing} action={<MoreSeeds view={view} shown={lead} />} />
      }
      controls={
        <>
          {selection.size > 0 && actions.map((action) => <ActionButton key={action.id} action={action} />)}
          <BaselineChoice view={view} />
          {printed > 0 && (
            <CheckField label={`Published ${printed}`} value={hasPublished} onValue={setPublished} />
          )}
          <CheckMenu
            trigger={<Button>Metrics {shown.length}</Button>}
            options={[...view.columns, ...view.otherColumns].map(({ name, label }) => ({ id: name, label }))}
            checked={shown.map((at) => view.columns[at].name)}
            onChange={(chosen) => onChange({ metrics: chosen.length > 0 ? chosen : undefined })}
          />
          <CopyMenu framed what="table" columns={copiedColumns(view, shown)} rows={() => rows} />
        </>
      }
      foot={<MetricNotes view={view} shown={shown} hasPublished={hasPublished && printed > 0} />}
    >
      <MetricTable
        view={view}
        shown={shown}
        rows={rows}
        colours={colours}
        tiles={tiles}
        width={width}
        hasPublished={hasPublished}
        simple={bestSimple(rows)}
        selection={selection}
        active={cursor.active}
        onKeyDown={cursor.onKeyDown}
        onRow={cursor.onRowClick}
        onOpen={cursor.onRowOpen}
        renaming={renaming}
        onRenamed={onRenamed}
      />
      {view.footnotes.length > 0 && (
        <ul className="muted bar-inset small" style={{ columns: '2 400px', columnGap: 24 }}>
          {view.footnotes.map((text, at) => (
            <li key={text}>
              {footnoteMark(at)} {text}
            </li>
          ))}
        </ul>
      )}
      <div className="compare-figures panels stretched view-inset">
        {!testing && <LeadSlices view={view} rows={rows} column={view.columns[lead[0]]} />}
        <TrainingFigure view={view} />
      </div>
    </StatedView>
  );
}

/** An empty name gives the row its own back. */
function renamed(labels: CompareRoute['labels'], { runs, id }: ComparedRow, name: string) {
  const others = Object.entries(labels ?? {}).filter(([run]) => !runs.some((one) => one.id === run));
  const all = Object.fromEntries([...others, ...(name === '' ? [] : [[id, name]])]);
  return Object.keys(all).length > 0 ? all : undefined;
}

/** Of rows that are sorted, the first simple baseline. */
const bestSimple = (rows: readonly ComparedRow[]) => rows.find(({ model }) => isSimpleBaseline(model));

interface VerdictProps {
  view: ComparisonView;
  /** Indexes of the columns it is about, the main metric first. */
  shown: readonly number[];
  /** How far the tests are, in the place of what they say. */
  testing?: ReactNode;
  /** What to do about it. */
  action?: ReactNode;
}

/** The answer in one sentence, and the numbers behind it. */
function Verdict({ view, shown, testing, action }: VerdictProps) {
  const verdict = verdictOf(view, shown);
  if (!verdict) return testing ? <Statement fact={testing} /> : null;
  const { lead, limit, details } = verdict;
  return (
    <Statement label="Verdict" fact={lead} limit={!testing && limit && `: ${limit}`}>
      {testing ?? (
        <>
          {details.join(' ')} {action}
        </>
      )}
    </Statement>
  );
}

/** The table as it is copied: a line a row, all numbers of all shown metrics. */
function copiedColumns(view: ComparisonView, shown: readonly number[]): Column<ComparedRow>[] {
  return [
    column('run', 'Run', 'text', (row) => row.name + (row.isBaseline ? ' (baseline)' : '')),
    column('name', 'Name', 'text', ({ fullName }) => fullName),
    column('seeds', 'Seeds', 'text', ({ seeds }) => seeds.join(' ')),
    ...shown.flatMap((at): Column<ComparedRow>[] => {
      const { name, label, decimals } = view.columns[at];
      const tested = (row: ComparedRow) => row.cells[at].significance;
      return [
        column(name, label, 'metric', (row) => row.cells[at].mean, decimals),
        column(`${name} ±`, `${label} ±`, 'metric', (row) => row.cells[at].std, decimals),
        column(`${name} Δ`, `${label} Δ`, 'signed', (row) => row.cells[at].delta, decimals),
        column(`${name} %`, `${label} Δ %`, 'signed', (row) => row.cells[at].deltaPercent, 1),
        column(`${name} i`, `${label} 95 % interval`, 'interval', (row) => tested(row)?.interval, decimals),
        column(`${name} p`, `${label} p`, 'p', (row) => tested(row)?.holm),
      ];
    }),
  ];
}

/** What can be done with the selected rows of the metric table, for the buttons, the keys and the palette. */
function useMetricActions(
  view: ComparisonView,
  selection: ReadonlySet<string>,
  onChange: (changes: Partial<CompareRoute>) => void,
  onRename: (row: string) => void,
) {
  const others = view.rows.filter(({ id }) => !selection.has(id));
  const { look } = readCompareRoute(useRoute());
  const actions: Action[] = [
    {
      ...{ id: 'compare.pin', label: 'Pin the selected run as baseline', short: 'Pin as baseline' },
      ...{ group: 'Run', shortcut: 'b' },
      enabled: () => selection.size === 1,
      perform: () => onChange({ baseline: [...selection][0] }),
    },
    {
      ...{ id: 'compare.rename', label: 'Rename the selected row', short: 'Rename' },
      ...{ group: 'Run', shortcut: 'F2' },
      enabled: () => selection.size === 1,
      perform: () => onRename([...selection][0]),
    },
    {
      ...{ id: 'compare.recommendations', label: 'Show the recommendations of the selected runs' },
      ...{ short: 'Recommendations', group: 'Run', shortcut: 'o' },
      enabled: () => recommending(view).length > 0,
      perform: () => onChange({ view: RECOMMENDATIONS, look: { ...look, shown: [...selection].join(',') } }),
    },
    {
      ...{ id: 'compare.remove', label: 'Remove the selected runs from the comparison', short: 'Remove' },
      ...{ group: 'Run', shortcut: 'Delete' },
      enabled: () => selection.size > 0 && others.length > 0,
      perform: () => {
        const baseline = view.baseline === null ? null : view.rows[view.baseline].id;
        onChange({
          runs: [...others.flatMap(({ runs }) => runs), ...view.withoutResults].map(({ id }) => id),
          baseline: baseline !== null && selection.has(baseline) ? undefined : baseline,
        });
      },
    },
  ];
  useRegisteredActions(actions);
  return actions;
}
