import type { ImportCount } from '../../../core/api/datasets.ts';
import { Problem } from '../../components/Problem.tsx';
import { grouped } from '../../format/format.ts';
import { isUserError, problemText } from '../../state/api.ts';
import { fileText, importProblem } from './words.ts';

export interface ImportCountPanelProps {
  count: ImportCount | undefined;
  /** Of a click log, which has rows and may lack users and items. */
  clicks: boolean;
  error: unknown;
  /** The figures are of earlier options, and newer ones are being counted. */
  counting: boolean;
  skipBadRows: boolean;
  onSkipBadRows(): void;
}

const KINDS = [
  ['users', 'Users'],
  ['items', 'Items'],
  ['interactions', 'Interactions'],
] as const;

/** What would remain, counted anew with every change; and rows that cannot be read, which nobody drops unasked. */
export function ImportCountPanel({
  count,
  clicks,
  error,
  counting,
  skipBadRows,
  onSkipBadRows,
}: ImportCountPanelProps) {
  return (
    <section className="import-count" aria-label="What remains" aria-live="polite" aria-busy={counting}>
      <h2>
        What remains <span className="muted">{counting ? 'Counting' : ''}</span>
      </h2>
      {error !== null &&
        (isUserError(error) ? (
          <p className="problem" role="alert">
            {importProblem(problemText(error))}
          </p>
        ) : (
          <Problem error={error} />
        ))}
      {error === null && (
        <table className="count-table">
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
      {error === null && count?.interactions === 0 && (
        <p className="field-problem">Nothing would be left: loosen the filters.</p>
      )}
      {count !== undefined && count.badRows > 0 && (
        <div className="bad-rows" role={skipBadRows ? undefined : 'alert'}>
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
              Leave {count.badRows === 1 ? 'it' : 'them'} out
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function shareText(kept: number, of: number): string {
  // Rounded down, for what is not all is not 100 %.
  return kept === of ? 'all' : `${(Math.floor((1000 * kept) / of) / 10).toFixed(1)} % of ${grouped(of)}`;
}
