import { ArrowLeft } from 'lucide-react';
import type { CodedItem, CodedItemCard, NeighbourRow } from '../../../../core/api/codebooks.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { FactList } from '../../../components/lists.tsx';
import { Answer } from '../../../components/Screen.tsx';
import { countText, fixed, idText } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useWorkbench } from '../workbench.ts';

/** One item: its codes, what each level explains of it, who shares them, and who is near. */
export function ItemCard({ item }: { item: number }) {
  const { view, change } = useWorkbench();
  const card = useKeptQuery(api.codebooks.item.queryOptions({ input: { ...view, item } }));
  return (
    <section className="codebook-card grid tall" aria-label="Item">
      <div className="codebook-items-head row gap-1">
        <Button icon={ArrowLeft} kind="quiet" onClick={() => change({ item: null })}>
          Items
        </Button>
      </div>
      <Answer query={card}>{(answer) => <Card card={answer} />}</Answer>
    </section>
  );
}

function Card({ card }: { card: CodedItemCard }) {
  const { item, side } = card;
  const facts = Object.entries(side).filter(([, value]) => value !== null && value !== '');
  return (
    <div className="codebook-card-body stack packed shrinks">
      <h2>{item.title ?? item.id}</h2>
      <p className="muted">
        Item {item.id} · {countText(item.interactions, 'interaction')}
      </p>
      {item.codes.length === 0 ? <p>This item has no Semantic ID.</p> : <Codes card={card} />}
      {facts.length > 0 && <FactList className="codebook-facts grid small" width={88} facts={facts} />}
      {card.mateCount > 0 && (
        <div>
          <h3>{countText(card.mateCount, 'other')} with the same codes</h3>
          <ul className="codebook-list grid gap-1">
            {card.mates.map((mate) => (
              <li key={mate.item}>
                <ItemLink item={mate} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {card.byVector && (
        <Neighbours title="Nearest by vector" rows={card.byVector} missing="shares no such prefix" />
      )}
      {card.byPrefix.length > 0 && (
        <Neighbours title="Nearest by prefix" rows={card.byPrefix} missing="not near by vector" />
      )}
      {!card.byVector && item.codes.length > 0 && (
        <p className="muted">This run keeps no vectors: distances and errors cannot be told.</p>
      )}
    </div>
  );
}

/** The ID, a code at a time: each selects what shares it, and shows what is left after it. */
function Codes({ card: { item, errors } }: { card: CodedItemCard }) {
  const { select } = useWorkbench();
  const { codes, collisionToken } = item;
  return (
    <table className="static-table codebook-codes wide shrinks" aria-label="Codes of the item">
      <thead>
        <tr>
          <th scope="col">Level</th>
          <th scope="col">Code</th>
          <th scope="col">{errors ? 'Left unexplained' : ''}</th>
        </tr>
      </thead>
      <tbody>
        {codes.map((code, level) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
          <tr key={level}>
            <th scope="row">{level + 1}</th>
            <td>
              <Button
                kind="quiet"
                title={`Select ${idText(codes.slice(0, level + 1))}`}
                onClick={() => select(codes.slice(0, level + 1))}
              >
                <IdTiles codes={[code]} level={level} />
              </Button>
            </td>
            <td>{errors && <Left share={errors[level + 1]} />}</td>
          </tr>
        ))}
        {collisionToken > 0 && (
          <tr>
            <th scope="row">Extra</th>
            <td>
              <IdTiles codes={[]} collisionToken={collisionToken} />
            </td>
            <td className="muted">collision token</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** A share of the squared length as a bar; it can grow past the whole. */
function Left({ share }: { share: number }) {
  return (
    <span className="grid gap-2 middle text-end" style={{ gridTemplateColumns: 'minmax(0, 1fr) 56px' }}>
      <span className="codebook-left-bar">
        <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </span>
      {fixed(100 * share, 1)} %
    </span>
  );
}

const NEIGHBOUR_COLUMNS: Column<NeighbourRow>[] = [
  column('title', 'Item', 'text', ({ title, id }) => title ?? id),
  column('codes', 'Semantic ID', 'text', ({ codes, collisionToken }) => idText(codes, collisionToken)),
  column('shared', 'Shared codes', 'number', ({ shared }) => shared),
  column('distance', 'Distance', 'metric', ({ distance }) => distance),
  column('agreed', 'In both lists', 'text', ({ agreed }) => (agreed ? 'yes' : 'no')),
];

function Neighbours({
  title,
  rows,
  missing,
}: {
  title: string;
  rows: readonly NeighbourRow[];
  missing: string;
}) {
  return (
    <div>
      <div className="chart-head">
        <h3>{title}</h3>
        <CopyMenu what={title.toLowerCase()} columns={NEIGHBOUR_COLUMNS} rows={() => rows} />
      </div>
      <ul className="codebook-list grid gap-1">
        {rows.map((row) => (
          <li key={row.item} data-disagrees={row.agreed ? undefined : true}>
            <ItemLink item={row} />
            <span className="muted small">
              {row.shared > 0 ? <IdTiles codes={row.codes.slice(0, row.shared)} /> : 'no code shared'}
              {row.distance === null ? '' : `, ${fixed(row.distance, 3)} away`}
              {!row.agreed && <span className="bad">, {missing}</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function ItemLink({ item }: { item: CodedItem }) {
  const { change } = useWorkbench();
  return (
    <button
      type="button"
      className="row-link codebook-link clip bare text-start"
      title={item.title ?? item.id}
      onClick={() => change({ item: item.item })}
    >
      {item.title ?? item.id}
    </button>
  );
}
