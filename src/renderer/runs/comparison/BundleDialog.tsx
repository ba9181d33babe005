import { Check, Database, TriangleAlert } from 'lucide-react';
import { z } from 'zod';
import type { BundleLook, BundleRequest } from '../../../core/api/reproduce.ts';
import { Icon } from '../../components/Button.tsx';
import { CopyLine } from '../../components/CopyButton.tsx';
import { type Column, column } from '../../components/columns.ts';
import { CheckField, TextField } from '../../components/controls.tsx';
import { FolderDialog } from '../../components/FolderDialog.tsx';
import { Working } from '../../components/Progress.tsx';
import { Problem } from '../../components/Screen.tsx';
import { Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { useForm } from '../../components/use-form.ts';
import { bytesText, capital, countText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { startWork } from '../../state/long-work.ts';
import { useProgressQuery } from '../../state/use-progress-query.ts';
import '../../studies/studies.css';

interface BundleDialogProps {
  /** The comparison as it is looked at. */
  of: Omit<BundleRequest, 'title' | 'hasLists'>;
  /** Default: "comparison". */
  kind?: 'comparison' | 'plan';
  /** What it is called so far. */
  title: string;
  onClose(): void;
}

const draft = z.object({ title: z.string(), hasLists: z.boolean() });

/** Compared runs as one archive: what is in it, what is left out and why, and what was looked at before it is written. */
export function BundleDialog({ of, kind = 'comparison', title, onClose }: BundleDialogProps) {
  const first = { title: title || 'Comparison', hasLists: true };
  const { typed, change, field, forget } = useForm(`bundle ${of.runs.toSorted().join(' ')}`, draft, first);
  // The title says nothing of what is in it.
  const request = { ...of, title: first.title, hasLists: typed.hasLists };
  const look = useProgressQuery<{ doing: string }, BundleLook>(
    api.reproduce.lookAtBundle.key({ type: 'query', input: request }),
    (signal) => client.reproduce.lookAtBundle(request, { signal }),
    ({ doing }) => doing,
    { keepPrevious: true, forget: true },
  );
  const write = async (folder: string) => {
    const input = { ...request, title: typed.title.trim() || first.title, folder };
    const begun = await startWork('The bundle could not be written', { of: 'bundle', input });
    if (begun) forget();
    return begun;
  };
  return (
    <FolderDialog
      title={`Bundle of this ${kind}`}
      width={960}
      submit="Write bundle"
      help="A ZIP with which others check the table and make it again."
      onWrite={write}
      onClose={onClose}
    >
      {look.data && (
        <Statement
          fact={`${bytesText(look.data.bytes)} without the data`}
          limit={`: ${countText(look.data.runs, 'run')} in ${countText(look.data.members.length, 'file')}`}
        />
      )}
      {look.error !== null && look.error !== undefined && <Problem error={look.error} />}
      {look.working && (
        <Working
          label="Making the bundle to look at it"
          fraction={0}
          detail={look.progress ? `Writing ${look.progress.doing}` : 'Reading the runs'}
          cancel="Stop"
          onCancel={look.cancel}
        />
      )}
      <div className="study-columns grid">
        <div className="grid gap-4 wide-tables">
          <TextField label="Title of the bundle" {...field('title')} />
          <CheckField
            label="Recommended items of every user, which are most of it"
            value={typed.hasLists}
            onValue={(hasLists) => change({ hasLists })}
          />
          {look.data && <Table label="Files" columns={PARTS} rows={partsOf(look.data)} />}
          {look.data && <Left look={look.data} />}
        </div>
        <aside className="grid gap-4">
          {look.data && <Checks look={look.data} />}
          <section className="stack">
            <h3>For whoever receives it</h3>
            <CopyLine what="the command" text="tessera reproduce BUNDLE.zip --data FILES" />
          </section>
        </aside>
      </div>
    </FolderDialog>
  );
}

/** What files are for, by how their names begin. */
const KINDS: readonly [begin: string, what: string][] = [
  ['plan.yaml', 'Plan that makes the table anew'],
  ['configs/', 'Settings of the runs'],
  ['splits/', 'Split manifests'],
  ['results/ranks', 'Ranks user by user'],
  ['results/lists', 'Recommended items'],
  ['results/', 'Runs, metrics and curves'],
  ['report/', 'Report, figures and tables'],
  ['recipe.json', 'Environment: data by hashes, versions, processors'],
  ['', 'What it holds, as text'],
];

interface Part {
  what: string;
  files: string[];
  bytes: number;
}

/** Files of one purpose together, in the order in which a reader wants them. */
function partsOf({ members }: BundleLook): Part[] {
  const groups = Map.groupBy(
    members,
    ({ name }) => KINDS.find(([begin]) => name.startsWith(begin))?.[1] ?? '',
  );
  return KINDS.flatMap(([, what]) => {
    const found = groups.get(what) ?? [];
    const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
    return found.length === 0 ? [] : [{ what, files: found.map(({ name }) => name), bytes }];
  });
}

const PARTS: Column<Part>[] = [
  column('what', 'In it', 'text', ({ what }) => what, {
    detail: ({ files }) => (files.length > 2 ? countText(files.length, 'file') : files.join(', ')),
    tip: ({ files }) => files.join('\n'),
  }),
  column('bytes', 'Size', 'bytes', ({ bytes }) => bytes),
];

function Left({ look: { left } }: { look: BundleLook }) {
  return (
    <section className="stack">
      <h3>Left out</h3>
      {left.map((one) => (
        <p key={one} className="row gap-sign muted">
          <Icon of={Database} />
          {capital(one)}.
        </p>
      ))}
    </section>
  );
}

function Checks({ look: { checks } }: { look: BundleLook }) {
  return (
    <section className="stack">
      <h3>Checked before it is written</h3>
      <ul className="grid gap-2">
        {checks.map(({ what, detail, isGood }) => (
          <li key={what} className={`row top gap-sign line-below${isGood ? '' : ' warning'}`}>
            <Icon of={isGood ? Check : TriangleAlert} />
            <span className="grid">
              {what}
              <span className="muted small">{detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
