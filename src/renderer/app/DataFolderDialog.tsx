import { z } from 'zod';
import type { HomeCheck } from '../../core/api/settings.ts';
import { Button } from '../components/Button.tsx';
import { CopyLine } from '../components/CopyButton.tsx';
import { TextField } from '../components/controls.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { useForm } from '../components/use-form.ts';
import { bytesText } from '../format/format.ts';
import { shell } from '../shell/window-shell.ts';
import { api, client, isAnswerOf, problemText, useKeptQuery } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';

const SETTLE_MS = 300;
/** Whether runs train changes by itself. */
const POLL_MS = 2_000;

interface DataFolderDialogProps {
  /** What names the folder before the choice made here, or null. */
  first: string | null;
  onClose(): void;
}

const draft = z.object({ path: z.string().trim() });

/** Chooses another data folder. */
export function DataFolderDialog({ first, onClose }: DataFolderDialogProps) {
  const { typed, change, field, ...form } = useForm('data folder', draft, { path: '' });
  const path = typed.path.trim();
  const settled = useDebounced(path, SETTLE_MS);
  const answer = useKeptQuery({
    ...api.settings.checkHome.queryOptions({ input: { path: settled } }),
    refetchInterval: POLL_MS,
    gcTime: 0,
  });
  const { data, error } = answer;
  // An answer of the folder typed before says nothing of this one.
  const isCurrent = settled !== '' && isAnswerOf(answer, settled, path);
  const check = isCurrent ? data?.check : undefined;
  const obstacle = data?.obstacle ?? null;
  const open = async () => {
    if (!check) return false;
    // Once another folder is open, what was typed in this one is out of reach.
    form.forget();
    await client.settings.changeHome({ path: check.path }).catch((problem) => {
      change(typed);
      throw problem;
    });
  };
  const choose = async () => {
    const chosen = await shell.chooseFolder?.();
    if (chosen) change({ path: chosen });
  };
  return (
    <FormDialog
      title="Change the data folder"
      width={560}
      submit="Open this folder"
      failure="Could not open the folder"
      ready={check !== undefined && check.problem === null && obstacle === null}
      draft={form}
      onSubmit={open}
      onClose={onClose}
    >
      <div className="folder-field flex gap-3">
        <TextField
          label="Folder"
          help="The whole path, such as /data/tessera or ~/tessera"
          autoFocus
          {...field('path')}
          problem={check?.problem ?? (error ? problemText(error) : null)}
        />
        {shell.chooseFolder && <Button onClick={() => void choose()}>Choose</Button>}
      </div>
      {check && check.problem === null && <Findings check={check} />}
      <p className="field-help">
        The current folder stays as it is, and can be opened here again.
        {first && ` Tessera was started with ${first}: it also applies to the next start.`}
      </p>
      {check && check.moveCommands.length > 0 && <MoveCommands commands={check.moveCommands} />}
      {obstacle && <p className="field-problem">{obstacle}</p>}
    </FormDialog>
  );
}

function Findings({ check }: { check: HomeCheck }) {
  const free = check.freeBytes === null ? [] : [`${bytesText(check.freeBytes)} free on its disk.`];
  return <p>{[...check.notes, ...free].join(' ')}</p>;
}

/** Taking the data along is done in a terminal. */
function MoveCommands({ commands }: { commands: readonly string[] }) {
  return (
    <section className="stack" aria-label="Take the data along">
      <p className="field-help">
        It begins empty. To take data sets, runs and settings along, close Tessera, run these commands, and
        start it again. Without a command line, run the first one alone, and choose the copy here.
      </p>
      {commands.map((command, at) => (
        <CopyLine key={command} text={command} what={`command ${at + 1}`} />
      ))}
    </section>
  );
}
