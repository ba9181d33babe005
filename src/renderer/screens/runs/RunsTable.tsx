import { useMemo, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, grouped } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { newRunAction } from '../../new-run/new-run.ts';
import { bestPlaces } from '../../runs/best-values.ts';
import { archiveRuns, compareRuns, renameRun, starRuns } from '../../runs/changes.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import { MoveDialog } from '../../runs/MoveDialog.tsx';
import { NotesDialog } from '../../runs/NotesDialog.tsx';
import { useProjectInView, useProjects } from '../../runs/projects.ts';
import { goTo } from '../../state/navigation.ts';
import { placeOf, runColumns } from './columns.tsx';
import { ProjectBar } from './ProjectBar.tsx';
import { ProjectMenu } from './ProjectMenu.tsx';
import { RunsToolbar } from './RunsToolbar.tsx';
import { isFiltered, type RunsView, UNFILTERED } from './runs-view.ts';
import { SelectionBar } from './SelectionBar.tsx';
import { useRunActions } from './use-run-actions.ts';
import { lineKey, useRunLines } from './use-run-lines.ts';
import { useSelection } from './use-selection.ts';

interface RunsTableProps {
  view: RunsView;
  onView(view: RunsView): void;
  fields: RunTableFields | undefined;
}

export function RunsTable({ view, onView, fields }: RunsTableProps) {
  const inView = useProjectInView();
  const project = useProjects().find(({ id }) => id === inView);
  const lines = useRunLines(view, inView);
  const { rows } = lines;
  const selection = useSelection(lines.loaded);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'notes' | 'move' | null>(null);
  const { rows: chosen, runs, clear } = selection;
  const actions = useRunActions(chosen.length, {
    compare: () => compareRuns(runs),
    star: () => void starRuns(runs, !chosen.every(({ starred }) => starred)),
    editNotes: () => setDialog('notes'),
    move: () => setDialog('move'),
    rename: () => setRenaming(chosen.length === 1 ? lineKey(chosen[0]) : null),
    archive: () => void archiveRuns(runs, !chosen.every(({ archived }) => archived)).then(clear),
    delete: () => void deleteRuns(runs).then((deleted) => deleted && clear()),
  });
  const creating = project && newRunAction({ project: project.name });
  useRegisteredActions(creating ? [creating] : []);
  // The first page stays the same object until its rows change; with new columns every row would be drawn again.
  const { first } = rows;
  const place = useMemo(() => bestPlaces(first?.rows ?? [], first?.total ?? 0), [first]);
  const columns = useMemo(
    () =>
      runColumns(view.columns, {
        renaming,
        onRenamed: (row, name) => {
          setRenaming(null);
          if (name !== null) void renameRun(row.id, name);
        },
        place,
      }),
    [view.columns, renaming, place],
  );
  const move = (id: string, before: string) => {
    const order = view.columns.filter((other) => other !== id);
    order.splice(order.indexOf(before), 0, id);
    onView({ ...view, columns: order });
  };
  return (
    <Screen
      title="Runs"
      aside={
        <>
          <ProjectMenu project={project} />
          <Count total={rows.total} fold={view.fold} runs={project?.runs ?? fields?.runs} />
        </>
      }
      actions={
        <>
          <CopyMenu
            framed
            what="table"
            columns={columns}
            rows={() => (chosen.length > 0 ? chosen : rows.all())}
          />
          <NewRunButton project={project?.name} />
        </>
      }
    >
      <div className="screen runs-view">
        {project && <ProjectBar project={project} />}
        <RunsToolbar view={view} onView={onView} fields={fields} />
        {rows.error ? (
          <Problem query={rows} />
        ) : rows.total === 0 && !rows.loading ? (
          fields && (
            <NothingFound view={view} onView={onView} archived={fields.archived} project={project?.name} />
          )
        ) : (
          <Table
            label="Runs"
            columns={columns}
            rows={lines}
            rowKey={lineKey}
            checkable
            selection={selection.keys}
            onSelect={selection.select}
            onOpen={(row) => goTo(...placeOf(row))}
            sort={view.sort}
            onSort={(sort) => onView({ ...view, sort })}
            widths={view.widths}
            onWidths={(widths) => onView({ ...view, widths })}
            onMove={move}
          />
        )}
        {chosen.length > 0 && (
          <SelectionBar chosen={chosen} runs={runs.length} actions={actions} onClear={clear} />
        )}
      </div>
      {dialog === 'move' && chosen.length > 0 && (
        <MoveDialog
          runs={runs}
          projects={[...new Set(chosen.map(({ project }) => project))]}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'notes' && chosen.length > 0 && (
        <NotesDialog
          runs={runs}
          tags={[...new Set(chosen.flatMap(({ tags }) => tags))]}
          others={fields?.tags ?? []}
          notes={runs.length === 1 ? chosen[0].notes : null}
          onClose={() => setDialog(null)}
        />
      )}
    </Screen>
  );
}

function Count({ total, fold, runs }: { total: number; fold: boolean; runs: number | undefined }) {
  const rows = fold ? countText(total, 'configuration') : countText(total, 'run');
  return <span className="muted">{fold && runs ? `${rows}, ${countText(runs, 'run')}` : rows}</span>;
}

interface NothingFoundProps extends Omit<RunsTableProps, 'fields'> {
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
        <Button onClick={() => onView({ ...view, ...UNFILTERED })}>Show all runs</Button>
      ) : (
        <>
          <p>{archived === 1 ? 'One run is archived.' : `${grouped(archived)} runs are archived.`}</p>
          <Button onClick={() => onView({ ...view, archived: 'only' })}>Show archived runs</Button>
        </>
      )}
    </EmptyState>
  );
}
