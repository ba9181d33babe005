import { useQuery } from '@tanstack/react-query';
import {
  Archive,
  Copy,
  Download,
  FolderInput,
  PencilLine,
  Plus,
  RotateCcw,
  Scale,
  SlidersHorizontal,
  Star,
  Tag,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { pendingWords, savedEpoch } from '../../../core/api/machines.ts';
import { noGraph } from '../../../core/api/models.ts';
import { nameAlone, type OwnRun, phaseOf, type RunPage } from '../../../core/api/runs.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
import { searchAround } from '../../new-run/again.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { AwayButtons } from '../../runs/AwayButtons.tsx';
import { archiveRuns, compareRuns, compareWithBest, starRuns } from '../../runs/changes.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import { MoveDialog } from '../../runs/MoveDialog.tsx';
import { NotesDialog } from '../../runs/NotesDialog.tsx';
import { QueueButtons, takeBackStop } from '../../runs/QueueButtons.tsx';
import { sameAgain } from '../../runs/run-words.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { startWork } from '../../state/long-work.ts';
import { goTo } from '../../state/navigation.ts';
import { useRunRoute } from './run-route.ts';

/** What can be done with the run. */
export function RunActions({ page, onRename }: { page: RunPage; onRename(): void }) {
  const { run, annotations, queuePosition, held, state } = page;
  const { siblings, query } = useRunRoute();
  const live = useLive((state) => state.progress[run.id]) ?? page.progress;
  const [dialog, setDialog] = useState<'notes' | 'move' | 'export' | null>(null);
  const fields = useQuery(api.runs.fields.queryOptions());
  const { starred, archived } = annotations;
  const action = (
    id: string,
    label: string,
    short: string,
    perform: () => void,
    more?: Partial<Action>,
  ): Action => ({ id: `run.${id}`, group: 'Run', label, short, perform, ...more });
  const star = action(
    'star',
    'Star or unstar this run',
    starred ? 'Unstar' : 'Star',
    () => void starRuns([run.id], !starred),
    { shortcut: 's', icon: Star },
  );
  const notes = action(
    'notes',
    'Edit tags and notes of this run',
    'Tags and notes',
    () => setDialog('notes'),
    { shortcut: 't', icon: Tag },
  );
  const compare = action(
    'compare',
    'Compare this run',
    'Compare',
    () => (siblings.length > 1 ? compareRuns(siblings.map(({ id }) => id)) : compareWithBest(run)),
    { shortcut: 'c', icon: Scale },
  );
  const again = (own: OwnRun) => {
    const template = { ...sameAgain(own), seeds: [own.seed + 1], project: annotations.project ?? undefined };
    const label = 'New run with this config';
    return action('again', label, label, () => openNewRun(template), { shortcut: 'r', icon: Plus });
  };
  const sweep = action('sweep', 'Sweep its settings', 'Sweep its settings', () => searchAround(run.id), {
    icon: SlidersHorizontal,
  });
  const reproduce = action(
    'reproduce',
    'Reproduce this run',
    'Reproduce',
    () => goTo('reproduce', ['run', run.id]),
    {
      ...{ icon: RotateCcw, keywords: 'again train evaluate same numbers', why: 'It has not completed' },
      enabled: () => run.status === 'completed',
    },
  );
  const copyId = action(
    'copy-id',
    'Copy the id of this run',
    'Copy id',
    () => void copyText(run.id, `Copied ${run.id}`),
    { icon: Copy },
  );
  const exporting = (own: OwnRun) => {
    const why = noGraph(own.model) ?? (page.checkpoints.length > 0 ? undefined : 'It has no checkpoint yet');
    const label = 'Export this model as ONNX';
    return action('export', label, label, () => setDialog('export'), {
      keywords: 'onnx onnxruntime python',
      icon: Download,
      enabled: () => why === undefined,
      why,
    });
  };
  const recommendations = action(
    'recommendations',
    'Recommendations of this run',
    'Recommendations',
    () => goTo('run', [run.id, 'recommendations'], query),
    { shortcut: 'o' },
  );
  const keeping = [
    action('rename', 'Rename this run', 'Rename', onRename, { shortcut: 'F2', icon: PencilLine }),
    action('move', 'Move this run to a project', 'Move to a project', () => setDialog('move'), {
      shortcut: 'm',
      icon: FolderInput,
    }),
    action(
      'archive',
      'Archive or restore this run',
      archived ? 'Restore from the archive' : 'Archive',
      () => void archiveRuns([run.id], !archived),
      { shortcut: 'e', icon: Archive },
    ),
    action(
      'delete',
      'Delete this run',
      'Delete',
      () => void deleteRuns([run.id]).then((deleted) => deleted && goTo('runs')),
      {
        ...{ shortcut: 'Delete', icon: Trash2, why: 'Cancel it first' },
        enabled: () => phaseOf(run.status) !== 'hosted',
      },
    ),
  ];
  // What needs a model and a config of ours.
  const repeats = run.kind === 'own' ? [again(run), reproduce, sweep, exporting(run)] : [];
  const results = [compare, ...(run.kind === 'own' ? [recommendations] : [])];
  useRegisteredActions([star, notes, ...results, ...repeats, copyId, ...keeping]);
  return (
    <>
      <QueueButtons
        run={run}
        waiting={queuePosition !== null}
        held={held}
        fresh={page.checkpoints.length === 0}
        state={state}
        epochs={live?.phase !== 'test' && (live?.epochs ?? 0) > 1}
      />
      {state === 'stopping' && pendingWords(page) !== null && (
        <Button onClick={() => void takeBackStop(run)}>Take back</Button>
      )}
      {run.kind === 'own' && run.place !== null && phaseOf(run.status) !== 'ended' && (
        <AwayButtons run={run} live={page.live} saved={savedEpoch(page)} />
      )}
      {page.live === null && (
        <>
          <ActionButton action={star} />
          <ActionButton action={notes} />
          <ActionButton action={compare} />
        </>
      )}
      <MoreMenu
        choices={[...(page.live !== null ? [star, notes] : []), ...repeats, copyId, null, ...keeping]}
      />
      {dialog === 'move' && (
        <MoveDialog runs={[run.id]} projects={[annotations.project]} onClose={() => setDialog(null)} />
      )}
      {dialog === 'export' && run.kind === 'own' && (
        <ModelExportDialog run={run} onClose={() => setDialog(null)} />
      )}
      {dialog === 'notes' && (
        <NotesDialog
          runs={[run.id]}
          tags={annotations.tags}
          others={fields.data?.tags ?? []}
          notes={annotations.notes}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

/** Takes a trained model along, for programs that run it elsewhere. */
function ModelExportDialog({ run, onClose }: { run: OwnRun; onClose(): void }) {
  return (
    <FolderDialog
      title={`Export ${nameAlone(run)} as ONNX`}
      help="The tested model with its parameters, the ids of its items, what goes in and comes out, and a Python example that recommends with it."
      onWrite={(folder) =>
        startWork('Could not export the model', { of: 'model-export', input: { run: run.id, folder } })
      }
      onClose={onClose}
    />
  );
}
