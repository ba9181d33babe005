import { NEARLY_ALL, type PreviewedResult, UNKNOWN_FACTS } from '../../core/api/results.ts';
import { Chip } from '../components/lists.tsx';
import { RunTile } from '../runs/RunTile.tsx';
import { routeLink } from '../state/navigation.ts';

const partText = ({ part: { fold, seed } }: PreviewedResult) =>
  [seed && `seed ${seed}`, fold && `fold ${fold}`].filter(Boolean).join(', ');

interface ResultListProps {
  results: readonly PreviewedResult[];
  /** The runs that the same file became before. */
  known: readonly { id: string; name: string }[];
  /** The one that is shown. */
  at: number;
  /** Those that are not kept. */
  left: ReadonlySet<number>;
  onAt(at: number): void;
  onLeft(left: ReadonlySet<number>): void;
}

/** The results of a file, a box each: Space keeps or leaves the one that is shown. */
export function ResultList({ results, known, at, left, onAt, onLeft }: ResultListProps) {
  const toggle = (place: number) => {
    const next = new Set(left);
    if (!next.delete(place)) next.add(place);
    onLeft(next);
  };
  return (
    <aside className="result-list grid gap-3 packed" aria-label="Results in this file">
      {results.length > 1 && (
        <ul className="grid">
          {results.map((result, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a result is its place in the file
            <li key={place} className="result-one row small-inset" data-shown={place === at || undefined}>
              <input
                type="checkbox"
                aria-label={`Save ${result.part.model ?? 'result'} ${partText(result)}`.trim()}
                checked={!left.has(place)}
                onChange={() => toggle(place)}
              />
              <button type="button" className="bare grow text-start" onClick={() => onAt(place)}>
                <strong className="block clip">{result.part.model ?? `Result ${place + 1}`}</strong>
                <span className="row spread muted small">
                  <span>{partText(result)}</span>
                  <span>{result.metrics[0]?.[1]}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {known.length > 0 && (
        <p className="small muted">
          The same file was imported before as{' '}
          {known.map(({ id, name }, place) => (
            <span key={id}>
              {place > 0 && ', '}
              <a href={routeLink('run', [id])}>{name}</a>
            </span>
          ))}
          .
        </p>
      )}
    </aside>
  );
}

interface StandsAsProps {
  shown: PreviewedResult;
  draft: { model: string; program: string; seed: string };
}

/** The row that it becomes in a comparison, with what is said below it. */
export function StandsAs({ shown, draft }: StandsAsProps) {
  const { listed, tested } = shown.users;
  const share = listed / Math.max(1, tested);
  const unknown = shown.unknown.filter((fact) => fact !== 'seed' || draft.seed.trim() === '');
  const notes = [
    unknown.length > 0 && `${unknown.map((fact) => UNKNOWN_FACTS[fact]).join(', ')} unknown`,
    share < 1 - NEARLY_ALL && `${(100 * (1 - share)).toFixed(1)} % of the users without a list`,
  ].filter((note) => note !== false);
  const model = draft.model.trim() || shown.part.model || draft.program.trim() || 'Another program';
  return (
    <section className="grid gap-2 packed" aria-label="How it will stand in Compare">
      <h3>How it will stand in Compare</h3>
      <p className="row line-below">
        <RunTile model={model} />
        <strong className="clip">{model}</strong>
        <sup>{[...notes.keys()].map((note) => 'ab'[note]).join(' ')}</sup>
        {share < 1 - NEARLY_ALL && <Chip tone="warning">{`${Math.floor(100 * share)} %`}</Chip>}
        <span className="push muted">{shown.metrics[0]?.[1]}</span>
      </p>
      <p className="small muted">
        {notes.map((note, place) => `${'ab'[place]}: ${note}. `)}
        {unknown.length > 0
          ? 'Never ranked best or chosen.'
          : 'Ranked and tested as runs of this program are.'}
      </p>
    </section>
  );
}
