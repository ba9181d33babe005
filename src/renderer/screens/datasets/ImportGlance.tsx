import type { ReactNode } from 'react';
import type { CountProgress, ImportCount, ImportPreview } from '../../../core/api/datasets.ts';
import { shareText } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { type Fact, FactList } from '../../components/lists.tsx';
import { Progress } from '../../components/Progress.tsx';
import { Problem } from '../../components/Screen.tsx';
import { fileNames, fileText } from '../../format/files.ts';
import { grouped, shareDoneText } from '../../format/format.ts';
import { isUserError, problemText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { ProgressQuery } from '../../state/use-progress-query.ts';
import type { ImportDraft } from './import-draft.ts';
import { oddThings } from './import-odd.ts';

export type Counting = ProgressQuery<CountProgress, ImportCount>;

interface ImportGlanceProps {
  preview: ImportPreview | undefined;
  /** Null while there is nothing that could be counted. */
  counting: Counting | null;
  draft: ImportDraft;
  /** Of the data set, as it is named in its field. */
  name: ReactNode;
  onSkipBadRows(): void;
}

/** What takes less is not worth a bar. */
const SHOWN_AFTER_MS = 400;

/** What was found, what would remain, and what is odd about it; counted again with every change. */
export function ImportGlance({ preview, counting, draft, name, onSkipBadRows }: ImportGlanceProps) {
  const { data: count, error = null, working = false } = counting ?? {};
  const clicks = preview?.kind === 'clicks';
  return (
    <div className="import-glance page-inset gap-6 grid line-below">
      <section className="grid gap-2 packed" aria-label="Found">
        {name}
        <FoundFiles preview={preview} />
      </section>
      <section className="grid gap-2 packed" aria-label="Result after filters" aria-busy={working}>
        <Remaining counting={counting} clicks={clicks} />
      </section>
      <section className="grid gap-2 packed" aria-label="Checks">
        <h2>Checks</h2>
        {error !== null && <CountError error={error} />}
        {error === null && count && <OddThings count={count} draft={draft} onSkipBadRows={onSkipBadRows} />}
        {error === null && !count && <p className="muted">–</p>}
      </section>
    </div>
  );
}

const PARTS = { interactions: 'Interactions', items: 'Items', users: 'Users' };

function FoundFiles({ preview }: Pick<ImportGlanceProps, 'preview'>) {
  if (!preview) return null;
  const { files, ignored, kind } = preview;
  const names = fileNames([...files.map(({ path }) => path), ...ignored]);
  const parts = (['interactions', 'items', 'users'] as const).flatMap((part): [string, string][] => {
    const found = files.flatMap((file, at) => (file.part === part ? [names[at]] : []));
    const label = kind === 'clicks' && part === 'interactions' ? 'Labelled rows' : PARTS[part];
    return found.length > 0 ? [[label, someNames(found)]] : [];
  });
  const facts = ignored.length > 0 ? [...parts, ['Not used', someNames(names.slice(files.length))]] : parts;
  return (
    <FactList width={96} facts={facts.map(([label, text]): Fact => [label, <bdi key={label}>{text}</bdi>])} />
  );
}

const MOST_NAMES = 4;

function someNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
}

const KINDS = [
  ['users', 'Users'],
  ['items', 'Items'],
  ['interactions', 'Interactions'],
] as const;

function Remaining({ counting, clicks }: { counting: Counting | null; clicks: boolean }) {
  const { data: count, error = null, working = false } = counting ?? {};
  const long = useDebounced(working, SHOWN_AFTER_MS);
  return (
    <>
      <div className="flex middle spread">
        <h2>
          Result after filters <span className="muted">{working ? 'Counting' : ''}</span>
        </h2>
        {counting && working && long && (
          <Button kind="quiet" onClick={counting.cancel}>
            Stop counting
          </Button>
        )}
      </div>
      {counting && <CountingState counting={counting} long={long} />}
      {error === null && (
        <table className="count-table" aria-live="polite">
          <tbody>
            {KINDS.filter(([kind]) => !clicks || kind === 'interactions' || count?.[kind]).map(
              ([kind, label]) => (
                <tr key={kind}>
                  <th scope="row" className="regular text-start">
                    {clicks && kind === 'interactions' ? 'Rows' : label}
                  </th>
                  <td>{grouped(count?.[kind])}</td>
                  <td className="muted small">{count ? shareText(count[kind], count.source[kind]) : ''}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
    </>
  );
}

function CountError({ error }: { error: unknown }) {
  if (!isUserError(error)) return <Problem error={error} />;
  return (
    <p className="problem" role="alert">
      {problemText(error)}
    </p>
  );
}

interface OddThingsProps extends Pick<ImportGlanceProps, 'draft' | 'onSkipBadRows'> {
  count: ImportCount;
}

/** Rows that cannot be read, which nobody drops unasked, and whatever else is odd. */
function OddThings({ count, draft, onSkipBadRows }: OddThingsProps) {
  const odd = oddThings(count, draft);
  const { badRows, badRowExamples } = count;
  if (odd.length === 0 && badRows === 0) return <p className="muted">Nothing found</p>;
  return (
    <>
      {odd.map(({ text, grave }) => (
        <p key={text} className={grave ? 'field-problem' : undefined}>
          {text}
        </p>
      ))}
      {badRows > 0 && (
        <div className="bad-rows notice grid gap-1 at-start" role={draft.skipBadRows ? undefined : 'alert'}>
          <p>
            {badRows === 1 ? 'One row' : `${grouped(badRows)} rows`} cannot be read
            {draft.skipBadRows ? ' and will be left out' : ''}.
          </p>
          <ul className="scrolls breaks">
            {badRowExamples.map((example) => (
              <li key={example} className="mono">
                {fileText(example)}
              </li>
            ))}
          </ul>
          {!draft.skipBadRows && (
            <button type="button" className="button" onClick={onSkipBadRows}>
              Skip {badRows === 1 ? 'this row' : 'these rows'}
            </button>
          )}
        </div>
      )}
    </>
  );
}

const PHASES: Record<CountProgress['phase'], string> = {
  read: 'Reading the files',
  describe: 'Reading titles and side columns',
  count: 'Counting users and items',
  filter: 'Filtering',
};

/** How far the counting is, or that it was stopped. */
function CountingState({ counting, long }: { counting: Counting; long: boolean }) {
  const { data, error, working, progress, refetch } = counting;
  if (working && long) {
    const { phase, fraction, seconds } = progress ?? { phase: 'read', fraction: 0, seconds: 0 };
    const reading = phase === 'read';
    return (
      <Progress
        label={PHASES[phase]}
        fraction={reading ? fraction : 1}
        detail={reading ? shareDoneText(fraction, seconds) : ''}
      />
    );
  }
  if (working || data || error !== null) return null;
  return (
    <div className="row spread">
      <p className="muted">Not counted. The import can start without it.</p>
      <Button kind="quiet" onClick={refetch}>
        Count
      </Button>
    </div>
  );
}
