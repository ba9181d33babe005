import type { CountProgress, ImportCount } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { Progress } from '../../components/Progress.tsx';
import { Problem } from '../../components/Screen.tsx';
import { fileText } from '../../format/files.ts';
import { grouped } from '../../format/format.ts';
import { isUserError, problemText } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { ProgressQuery } from '../../state/use-progress-query.ts';
import { shareDoneText } from './messages.ts';
import { shareText } from './summary.ts';

export type Counting = ProgressQuery<CountProgress, ImportCount>;

export interface ImportCountPanelProps {
  /** Null while there is nothing that could be counted. */
  counting: Counting | null;
  /** Of a click log, which has rows and may lack users and items. */
  clicks: boolean;
  skipBadRows: boolean;
  onSkipBadRows(): void;
}

/** What takes less is not worth a bar. */
const SHOWN_AFTER_MS = 400;

const KINDS = [
  ['users', 'Users'],
  ['items', 'Items'],
  ['interactions', 'Interactions'],
] as const;

/** What would remain, counted again with every change; and rows that cannot be read, which nobody drops unasked. */
export function ImportCountPanel({ counting, clicks, skipBadRows, onSkipBadRows }: ImportCountPanelProps) {
  const { data: count, error = null, working = false } = counting ?? {};
  const long = useDebounced(working, SHOWN_AFTER_MS);
  return (
    <section
      className="import-count grid gap-2 panel-inset"
      aria-label="Result after filters"
      aria-busy={working}
    >
      <div className="flex middle spread" style={{ minHeight: 'var(--row)' }}>
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
      {error !== null &&
        (isUserError(error) ? (
          <p className="problem" role="alert">
            {problemText(error)}
          </p>
        ) : (
          <Problem error={error} />
        ))}
      {error === null && (
        <table className="count-table wide" aria-live="polite">
          <tbody>
            {KINDS.filter(([kind]) => !clicks || kind === 'interactions' || count?.[kind]).map(
              ([kind, label]) => (
                <tr key={kind}>
                  <th scope="row">{clicks && kind === 'interactions' ? 'Rows' : label}</th>
                  <td>{grouped(count?.[kind])}</td>
                  <td className="muted">{count ? shareText(count[kind], count.source[kind]) : ''}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
      {error === null && count?.described != null && count.described < count.items && (
        <p className={count.described === 0 ? 'field-problem' : 'muted'}>
          {count.described === 0
            ? `None of the ${grouped(count.items)} items is in the file that describes items: its ids do not match. Titles and other columns would describe nothing.`
            : `${grouped(count.items - count.described)} of the ${grouped(count.items)} items are not described.`}
        </p>
      )}
      {error === null && count?.interactions === 0 && (
        <p className="field-problem">
          {count.source.interactions > 0
            ? 'No interactions remain. Relax the filters.'
            : 'No row can be read: check the meaning of each column, or correct the file.'}
        </p>
      )}
      {count !== undefined && count.badRows > 0 && (
        <div className="bad-rows grid gap-1 at-start" role={skipBadRows ? undefined : 'alert'}>
          <p>
            {count.badRows === 1 ? 'One row' : `${grouped(count.badRows)} rows`} cannot be read
            {skipBadRows ? ' and will be left out' : ''}.
          </p>
          <ul>
            {count.badRowExamples.map((example) => (
              <li key={example} className="mono">
                {fileText(example)}
              </li>
            ))}
          </ul>
          {!skipBadRows && (
            <button type="button" className="button" onClick={onSkipBadRows}>
              Skip {count.badRows === 1 ? 'this row' : 'these rows'}
            </button>
          )}
        </div>
      )}
    </section>
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
      <div className="import-counting grid gap-2">
        <Progress
          label={PHASES[phase]}
          fraction={reading ? fraction : 1}
          detail={reading ? shareDoneText(fraction, seconds) : ''}
        />
      </div>
    );
  }
  if (working || data || error !== null) return null;
  return (
    <div className="import-counting grid gap-2">
      <p className="muted">Not counted. The import can start without it.</p>
      <Button kind="quiet" onClick={refetch}>
        Count
      </Button>
    </div>
  );
}
