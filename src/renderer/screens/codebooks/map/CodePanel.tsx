import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CodeCard, CodeMap } from '../../../../core/api/codebooks.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { useWidth } from '../../../charts/use-width.ts';
import { column } from '../../../components/columns.ts';
import { IdTiles, idWidth } from '../../../components/IdTiles.tsx';
import { Chip, Tiles } from '../../../components/lists.tsx';
import { Table } from '../../../components/Table.tsx';
import { countText, fixed, grouped } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useDebounced } from '../../../state/debounced.ts';
import { mapInk } from '../categories/category-colours.ts';
import { useWorkbench } from '../workbench.ts';
import { codesScene } from './codes-scene.ts';
import { blockOf } from './map-scene.ts';

const REST_MS = 60;
const CATEGORY_TILES = 25;
/** Pixels of the codes that follow: of pairs as much as there is, else beside what is counted. */
const NEXT_WIDTH = { pairs: 560, wide: 176, narrow: 120 };
const NARROW = 400;

/** What is known of a prefix once the pointer rests on it; until then of the last one. */
export function useCodeCard(prefix: readonly number[] | null): CodeCard | undefined {
  const { view } = useWorkbench();
  const settled = useDebounced(prefix, REST_MS) ?? [];
  const card = useKeptQuery({
    ...api.codebooks.codeCard.queryOptions({ input: { ...view, prefix: [...settled] } }),
    enabled: settled.length > 0,
  });
  return card.data;
}

interface CodePanelProps {
  card: CodeCard;
  map: CodeMap;
  /** Goes in, at one of the codes that follow. */
  onEnter(code?: number): void;
  /** Holds another first code. */
  onHold(code: number): void;
}

/** What a code means: its words, what follows it, whose items it has, and the most popular of them. */
export function CodePanel({ card, map, onEnter, onHold }: CodePanelProps) {
  const { prefix, name, words, items } = card;
  const [box, room] = useWidth<HTMLElement>(422);
  return (
    <section ref={box} className="code-panel stack packed" aria-label={`Code ${prefix.join(' ')}`}>
      <div className="row">
        <IdTiles codes={prefix} />
        <h2 className="title clip">{name || `Code ${prefix[prefix.length - 1]}`}</h2>
        {map.byPair ? (
          <span className="muted">{countText(items, 'item')}</span>
        ) : (
          name !== '' && <span className="muted clip wide-only">named by its words</span>
        )}
        {card.next && items > 0 && (
          <button type="button" className="bare muted push rigid" onClick={() => onEnter()}>
            <kbd>Enter</kbd> go in
          </button>
        )}
      </div>
      {words.length > 0 && (
        <ul className="code-words row wrap gap-1" aria-label="Words of its titles">
          {words.map(({ word, titles }) => (
            <li key={word}>
              <Chip>{`${word} ${grouped(titles)}`}</Chip>
            </li>
          ))}
          {card.read < items && <li className="muted small">in {grouped(card.read)} titles</li>}
        </ul>
      )}
      {items === 0 ? (
        <DeadCode card={card} />
      ) : (
        <>
          <div className={map.byPair ? 'stack' : 'grid first-fits gap-4'}>
            {card.next && <NextCodes card={card} map={map} room={room} onEnter={onEnter} />}
            <Numbers card={card} map={map} onHold={onHold} />
          </div>
          <PopularItems card={card} />
        </>
      )}
    </section>
  );
}

function NextCodes({ card, map, room, onEnter }: Omit<CodePanelProps, 'onHold'> & { room: number }) {
  const colours = useChartColours();
  const [pointed, setPointed] = useState<number | null>(null);
  const { next, prefix } = card;
  const width = map.byPair ? Math.min(NEXT_WIDTH.pairs, room) : NEXT_WIDTH[room < NARROW ? 'narrow' : 'wide'];
  const scene = useMemo(
    () => next && codesScene(next, width, mapInk(map, colours), colours),
    [next, width, map, colours],
  );
  const code = pointed === null ? null : (next?.codes[pointed]?.code ?? null);
  const inner = useCodeCard(code === null ? null : [...prefix, code]);
  if (!next || !scene) return null;
  return (
    <div>
      <p className="small muted">
        {room < NARROW
          ? `${grouped(next.codes.length)} codes below`
          : `Codes of level ${prefix.length + 1}, ${grouped(next.codes.length)} of ${grouped(next.size)} used`}
      </p>
      <SceneBox
        scene={scene}
        label={`Codes that follow ${prefix.join(' ')}`}
        onPoint={setPointed}
        onChoose={(mark) => onEnter(next.codes[mark].code)}
      />
      {inner && code !== null && (
        <p className="row small" role="status">
          <IdTiles codes={inner.prefix} />
          <strong className="clip">{inner.name}</strong>
          <span className="muted push rigid">{countText(inner.items, 'item')}</span>
        </p>
      )}
    </div>
  );
}

const share = (part: number, whole: number) => {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  return `${percent < 10 ? fixed(percent, 1) : Math.round(percent)} %`;
};

/** Items, interactions and sharing, then categories in tiles, then what stands beside it. */
function Numbers({ card, map, onHold }: Pick<CodePanelProps, 'card' | 'map' | 'onHold'>) {
  const colours = useChartColours();
  const rows: [string, number, string][] = [
    ['Items', card.items, share(card.items, map.itemCount)],
    ['Interactions', card.interactions, share(card.interactions, map.interactionCount)],
    ['Share an ID', card.sharing, share(card.sharing, card.items)],
  ];
  const { kind } = blockOf(map, card.prefix[card.prefix.length - 1]);
  const ink = mapInk(map, colours)(kind);
  return (
    <div className="code-panel-numbers stack packed gap-2">
      <dl>
        {rows.map(([name, count, part]) => (
          <div key={name} className="grid text-end">
            <dt className="muted text-start">{name}</dt>
            <dd>
              <strong>{grouped(count)}</strong>
            </dd>
            <dd className="muted">{part}</dd>
          </div>
        ))}
      </dl>
      {card.categories.length > 0 && (
        <ul className="grid line-above" aria-label="Categories">
          {card.categories.map(({ name, items }) => (
            <li key={name}>
              <span className="row spread small">
                <span className="clip">{name}</span>
                <span className="muted">{grouped(items)}</span>
              </span>
              <Tiles
                className="code-category-tiles gap-tile"
                filled={tilesOf(items, card.read)}
                of={CATEGORY_TILES}
                colour={ink}
              />
            </li>
          ))}
        </ul>
      )}
      {card.beside.length > 0 && (
        <ul className="grid line-above" aria-label="Beside it on the map">
          <li className="small muted">Beside it on the map</li>
          {card.beside.map(({ code, name }) => (
            <li key={code}>
              <button type="button" className="bare row wide" onClick={() => onHold(code)}>
                <IdTiles codes={[code]} />
                <span className="small clip">{name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const tilesOf = (items: number, read: number) =>
  Math.max(1, Math.round((CATEGORY_TILES * items) / Math.max(1, read)));

function PopularItems({ card: { top } }: Pick<CodePanelProps, 'card'>) {
  const { change } = useWorkbench();
  const levels = top[0]?.codes.length ?? 0;
  const columns = [
    column<CodeCard['top'][number]>('title', 'Most popular items', 'text', ({ title, id }) => title ?? id, {
      width: 96,
      grows: true,
      render: (item) => (
        <button
          type="button"
          className="bare clip text-start wide"
          title={item.title ?? item.id}
          onClick={() => change({ item: item.item, view: 'item' })}
        >
          <bdi>{item.title ?? item.id}</bdi>
        </button>
      ),
    }),
    column<CodeCard['top'][number]>('codes', 'Semantic ID', 'text', ({ codes }) => codes.join('-'), {
      width: idWidth(levels),
      render: ({ codes }) => <IdTiles codes={codes} />,
    }),
    column<CodeCard['top'][number]>(
      'interactions',
      'Interactions',
      'count',
      ({ interactions }) => interactions,
    ),
  ];
  return (
    <div className="code-fixed fixed-tables">
      <Table label="Most popular items" columns={columns} rows={top} />
    </div>
  );
}

/** Why no item has a code: how far its vector is from the nearest one. */
function DeadCode({ card: { prefix } }: Pick<CodePanelProps, 'card'>) {
  const { view } = useWorkbench();
  const level = prefix.length - 1;
  const dead = useQuery({
    ...api.codebooks.dead.queryOptions({ input: { ...view, level } }),
    enabled: level === 0,
  });
  const code = dead.data?.find((one) => one.code === prefix[level]);
  return (
    <p className="muted">
      No item has this code.{' '}
      {code &&
        `Its vector is ${fixed(code.distance, 3)} from the nearest item${code.title === null ? '' : `, “${code.title}”`}, which is ${fixed(code.taken, 3)} from its own.`}
    </p>
  );
}
