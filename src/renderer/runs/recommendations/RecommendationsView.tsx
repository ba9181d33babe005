import type { ReactNode } from 'react';
import type { Recommendation } from '../../../core/api/recommend.ts';
import { type Column, column } from '../../components/columns.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { Segments } from '../../components/Segments.tsx';
import { Select } from '../../components/Select.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, grouped, utcText } from '../../format/format.ts';
import { DecodingChoice, samplingOf, samplingQuery } from './DecodingChoice.tsx';
import { ItemName, nameOf } from './ItemName.tsx';
import { ListTable } from './ListTable.tsx';
import { type Look, placeOf, type ShownList, type ShownRun, useLists } from './shown-runs.ts';
import { orderOf, UserBrowser } from './UserBrowser.tsx';
import './recommendations.css';

const HIT = 10;

interface RecommendationsViewProps {
  /** Name or id. */
  dataset: string;
  /** One to three. */
  runs: readonly ShownRun[];
  look: Look;
  onLook(changes: Look): void;
  /** How the list of a user was decoded, of a run whose model writes IDs code by code; it may be shown in place of the list. */
  trie?(user: string): ReactNode;
  /** The choice of runs. */
  children: ReactNode;
}

const LOOKS = [
  { value: 'list', label: 'List' },
  { value: 'trie', label: 'Trie' },
] as const;

/** Users to pick from; of one of them the history, what each run recommends, and where the held-out item landed. */
export function RecommendationsView({
  dataset,
  runs,
  look,
  onLook,
  trie,
  children,
}: RecommendationsViewProps) {
  const user = look.user ?? null;
  return (
    <div className="recommendations grid tall">
      <UserBrowser
        dataset={dataset}
        runs={runs}
        order={orderOf(look.users, runs.length)}
        onOrder={(users) => onLook({ users })}
        user={user}
        onUser={(id) => onLook({ user: id })}
      />
      {user === null ? (
        <div className="for-user scrolls">
          <div className="toolbar">
            <span className="screen-actions row push wrap">{children}</span>
          </div>
          <EmptyState
            title="Pick a user"
            text="Or search for one by the id of the imported files. Arrow keys go from one to the next."
          />
        </div>
      ) : (
        <ForUser runs={runs} user={user} look={look} onLook={onLook} trie={trie}>
          {children}
        </ForUser>
      )}
    </div>
  );
}

type ForUserProps = Omit<RecommendationsViewProps, 'dataset'> & { user: string };

function ForUser({ runs, user, look, onLook, trie, children }: ForUserProps) {
  const lists = useLists(runs, user, look);
  const known = lists.find(({ answer }) => answer !== undefined)?.answer;
  const heldOut = lists.find(({ answer }) => answer?.heldOut)?.answer?.heldOut ?? null;
  const place = heldOut === null ? 'next' : placeOf(look);
  const shown = trie && look.as === 'trie' ? 'trie' : 'list';
  const sampling = runs.some(({ generates }) => generates) ? samplingOf(look) : null;
  return (
    <div className="for-user scrolls" aria-busy={lists.some(({ stale }) => stale)}>
      <div className="toolbar">
        <h2 className="title">
          User {user}
          {known && <span className="muted">, {countText(known.interactions, 'interaction')}</span>}
        </h2>
        <span className="screen-actions row push wrap">
          {heldOut && shown === 'list' && (
            <Select
              aria-label="What the lists are for"
              value={place}
              choices={[
                { value: 'test', label: 'Held-out item' },
                { value: 'next', label: 'Next item' },
              ]}
              onValue={(list) => onLook({ list })}
            />
          )}
          {children}
          {/* Last: what appears with an answer must not move it from under a pointer. */}
          {trie && (
            <Segments label="Shown as" choices={LOOKS} value={shown} onValue={(as) => onLook({ as })} />
          )}
        </span>
      </div>
      {lists.map(({ run, error, refetch }) => error && <Problem key={run.id} query={{ error, refetch }} />)}
      {new Set(runs.map(({ protocol }) => protocol)).size > 1 && (
        <p className="notice user-note">
          These runs were measured under different protocols: their ranks are not comparable.
        </p>
      )}
      {shown === 'trie' ? (
        <div className="view-inset">{trie?.(user)}</div>
      ) : known ? (
        <>
          <HeldOut lists={lists} heldOut={heldOut} place={place} />
          <div
            className="user-lists view-inset wide-tables fixed-tables grid top gap-6"
            data-runs={runs.length}
          >
            <ListTable
              lists={lists}
              title={place === 'test' ? 'Recommended' : 'Next'}
              detail={detailOf(place, sampling !== null)}
              heldOut={heldOut?.item ?? null}
            >
              {runs.some(({ generates }) => generates) && (
                <DecodingChoice sampling={sampling} onSampling={(next) => onLook(samplingQuery(next))} />
              )}
            </ListTable>
            <HistoryTable answer={known} />
          </div>
        </>
      ) : (
        lists.some(({ error }) => error === null) && (
          <p className="inset muted">Loading the checkpoint and scoring the catalogue</p>
        )
      )}
    </div>
  );
}

function detailOf(place: Recommendation['place'], drawn: boolean): string {
  const from = place === 'test' ? 'before the held-out item' : 'after the whole history';
  return drawn ? `${from}, drawn` : from;
}

interface HeldOutProps {
  lists: readonly ShownList[];
  heldOut: Recommendation['heldOut'];
  place: Recommendation['place'];
}

/** The test of each run: what it said of the item that it had not seen. */
function HeldOut({ lists, heldOut, place }: HeldOutProps) {
  if (heldOut === null) {
    return (
      <p className="inset muted">No item of this user was held out for the test, so there is no rank.</p>
    );
  }
  return (
    <>
      <p className="inset">
        Held out for the test: <strong>{nameOf(heldOut)}</strong>
        {heldOut.categories.length > 0 && <span className="muted"> ({heldOut.categories.join(', ')})</span>}
        {place === 'next' && (
          <span className="muted">. It is part of the history that these lists follow.</span>
        )}
      </p>
      <Figures label="Rank of the held-out item" figures={lists.map(rankFigure)} size="alike" />
    </>
  );
}

function rankFigure({ run, answer }: ShownList): Figure {
  const rank = answer?.heldOut?.rank;
  return {
    label: run.name,
    value: (
      <>
        <span className="run-swatch" style={{ background: run.colour }} aria-hidden="true" />
        {rank == null ? '–' : grouped(rank)}
      </>
    ),
    detail: answer?.heldOut ? rankDetail(answer, answer.heldOut) : undefined,
  };
}

/** "rank of 3,416; a hit at 10" */
function rankDetail(
  { place, items }: Recommendation,
  heldOut: NonNullable<Recommendation['heldOut']>,
): string {
  const { rank, candidates, item } = heldOut;
  if (rank === null) return 'not in its list';
  const listed = items.findIndex((one) => one.item === item) + 1;
  const tied = place === 'test' && listed > 0 && listed < rank;
  return [
    `test rank of ${grouped(candidates)}`,
    rank <= HIT ? `a hit at ${HIT}` : `no hit at ${HIT}`,
    ...(tied ? ['equal scores count against the model'] : []),
  ].join('; ');
}

type Past = Recommendation['history'][number] & { place: number };

/** What the user had, the newest first, with the held-out items where they stand. */
function HistoryTable({ answer: { history, interactions } }: { answer: Recommendation }) {
  const rows = history
    .map((item, at) => ({ ...item, place: interactions - history.length + at + 1 }))
    .reverse();
  const columns: Column<Past>[] = [
    column('place', 'No.', 'count', ({ place }) => place),
    column<Past>('item', 'Item', 'text', nameOf, {
      render: (item) => <ItemName item={item} marks={item.heldOut ? ['held out'] : []} />,
    }),
    column<Past>('time', 'Time', 'time', ({ time }) => (time === null ? null : 1000 * time), {
      text: ({ time }) => utcText(time === null ? null : 1000 * time),
      render: ({ time }) => {
        const text = utcText(time === null ? null : 1000 * time);
        return <span title={`${text} UTC`}>{text.slice(0, 10)}</span>;
      },
    }),
  ];
  const shown = history.length < interactions ? ` (the newest ${history.length})` : '';
  return (
    <section className="stack">
      <Table title={`History, newest first${shown}`} label="History" columns={columns} rows={rows} />
    </section>
  );
}
