import { useQuery } from '@tanstack/react-query';
import { Columns3, Scale, SquareArrowOutUpRight } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { Project } from '../../../core/api/projects.ts';
import type { RunTotals } from '../../../core/api/runs.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import type { Column } from '../../components/columns.ts';
import { EmptyState, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, grouped } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { newRunAction } from '../../new-run/new-run.ts';
import { renameRun } from '../../runs/changes.ts';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { MoveDialog } from '../../runs/MoveDialog.tsx';
import { NotesPanel } from '../../runs/NotesDialog.tsx';
import { useProjectInView, useProjects } from '../../runs/projects.ts';
import { useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { numberSettings, placeOf, runColumns } from '../../runs/table/columns.tsx';
import {
  isFiltered,
  type RunsView,
  type ShownView,
  shownView,
  UNFILTERED,
} from '../../runs/table/runs-view.ts';
import { lineKey, type RunLine, type RunLines, useRunLines } from '../../runs/table/use-run-lines.ts';
import { useSelection } from '../../runs/table/use-selection.ts';
import { api } from '../../state/api.ts';
import { useMedia } from '../../state/media.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { ColumnsDialog } from './ColumnsDialog.tsx';
import { ProjectMenu } from './ProjectMenu.tsx';
import { RunsToolbar } from './RunsToolbar.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { useRunActions } from './use-run-actions.ts';
import { useOwnColumns, useRunsView } from './use-runs-view.ts';
import '../../runs/runs.css';
import './runs.css';

type Opened = 'notes' | 'move' | 'columns';

export function RunsTable({ totals }: { totals: RunTotals }) {
  const [given, onView] = useRunsView();
  const wide = useMedia('(min-width: 2200px)');
  const view = useMemo(() => shownView(given, totals, wide), [given, totals, wide]);
  const inView = useProjectInView();
  const project = useProjects().find(({ id }) => id === inView);
  const { rows, lines } = useRunLines(view, inView, onView);
  // After the first rows, which are asked for before it.
  const { data: fields } = useQuery(api.runs.fields.queryOptions());
  const selection = useSelection(lines, view.fold);
  const { runs, keys, noted } = selection;
  const [renaming, setRenaming] = useState<string | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const actions = useRunActions(selection, setRenaming, setOpened);
  const [first] = selection.rows;
  const opening = {
    ...{ label: 'Open', shortcut: 'Enter', icon: SquareArrowOutUpRight, why: 'Of one row alone' },
    enabled: () => keys.size === 1 && first !== undefined,
    perform: () => first && goTo(...placeOf(first)),
  };
  const creating = project && newRunAction({ project: project.name });
  useRegisteredActions([
    ...(creating ? [creating] : []),
    {
      ...{ id: 'runs.columns', label: 'Choose columns', group: 'View', shortcut: 'v' },
      perform: () => setOpened('columns'),
    },
  ]);
  const columns = useRunColumns(view, lines, renaming, setRenaming);
  const { widths, setWidths, setColumns, move } = useColumnChoice(view, onView);
  return (
    <Screen
      title="Runs"
      aside={
        <>
          <ProjectMenu project={project} />
          <Count view={view} rows={lines.keys.length} runs={lines.runs} project={inView} />
        </>
      }
      actions={
        <>
          <CopyMenu framed what="table" columns={columns} rows={() => copiedRows(selection, lines, rows)} />
          <Button icon={Columns3} onClick={() => setOpened('columns')}>
            Columns
          </Button>
          <NewRunButton project={project?.name} />
        </>
      }
    >
      <div className="column shrinks flattens tall holds">
        {project && <ProjectBar project={project} />}
        <RunsToolbar view={given} shown={view} onView={onView} fields={fields} />
        <div className="runs-body fill flex">
          {rows.data && rows.total === 0 ? (
            <NothingFound view={given} onView={onView} archived={totals.archived} project={project?.name} />
          ) : (
            <Table
              label="Runs"
              columns={columns}
              rows={rows.data && lines}
              query={rows}
              rowKey={lineKey}
              checkable
              selection={selection.checked}
              onSelect={selection.select}
              onOpen={(row) => goTo(...placeOf(row))}
              sort={view.sort}
              onSort={(sort) => onView({ sort })}
              widths={widths}
              onWidths={setWidths}
              onMove={move}
              menu={[opening, ...actions.slice(0, -1), null, ...actions.slice(-1)]}
            />
          )}
          {opened === 'notes' && keys.size > 0 && (
            <NotesPanel
              runs={runs}
              noted={noted}
              others={fields?.tags ?? []}
              onClose={() => setOpened(null)}
            />
          )}
        </div>
        {keys.size > 0 && (
          <SelectionBar
            runs={runs.length}
            hidden={selection.hidden}
            actions={actions.filter(({ id }) => id !== 'runs.rename')}
            all={view.groupBy === null ? undefined : wholeGroup(selection, lines)}
            onClear={selection.clear}
          />
        )}
      </div>
      {opened === 'move' && keys.size > 0 && noted && (
        <MoveDialog
          runs={runs}
          projects={[...new Set(Object.values(noted).map(({ project: of }) => of))]}
          onClose={() => setOpened(null)}
        />
      )}
      {opened === 'columns' && (
        <ColumnsDialog
          columns={view.columns}
          fields={fields}
          onChange={setColumns}
          onClose={() => setOpened(null)}
        />
      )}
    </Screen>
  );
}

/** Which columns there are, in which order and how wide: what the view says, kept for the views to come. */
function useColumnChoice(view: ShownView, onView: (changes: Partial<RunsView>) => void) {
  const [own, setOwn] = useOwnColumns();
  const setColumns = (columns: string[] | null) => {
    setOwn({ ...own, columns });
    onView({ columns });
  };
  const move = (id: string, before: string) => {
    const order = view.columns.filter((other) => other !== id);
    setColumns(order.toSpliced(order.indexOf(before), 0, id));
  };
  const setWidths = (widths: Record<string, number>) => setOwn({ ...own, widths });
  return { widths: own.widths, setWidths, setColumns, move };
}

/** How to select the rest of the group that the selection begins in; undefined where all of it is selected. */
function wholeGroup({ keys, checked, select }: ReturnType<typeof useSelection>, lines: RunLines) {
  const group = lines.groupOf([...keys][0] ?? '');
  if (!group || group.keys.every((key) => keys.has(key))) return undefined;
  return {
    text: `Select all ${grouped(group.keys.length)} in ${group.label}`,
    select: () => select(new Set([...checked, ...group.keys])),
  };
}

/** The selected rows in the order of the table, or all where none is; those that are not at hand are read. */
async function copiedRows(
  { rows: chosen, keys, shown }: ReturnType<typeof useSelection>,
  { total, key, rowsOf }: RunLines,
  { all }: { all(): Promise<RunLine[]> },
): Promise<readonly RunLine[]> {
  if (keys.size === 0) return all();
  if (chosen.length < keys.size) {
    const members = chosen.filter(({ fold }) => fold);
    const apart = new Set(members.map(lineKey));
    const others = [...shown].flatMap(([key, runs]) => (apart.has(key) ? [] : runs));
    return [...(await rowsOf(others)), ...members];
  }
  const order = new Map(Array.from({ length: total }, (_, at) => [key?.(at), at]));
  const place = (row: RunLine) => order.get(lineKey(row)) ?? total;
  return chosen.toSorted((a, b) => place(a) - place(b));
}

/** With new columns every row is drawn again: they stay the same objects while nothing of them has changed. */
function useRunColumns(
  { columns: fields, fold }: ShownView,
  { loaded, place }: RunLines,
  renaming: string | null,
  rename: (key: string | null) => void,
) {
  const onRenamed = useCallback(
    (row: RunLine, name: string | null) => {
      rename(null);
      if (name !== null) void renameRun(row.id, name);
    },
    [rename],
  );
  const numbers = numberSettings(loaded.values());
  const [made] = useState(() => new Map<string, Column<RunLine>>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows matter to columns by the kinds of their settings alone
  return useMemo(
    () => runColumns(fields, { renaming, onRenamed, place, numbers, fold }, made),
    [fields, fold, renaming, onRenamed, place, made, [...numbers].sort().join('\n')],
  );
}

interface CountProps {
  view: RunsView;
  rows: number;
  runs: number;
  project: string | null;
}

/** "18 of 24 configurations, 40 of 48 runs" */
function Count({ view, rows, runs, project }: CountProps) {
  const { fold, archived } = view;
  const filtered = isFiltered(view);
  const whole = (folded: boolean) => ({
    ...api.runs.table.queryOptions({
      input: { fold: folded, foldStudies: folded, project, archived, limit: 1 },
    }),
    enabled: filtered && (fold || !folded),
  });
  const { data: allRuns } = useQuery(whole(false));
  const { data: allRows } = useQuery(whole(true));
  const inRuns = countOf(runs, allRuns?.total, 'run');
  return (
    <span className="muted">
      {fold ? `${countOf(rows, allRows?.total, 'configuration')}, ${inRuns}` : inRuns}
    </span>
  );
}

/** A whole that is not known, or that is all there, is not told. */
function countOf(some: number, whole: number | undefined, noun: string): string {
  return whole !== undefined && whole > some
    ? `${grouped(some)} of ${countText(whole, noun)}`
    : countText(some, noun);
}

interface NothingFoundProps {
  view: RunsView;
  onView(changes: Partial<RunsView>): void;
  archived: number;
  /** Name of the project in view. */
  project: string | undefined;
}

function NothingFound({ view, onView, archived, project }: NothingFoundProps) {
  if (project !== undefined && !isFiltered(view)) {
    return (
      <EmptyState
        title={`No runs in ${project} yet`}
        text="Start one here, or select runs among all projects and move them."
      >
        <NewRunButton project={project} />
      </EmptyState>
    );
  }
  return (
    <EmptyState title={isFiltered(view) ? 'No matching runs' : 'No runs here'}>
      {isFiltered(view) ? (
        <Button onClick={() => onView(UNFILTERED)}>Show all runs</Button>
      ) : (
        <>
          <p>{archived === 1 ? 'One run is archived.' : `${grouped(archived)} runs are archived.`}</p>
          <Button onClick={() => onView({ archived: 'only' })}>Show archived runs</Button>
        </>
      )}
    </EmptyState>
  );
}

/** What the project in view is about, and its saved comparisons, from which its reports are made. */
function ProjectBar({ project }: { project: Project }) {
  const saved = useSavedComparisons();
  const comparisons = saved.filter((one) => one.project === project.id);
  if (project.description === '' && comparisons.length === 0) return null;
  return (
    <div className="flex wrap gap-6 rigid line-below bar-inset">
      {project.description && <p className="muted">{project.description}</p>}
      {comparisons.length > 0 && (
        <ul className="flex wrap gap-4" aria-label="Comparisons of the project">
          {comparisons.map((one) => (
            <li key={one.id}>
              <a
                className="row-link row gap-1"
                href={routeLink('compare', [], comparisonQuery(one))}
                title={one.notes || undefined}
              >
                <Icon of={Scale} />
                {one.name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
