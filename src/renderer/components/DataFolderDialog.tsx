import { useState } from 'react';
import type { HomeCheck, HomeProgress } from '../../core/api/settings.ts';
import { bytesText, durationText } from '../format/format.ts';
import { shell } from '../shell/window-shell.ts';
import { api, client, problemText } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { resultOf } from '../state/steps.ts';
import { notify } from '../state/toasts.ts';
import { useKeptQuery } from '../state/use-kept-query.ts';
import { useWork } from '../state/work.ts';
import { Button } from './Button.tsx';
import { CheckField, TextField } from './controls.tsx';
import { Dialog } from './Dialog.tsx';
import { Progress } from './Progress.tsx';

const SETTLE_MS = 300;
/** Whether runs train changes by itself. */
const LOOK_AGAIN_MS = 2_000;

interface DataFolderDialogProps {
  /** What names the folder before the choice made here, or null. */
  first: string | null;
  onClose(): void;
}

/** Chooses another data folder, with the present content or without. */
export function DataFolderDialog({ first, onClose }: DataFolderDialogProps) {
  const [path, setPath] = useState('');
  const [wantsMove, setWantsMove] = useState(true);
  const settled = useDebounced(path.trim(), SETTLE_MS);
  const { data, error } = useKeptQuery({
    ...api.settings.checkHome.queryOptions({ input: { path: settled } }),
    refetchInterval: LOOK_AGAIN_MS,
    gcTime: 0,
  });
  const change = useChange(onClose);
  const check = settled === '' || path.trim() !== settled ? undefined : data?.check;
  const problem = change.isStopped ? 'Cancelled: the present folder is open as before.' : change.failure;
  const canMove = check ? check.moveProblem === null : true;
  const move = wantsMove && canMove;
  const obstacle = data?.obstacle ?? null;
  const ready = check !== undefined && check.problem === null && obstacle === null && !change.isPending;
  const apply = () => {
    if (ready) change.start({ path: check.path, move });
  };
  const choose = async () => {
    const chosen = await shell.chooseFolder?.();
    if (chosen) setPath(chosen);
  };
  return (
    <Dialog
      title="Change the data folder"
      onClose={() => change.isPending || onClose()}
      foot={
        <>
          <Button onClick={change.isPending ? change.stop : onClose}>Cancel</Button>
          <Button kind="primary" disabled={!ready} onClick={apply}>
            {move ? 'Move and open' : 'Open this folder'}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          apply();
        }}
      >
        <div className="settings-folder">
          <TextField
            label="Folder"
            help="The whole path, such as /data/tessera or ~/tessera"
            problem={check?.problem ?? (error ? problemText(error) : null)}
            value={path}
            autoFocus
            onValue={setPath}
          />
          {shell.chooseFolder && <Button onClick={() => void choose()}>Choose</Button>}
        </div>
        {check && check.problem === null && <Findings check={check} />}
        <CheckField
          label="Move data sets, runs and settings there"
          value={move}
          disabled={!canMove || change.isPending}
          onValue={setWantsMove}
        />
        <p className="field-help">
          {move
            ? 'On the same disk this is done at once. Onto another one everything is copied, read again and compared, and only then removed here; until then the present folder stays as it is.'
            : 'The present folder stays as it is, and can be opened here again.'}
          {first && ` Tessera was started with ${first}: it names the folder of the next start, too.`}
        </p>
        {obstacle && <p className="field-problem">{obstacle}</p>}
        {problem && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        {change.isPending && <CopyProgress progress={change.progress} />}
      </form>
    </Dialog>
  );
}

function Findings({ check }: { check: HomeCheck }) {
  const free = check.freeBytes === null ? [] : [`${bytesText(check.freeBytes)} free on its disk.`];
  return <p>{[...check.notes, ...free].join(' ')}</p>;
}

interface Copying extends HomeProgress {
  /** Since the first byte. */
  seconds: number;
}

function CopyProgress({ progress }: { progress: Copying | null }) {
  if (progress === null) return <Progress label="Closing the present folder" fraction={0} detail="" />;
  const { done, total, seconds } = progress;
  const rate = done / Math.max(0.001, seconds);
  const left = seconds > 1 ? `, about ${durationText((total - done) / rate)} left` : '';
  return (
    <Progress
      label="Copying and comparing"
      fraction={total === 0 ? 1 : done / total}
      detail={`${bytesText(done / 2)} of ${bytesText(total / 2)}${left}`}
    />
  );
}

/** The change as it goes on. */
function useChange(onDone: () => void) {
  return useWork(
    async (
      { path, move }: { path: string; move: boolean },
      signal,
      onProgress: (copying: Copying) => void,
    ) => {
      const steps = await client.settings.changeHome({ path, move }, { signal });
      let began: number | null = null;
      const { home } = await resultOf(steps, (progress) => {
        began ??= performance.now();
        onProgress({ ...progress, seconds: (performance.now() - began) / 1000 });
      });
      const title = move ? 'Moved the data folder' : 'Opened another data folder';
      notify({ level: 'info', title, text: home });
      onDone();
    },
  );
}
