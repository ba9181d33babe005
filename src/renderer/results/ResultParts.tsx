import { useState } from 'react';
import {
  FIRST_USERS,
  NEARLY_ALL,
  type PreviewedResult,
  partKey,
  RESULT_PHASES,
  type ResultFact,
  type ResultPreview,
  type ResultProgress,
  UNKNOWN_FACTS,
} from '../../core/api/results.ts';
import { Button } from '../components/Button.tsx';
import { type Column, column } from '../components/columns.ts';
import { Chip } from '../components/lists.tsx';
import { Working } from '../components/Progress.tsx';
import { Statement } from '../components/Statement.tsx';
import { Table } from '../components/Table.tsx';
import { grouped } from '../format/format.ts';
import { RunTile } from '../runs/RunTile.tsx';
import { errorDetails, problemText } from '../state/api.ts';
import { routeLink } from '../state/navigation.ts';
import type { ProgressQuery } from '../state/use-progress-query.ts';

const partText = ({ part: { fold, seed } }: PreviewedResult) =>
  [seed && `seed ${seed}`, fold && `fold ${fold}`].filter(Boolean).join(', ');

interface ResultListProps {
  results: readonly PreviewedResult[];
  /** The runs that the same file became before. */
  known: readonly { id: string; name: string }[];
  shown: PreviewedResult | undefined;
  /** Those that are not kept, by the keys of their parts. */
  left: ReadonlySet<string | null>;
  onAt(key: string | null): void;
  onLeft(left: ReadonlySet<string | null>): void;
}

/** The results of a file, a box each: Space keeps or leaves the one that has the focus. */
export function ResultList({ results, known, shown, left, onAt, onLeft }: ResultListProps) {
  const toggle = (key: string | null) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    onLeft(next);
  };
  return (
    <aside className="result-list grid gap-3 packed" aria-label="Results in this file">
      {results.length > 1 && (
        <ul className="grid">
          {results
            .map((result, place) => ({ result, place, key: partKey(result.part) }))
            .map(({ result, place, key }) => (
              <li
                key={key}
                className="result-one row small-inset"
                data-shown={result === shown || undefined}
                onKeyDown={(event) => {
                  if (event.key !== ' ') return;
                  event.preventDefault();
                  toggle(key);
                }}
              >
                <input
                  type="checkbox"
                  aria-label={`Save ${result.part.model ?? 'result'} ${partText(result)}`.trim()}
                  checked={!left.has(key)}
                  onChange={() => toggle(key)}
                />
                <button type="button" className="bare grow text-start" onClick={() => onAt(key)}>
                  <strong className="block clip">
                    <RunTile model={result.part.model ?? null} />
                    {result.part.model ?? `Result ${place + 1}`}
                  </strong>
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

interface FoundProps {
  preview: ProgressQuery<ResultProgress, ResultPreview>;
  shown: PreviewedResult | undefined;
  /** What orders the lists is not known yet: only what does not depend on it is shown. */
  undecided: boolean;
  /** Leaves out what cannot be read. */
  onLeaveOut(): void;
}

/** What a result of the file comes to; a count shows whom it is of. */
export function Found({ preview, shown, undecided, onLeaveOut }: FoundProps) {
  const { error, working, progress, cancel } = preview;
  const [open, setOpen] = useState<string | null>(null);
  if (working)
    return (
      <Working
        label={RESULT_PHASES[progress?.phase ?? 'read']}
        fraction={(progress?.done ?? 0) / (progress?.total ?? 1)}
        detail={progress?.result}
        onCancel={cancel}
      />
    );
  if (error)
    return (
      <div className="row gap-3">
        <p className="field-problem" role="alert">
          {problemText(error)}
        </p>
        {errorDetails(error).code === 'bad-rows' && <Button onClick={onLeaveOut}>Leave out</Button>}
      </div>
    );
  if (!shown) return null;
  const [[title, value] = ['No main metric', ''], ...others] = shown.metrics;
  const { listed, tested } = shown.users;
  const users = shown.facts.find(({ fact }) => fact === open)?.users;
  return (
    <section className="stack wide-tables" aria-label="What the file comes to">
      {!undecided && (
        <Statement
          fact={value === '' ? title : `${title} is ${value}`}
          limit={`, over ${grouped(listed)} of ${grouped(tested)} users`}
        >
          {others.map((metric) => metric.join(' ')).join(', ')}
        </Statement>
      )}
      <Table
        title={undecided ? 'What does not depend on it' : undefined}
        label="Facts"
        columns={factColumns(open, setOpen)}
        rows={undecided ? shown.facts.filter(({ count }) => count !== null) : shown.facts}
      />
      {users && (
        <p className="small" aria-live="polite">
          {users.who}
          {users.first.length < FIRST_USERS ? '' : `, the first ${FIRST_USERS}`}:{' '}
          <bdi className="muted">{users.first.join(', ')}</bdi>
        </p>
      )}
    </section>
  );
}

const factColumns = (open: string | null, onOpen: (fact: string | null) => void): Column<ResultFact>[] => [
  column('count', 'Count', 'count', ({ count }) => count, {
    width: 80,
    render: ({ count, fact, users }) =>
      users && count !== null ? (
        <button
          type="button"
          className="bare"
          style={{ textDecoration: 'underline dotted' }}
          aria-expanded={fact === open}
          aria-label={`${grouped(count)}, ${users.who}`}
          onClick={() => onOpen(fact === open ? null : fact)}
        >
          {grouped(count)}
        </button>
      ) : (
        count !== null && grouped(count)
      ),
  }),
  column('fact', 'Fact', 'text', ({ fact }) => fact, { width: 230 }),
  column('example', 'Detail', 'text', ({ example }) => example, { grows: true }),
  column('follows', 'What follows', 'text', ({ follows }) => follows, {
    width: 240,
    render: ({ follows, warns }) => <span className={warns ? 'warning' : 'muted'}>{follows}</span>,
  }),
];
