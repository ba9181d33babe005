import { useQuery } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ErrorDetails } from '../../../core/api/contract.ts';
import type {
  ClickRole,
  CountProgress,
  ImportCount,
  ImportState,
  PreviewFile,
  Role,
} from '../../../core/api/datasets.ts';
import { FileButton, FilePicker } from '../../app/FilePicker.tsx';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { DraftNote } from '../../components/DraftNote.tsx';
import { EmptyState, Screen } from '../../components/Screen.tsx';
import { fileNames } from '../../format/files.ts';
import { shell } from '../../shell/window-shell.ts';
import { api, client, errorDetails, useKeptQuery, windowText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { keepDraft, useDraft } from '../../state/drafts.ts';
import { discardUploads, importPaths, takeFiles } from '../../state/drops.ts';
import { useLive } from '../../state/events.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { useProgressQuery } from '../../state/use-progress-query.ts';
import { type Counting, ImportGlance } from './ImportGlance.tsx';
import { ImportOptions } from './ImportOptions.tsx';
import { ImportProgress } from './ImportProgress.tsx';
import {
  draftProblems,
  EMPTY_DRAFT,
  type ImportDraft,
  importDraft,
  importRequest,
  mapClickColumn,
  mapColumn,
  optionsSet,
  overridesOf,
} from './import-draft.ts';
import { PreviewTable } from './PreviewTable.tsx';

const SETTLE_MS = 300;

export interface ImportScreenProps {
  paths: string[];
  /** Of the data set to be; empty for what the files suggest. */
  name: string;
}

/** Files as the import would read them; everything can be corrected before it starts. */
export function ImportScreen(props: ImportScreenProps) {
  if (props.paths.length > 0) return <ImportForm {...props} />;
  return (
    <Screen title="Import">
      <EmptyState
        title="Nothing to import was chosen"
        text="Drop files or a folder on the window, or choose them."
      >
        <div className="flex gap-2 wrap">
          <FilePicker primary />
        </div>
      </EmptyState>
    </Screen>
  );
}

const draftKey = (paths: readonly string[]) => `import ${paths.join('\n')}`;

function ImportForm({ paths, name: given }: ImportScreenProps) {
  const first = { ...EMPTY_DRAFT, name: given };
  const { draft, change, isKept, forget } = useDraft(draftKey(paths), importDraft, first);
  const preview = useKeptQuery({
    ...api.datasets.preview.queryOptions({ input: { paths, overrides: overridesOf(draft) } }),
    enabled: paths.length > 0,
    // The files may have been corrected since they were looked at.
    staleTime: 0,
    gcTime: 0,
  });
  const problems = draftProblems(draft);
  const request = importRequest(paths, draft);
  const readable = preview.data !== undefined && preview.data.problem === null && !preview.error;
  const count = useCount(request, readable && Object.keys(problems).length === 0);
  const { data: datasets } = useQuery(api.datasets.list.queryOptions());
  const [started, setStarted] = useState<string | null>(null);
  const importing = useImport(started, forget);
  const running = importing?.status === 'running';

  const name = draft.name.trim() || preview.data?.name || '';
  const nameTaken = datasets?.some((dataset) => dataset.name === name) ?? false;
  const unread = (count.data?.badRows ?? 0) > 0 && !draft.skipBadRows;
  const ready =
    readable &&
    !nameTaken &&
    !unread &&
    !running &&
    count.error === null &&
    count.data?.interactions !== 0 &&
    Object.keys(problems).length === 0;
  const start = () => {
    count.cancel();
    return attempt('The import could not start', async () => {
      setStarted((await client.datasets.import({ ...request, name })).id);
    });
  };
  const leave = () => {
    forget();
    discardUploads(paths);
    goTo('datasets');
  };

  const refusal = preview.error ? errorDetails(preview.error) : preview.data?.problem;
  const files = preview.data?.files ?? [];
  const heads = files.map(({ head }) => head);
  const isOther = draft.heads.length > 0 && heads.some((head) => !draft.heads.includes(head));
  useEffect(() => {
    if (isKept && draft.heads.length === 0 && heads.length > 0) change({ heads });
  });
  const [interactions] = files;
  const [chosen, setOpen] = useState(() => optionsSet(draft));
  // What is wrong there keeps the import from starting.
  const open = chosen || Object.keys(problems).length > 0;
  return (
    <Screen
      title={`Import ${name}`}
      aside={<span className="muted">{preview.isFetching ? 'Reading the first rows' : ''}</span>}
      actions={
        <>
          <Button icon={SlidersHorizontal} aria-expanded={open} onClick={() => setOpen(!open)}>
            Options
          </Button>
          <Button onClick={leave} disabled={running}>
            Cancel
          </Button>
          <Button kind="primary" disabled={!ready} onClick={() => void start()}>
            Import
          </Button>
        </>
      }
    >
      <div className="import grid tall" data-open={open || undefined}>
        <div className="shrinks scrolls">
          {importing && <ImportOutcome state={importing} />}
          {refusal && <Refusal refusal={refusal} paths={paths} draft={isKept ? draft : undefined} />}
          {isOther && (
            <p className="bar-inset warning" role="status">
              This is another file than before: it is not as long, or begins otherwise. What was set stays.
            </p>
          )}
          <ImportGlance
            preview={preview.data}
            counting={readable ? count : null}
            draft={draft}
            name={
              <TextField
                label="Name"
                placeholder={preview.data?.name ?? ''}
                value={draft.name}
                onValue={(name) => change({ name })}
                problem={
                  nameTaken && !running && importing?.status !== 'completed'
                    ? 'there is already a data set of this name; choose another'
                    : null
                }
              />
            }
            onSkipBadRows={() => change({ skipBadRows: true })}
          />
          {isKept && <DraftNote onDiscard={forget} />}
          <PreviewFiles
            files={files}
            mixed={count.data?.mixed ?? []}
            bad={count.data?.badRowPlaces ?? []}
            onRole={(file, column, role) => change({ map: mapColumn(draft, file.roles, column, role) })}
            onClickRole={(column, role) => change({ map: mapClickColumn(draft.map, column, role) })}
          />
        </div>
        {open && (
          <aside
            className="import-side line-before surface grid gap-4 packed panel-inset scrolls"
            aria-label="Import options"
          >
            <ImportOptions
              draft={draft}
              presets={preview.data?.presets ?? []}
              has={{
                // Files that cannot be told apart may be once the separator is known.
                separator: files.length === 0 || files.some(({ kind }) => kind === 'delimited'),
                time: interactions?.roles.time !== undefined,
                rating: interactions?.roles.rating !== undefined,
                filters: preview.data?.kind !== 'clicks',
              }}
              onChange={(changes) => change('kind' in changes ? { ...changes, map: {} } : changes)}
            />
          </aside>
        )}
      </div>
    </Screen>
  );
}

interface RefusalProps {
  refusal: ErrorDetails;
  paths: readonly string[];
  /** What was set, which goes along to where the files are now. */
  draft: ImportDraft | undefined;
}

/** Why the files cannot be imported; one that has moved can be found. */
function Refusal({ refusal, paths, draft }: RefusalProps) {
  const { code, problem } = refusal;
  const missing = code === 'no-file' ? paths.find((path) => problem.startsWith(`${path}:`)) : undefined;
  const find = (files: File[]) =>
    takeFiles(
      (watch) => shell.takeFiles(files, watch),
      ([found]) => {
        const now = paths.map((path) => (path === missing ? found : path));
        keepDraft(draftKey(now), draft);
        importPaths(now);
      },
    );
  return (
    <div className="problem" role="alert">
      <p>
        {missing === undefined
          ? windowText(refusal)
          : `${fileNames([missing])[0]} is not where it was. Connect its disk, or find it where it is now.`}
      </p>
      {missing !== undefined && <FileButton label="Find it" onFiles={(files) => void find(files)} />}
    </div>
  );
}

function ImportOutcome({ state }: { state: ImportState }) {
  if (state.status === 'running') return <ImportProgress state={state} />;
  if (state.status === 'failed') {
    return (
      <p className="problem" role="alert">
        Import failed. Nothing was saved. {state.problem && windowText(state.problem)}
      </p>
    );
  }
  if (state.status !== 'cancelled') return null;
  return (
    <p className="bar-inset" role="status">
      Import cancelled. Nothing was saved; the files are still here.
    </p>
  );
}

interface PreviewFilesProps {
  files: readonly PreviewFile[];
  mixed: ImportCount['mixed'];
  bad: ImportCount['badRowPlaces'];
  onRole(file: PreviewFile, column: string, role: Role | ''): void;
  onClickRole(column: string, role: ClickRole): void;
}

function PreviewFiles({ files, mixed, bad, onRole, onClickRole }: PreviewFilesProps) {
  const names = fileNames(files.map(({ path }) => path));
  return files.map((file, at) => (
    <PreviewTable
      key={file.path}
      file={file}
      name={names[at]}
      mixed={mixed.filter((found) => found.file === file.path)}
      bad={bad.flatMap((row) => (row.file === file.path ? row.line : []))}
      onRole={(column, role) => onRole(file, column, role)}
      onClickRole={onClickRole}
    />
  ));
}

/** What the request would keep, asked once the options have settled. Whether bad rows are left out changes no count. */
function useCount(request: ReturnType<typeof importRequest>, enabled: boolean): Counting {
  const current = { ...request, skipBadRows: true };
  const input = useDebounced(current, SETTLE_MS);
  const count = useProgressQuery<CountProgress, ImportCount>(
    api.datasets.count.key({ type: 'query', input }),
    (signal) => client.datasets.count(input, { signal }),
    ({ phase }) => phase,
    // Another look at the same files is needed whenever this screen opens again.
    { enabled, keepPrevious: true, forget: true },
  );
  const settled = JSON.stringify(current) === JSON.stringify(input);
  const working = enabled && (count.working || !settled);
  return {
    ...count,
    working,
    // Once it was cancelled, figures of earlier options would only mislead.
    data: enabled && (working || !count.stale) ? count.data : undefined,
    error: enabled ? count.error : null,
  };
}

/** The import that this screen started; its data set is shown once it is there. */
function useImport(id: string | null, onImported: () => void) {
  const state = useLive(({ imports }) => (id === null ? undefined : imports[id]));
  const dataset = state?.dataset ?? null;
  useEffect(() => {
    if (dataset === null) return;
    onImported();
    goTo('datasets', [dataset]);
  }, [dataset, onImported]);
  return state;
}
