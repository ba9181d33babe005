import { Search } from 'lucide-react';
import type { CodedItem, CodedItemCard, ItemState, NeighbourRow } from '../../../../core/api/codebooks.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyLine } from '../../../components/CopyButton.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { Answer } from '../../../components/Screen.tsx';
import { Statement } from '../../../components/Statement.tsx';
import { Table } from '../../../components/Table.tsx';
import { countText, fixed, idText } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useWorkbench } from '../workbench.ts';
import { ItemSquares } from './ItemSquares.tsx';

const NEIGHBOURS = 6;

/** One item: its codes from coarse to fine, what each level leaves of it, who shares them, and who is near. */
export function ItemCard({ item }: { item: number }) {
  const { view } = useWorkbench();
  const card = useKeptQuery(api.codebooks.item.queryOptions({ input: { ...view, item, k: NEIGHBOURS } }));
  return (
    <section className="flow" aria-label="Item">
      <Answer query={card}>{(answer) => <Card card={answer} />}</Answer>
    </section>
  );
}

function Card({ card }: { card: CodedItemCard }) {
  const { change } = useWorkbench();
  const { item, side } = card;
  const facts = Object.entries(side).filter(([, value]) => value !== null && value !== '');
  const hasId = item.codes.length > 0;
  return (
    <>
      <header className="row spread at-start">
        <Statement fact={<bdi>{item.title ?? item.id}</bdi>}>
          {[
            `Item ${item.id}`,
            countText(item.interactions, 'interaction'),
            ...facts.map(([name, value]) => `${name} ${String(value).replaceAll('|', ' › ')}`),
          ].join(' · ')}
        </Statement>
        <Button icon={Search} onClick={() => change({ item: null })}>
          Another item <kbd>/</kbd>
        </Button>
      </header>
      {hasId ? <ItemSquares item={item} /> : <p>This item has no Semantic ID.</p>}
      <div className="code-parts grid line-above">
        {hasId && (
          <div className="stack packed">
            <Codes card={card} />
            {!card.byVector && (
              <p className="muted">This run has no vectors: distances and errors are unknown.</p>
            )}
            <GivenAs item={item} />
          </div>
        )}
        {hasId && <States item={item.item} />}
        {card.byVector && <Neighbours title="Nearest by vector" rows={card.byVector} />}
        {card.byPrefix.length > 0 && <Neighbours title="Nearest by prefix" rows={card.byPrefix} />}
        {card.mateCount > 0 && <Mates card={card} />}
      </div>
    </>
  );
}

function Mates({ card }: { card: CodedItemCard }) {
  return (
    <div>
      <h3>{countText(card.mateCount, 'other')} with the same codes</h3>
      <ul className="grid">
        {card.mates.map((mate) => (
          <li key={mate.item}>
            <ItemLink item={mate} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The ID as tokens of its levels, with the one that tells apart who shares it. */
function GivenAs({ item: { codes, collisionToken } }: { item: CodedItem }) {
  const tokens = [...codes, ...(collisionToken > 0 ? [collisionToken] : [])];
  const text = tokens.map((code, level) => `<${String.fromCharCode(97 + level)}_${code}>`).join('');
  return (
    <div>
      <h3>As tokens</h3>
      <CopyLine what="the ID as tokens" text={text} />
    </div>
  );
}

/** The codes at saved states of the training, those underlined that have changed since the one before. */
function States({ item }: { item: number }) {
  const { facts } = useWorkbench();
  const states = useKeptQuery({
    ...api.codebooks.itemStates.queryOptions({ input: { run: facts.run, item } }),
    enabled: facts.snapshots.length > 1,
  });
  if (facts.snapshots.length < 2 || !states.data) return null;
  const rows = states.data.map((state, at) => ({ ...state, before: states.data[at - 1]?.codes }));
  return (
    <div className="code-fixed wide-tables fixed-tables">
      <Table title="Its codes while training" heading="h3" columns={STATE_COLUMNS} rows={rows} />
      <p className="small muted">Underlined: changed since the state before.</p>
    </div>
  );
}

const STATE_COLUMNS: Column<ItemState & { before: number[] | undefined }>[] = [
  column('epoch', 'After iteration', 'text', ({ epoch }) => String(epoch)),
  column('codes', 'Semantic ID', 'text', ({ codes }) => idText(codes), {
    render: ({ codes, before }) => <IdTiles codes={codes} before={before} />,
  }),
  column('sharing', 'Share it', 'count', ({ sharing }) => sharing),
];

interface CodeLine {
  level: string;
  codes: number[];
  share: number | undefined;
}

/** The ID, a code at a time: each selects what shares it, and shows what is left after it. */
function Codes({ card: { item, errors } }: { card: CodedItemCard }) {
  const { select } = useWorkbench();
  const { collisionToken } = item;
  const columns: Column<CodeLine>[] = [
    column('level', 'Level', 'text', ({ level }) => level),
    column('code', 'Code', 'none', () => null, {
      render: ({ codes }) =>
        codes.length === 0 ? (
          <IdTiles codes={[]} collisionToken={collisionToken} />
        ) : (
          <Button kind="quiet" title={`Select ${idText(codes)}`} onClick={() => select(codes)}>
            <IdTiles codes={codes.slice(-1)} level={codes.length - 1} />
          </Button>
        ),
    }),
    column('left', errors ? 'Residual' : '', 'none', () => null, {
      render: ({ codes, share }) =>
        share !== undefined ? (
          <Left share={share} />
        ) : (
          codes.length === 0 && <span className="muted">collision token</span>
        ),
    }),
  ];
  const rows = item.codes.map((_, level): CodeLine => {
    return { level: String(level + 1), codes: item.codes.slice(0, level + 1), share: errors?.[level + 1] };
  });
  if (collisionToken > 0) rows.push({ level: 'Extra', codes: [], share: undefined });
  return (
    <div className="codebook-codes shrinks wide-tables">
      <Table label="Codes of the item" columns={columns} rows={rows} />
    </div>
  );
}

/** A share of the squared length as a bar; it can grow past the whole. */
function Left({ share }: { share: number }) {
  return (
    <span className="grid gap-2 middle text-end" style={{ gridTemplateColumns: 'minmax(0, 1fr) 56px' }}>
      <span className="codebook-left-bar">
        <span className="progress-bar block tall" style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </span>
      {fixed(100 * share, 1)} %
    </span>
  );
}

const NEIGHBOUR_COLUMNS: Column<NeighbourRow>[] = [
  column('title', 'Item', 'text', ({ title, id }) => title ?? id, {
    render: (item) => <ItemLink item={item} />,
  }),
  column('codes', 'Semantic ID', 'text', ({ codes, collisionToken }) => idText(codes, collisionToken), {
    render: ({ codes, collisionToken }) => <IdTiles codes={codes} collisionToken={collisionToken} />,
  }),
  column('shared', 'Shared codes', 'number', ({ shared }) => shared, { unseen: true }),
  column('distance', 'Distance', 'metric', ({ distance }) => distance, 3),
  column('agreed', 'In both lists', 'text', ({ agreed }) => (agreed ? 'yes' : 'no'), { unseen: true }),
];

function Neighbours({ title, rows }: { title: string; rows: readonly NeighbourRow[] }) {
  return (
    <div className="code-fixed wide-tables fixed-tables">
      <Table title={title} heading="h3" columns={NEIGHBOUR_COLUMNS} rows={rows} />
    </div>
  );
}

function ItemLink({ item }: { item: CodedItem }) {
  const { change } = useWorkbench();
  return (
    <button
      type="button"
      className="row-link codebook-link clip bare text-start wide"
      title={item.title ?? item.id}
      onClick={() => change({ item: item.item })}
    >
      {item.title ?? item.id}
    </button>
  );
}
