import type { ReactNode } from 'react';
import type { Recommendation } from '../../../core/api/recommend.ts';
import type { RunPage } from '../../../core/api/runs.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { fixed, grouped, timeText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';
import { DecodingChoice, samplingOf, samplingQuery } from './DecodingChoice.tsx';
import { useRunRoute } from './run-route.ts';
import { UserList } from './UserList.tsx';

const K = 20;
const HISTORY = 50;

/** A user's history, what the model would offer next, and where the item landed that was held out. */
export function RecommendationsTab({ page: { run, checkpoints } }: { page: RunPage }) {
  const { query, keep } = useRunRoute();
  const user = query.user ?? null;
  if (run.dataset.id === null || checkpoints.length === 0) {
    return (
      <EmptyState
        title="No recommendations"
        text={
          run.dataset.id === null
            ? 'The data set has been deleted: import it again and train a new run.'
            : 'There is no checkpoint yet; the first one is kept after the first evaluation.'
        }
      />
    );
  }
  return (
    <div className="recommendations">
      <UserList dataset={run.dataset.id} user={user} onUser={(id) => keep({ user: id })} />
      {user === null ? (
        <EmptyState
          title="Pick a user"
          text="Or search for one by the id of the imported files, and step through them with the arrow keys."
        />
      ) : (
        <ForUser run={run.id} user={user} generates={'decoding' in run.config} />
      )}
    </div>
  );
}

interface ForUserProps {
  run: string;
  user: string;
  /** Whether its model makes lists that can be drawn. */
  generates: boolean;
}

function ForUser({ run, user, generates }: ForUserProps) {
  const { query, keep } = useRunRoute();
  const sampling = generates ? samplingOf(query) : null;
  const answer = useKeptQuery(
    api.recommend.show.queryOptions({ input: { run, user, k: K, history: HISTORY, sampling } }),
  );
  if (answer.error) return <Problem query={answer} />;
  if (!answer.data) {
    return <p className="run-notice muted">Loading the checkpoint and scoring the catalogue</p>;
  }
  return (
    <div className="for-user" aria-busy={answer.isPlaceholderData}>
      <HeldOut answer={answer.data} />
      <div className="run-columns">
        <History answer={answer.data} />
        <Offers answer={answer.data} drawn={sampling !== null}>
          {generates && (
            <DecodingChoice sampling={sampling} onSampling={(next) => keep(samplingQuery(next))} />
          )}
        </Offers>
      </div>
    </div>
  );
}

function nameOf({ id, title }: { id: string; title: string | null }): string {
  return title ?? id;
}

/** The test of the run: what it said of the item that it had not seen. */
function HeldOut({ answer: { user, heldOut } }: { answer: Recommendation }) {
  if (heldOut === null) {
    return <p className="muted">The run keeps no rank of user {user}: it has not been tested on one.</p>;
  }
  const { rank, candidates } = heldOut;
  return (
    <p className="held-out" data-hit={rank <= 10}>
      User <strong>{user}</strong>: <strong>{nameOf(heldOut)}</strong> was held out for the test and landed on
      rank <strong>{grouped(rank)}</strong> of {grouped(candidates)}.{' '}
      <span className="muted">
        {rank <= 10 ? 'A hit at 10.' : 'No hit at 10.'} The recommendations are what comes next, with it in
        the history.
      </span>
    </p>
  );
}

type Past = Recommendation['history'][number] & { place: number };

function History({ answer: { history, interactions, heldOut } }: { answer: Recommendation }) {
  const rows = history
    .map((item, at) => ({ ...item, place: interactions - history.length + at + 1 }))
    .reverse();
  const columns: Column<Past>[] = [
    column('place', 'No.', ({ place }) => grouped(place)),
    column<Past>('item', 'Item', nameOf, {
      render: (item) => <ItemName item={item} marked={item.item === heldOut?.item} mark="held out" />,
    }),
    numeric('time', 'Time', ({ time }) => timeText(time === null ? null : 1000 * time)),
  ];
  const shown =
    history.length < interactions ? `, the newest ${history.length} of ${grouped(interactions)}` : '';
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          History <span className="muted">newest first{shown}</span>
        </h2>
        <CopyMenu text="Copy history" columns={columns} rows={() => rows} />
      </div>
      <StaticTable label="History" columns={columns} rows={rows} rowKey={({ place }) => String(place)} />
    </section>
  );
}

type Offer = Recommendation['items'][number] & { rank: number };

interface OffersProps {
  answer: Recommendation;
  /** Whether the list is a random one. */
  drawn: boolean;
  /** Controls beside the title. */
  children: ReactNode;
}

function Offers({ answer: { items, history, heldOut }, drawn, children }: OffersProps) {
  const seen = new Set(history.map(({ item }) => item));
  const rows = items.map((item, at) => ({ ...item, rank: at + 1 }));
  const columns: Column<Offer>[] = [
    column('rank', 'Rank', ({ rank }) => String(rank)),
    column<Offer>('item', 'Item', nameOf, {
      render: (item) => (
        <ItemName
          item={item}
          marked={item.item === heldOut?.item || seen.has(item.item)}
          mark={item.item === heldOut?.item ? 'held out' : 'in the history'}
        />
      ),
    }),
    numeric('score', 'Score', ({ score }) => fixed(score, 4)),
  ];
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          Next <span className="muted">{drawn ? 'drawn' : 'after the whole history'}</span>
        </h2>
        <span className="offer-controls">
          {children}
          <CopyMenu text="Copy list" columns={columns} rows={() => rows} />
        </span>
      </div>
      <StaticTable
        label="Recommendations"
        columns={columns}
        rows={rows}
        rowKey={({ rank }) => String(rank)}
      />
    </section>
  );
}

interface ItemNameProps {
  item: { id: string; title: string | null };
  marked: boolean;
  mark: string;
}

function ItemName({ item, marked, mark }: ItemNameProps) {
  return (
    <span className="item-name" title={`${nameOf(item)} (${item.id})`}>
      {nameOf(item)}
      {marked && <span className="item-mark">{mark}</span>}
    </span>
  );
}
