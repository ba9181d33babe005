import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { type CodeCard, type CodedItem, type CodeMap, cellPlace } from '../../../../core/api/codebooks.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { useWidth } from '../../../charts/use-width.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { countText, grouped } from '../../../format/format.ts';
import { api, useKeptAnswers, useKeptQuery } from '../../../state/api.ts';
import { mapInk } from '../categories/category-colours.ts';
import { codesScene } from '../map/codes-scene.ts';
import { codesByCell, mapScene } from '../map/map-scene.ts';
import { useCodeMap } from '../map/use-code-map.ts';
import { useWorkbench } from '../workbench.ts';
import { beamPoints } from './item-squares.ts';

const GAP = 52;
const LEAVES = 10;
/** Pixels of an item that is left. */
const LEAF = 28;

/** The codes of an item from coarse to fine, each square what the one before leaves; at the end the items that are left. */
export function ItemSquares({ item }: { item: CodedItem }) {
  const { view, place, change } = useWorkbench();
  const { codes } = item;
  const prefixes = codes.map((_, level) => codes.slice(0, level + 1));
  const queries = useQueries({
    queries: prefixes.map((prefix) => api.codebooks.codeCard.queryOptions({ input: { ...view, prefix } })),
  });
  const cards = useKeptAnswers(
    prefixes.map((prefix) => prefix.join('.')),
    queries,
  );
  const map = useCodeMap([]);
  const [box, room] = useWidth<HTMLDivElement>(1_100);
  const side = Math.floor((room - GAP * (codes.length - 1)) / codes.length);
  const leaves = useKeptQuery(
    api.codebooks.items.queryOptions({
      input: { ...view, pattern: codes.slice(0, -1), limit: LEAVES },
    }),
  );
  const goTo = (prefix: number[]) => {
    const below = prefix.length - 1;
    const { in: _, ...look } = place.look;
    change({ view: 'map', pattern: prefix, look: below === 0 ? look : { ...look, in: String(below) } });
  };
  if (!map.data || cards.includes(undefined)) return <div ref={box} style={{ height: side + 56 }} />;
  const known = cards as CodeCard[];
  const left = LEAF * Math.min(LEAVES, Math.max(1, leaves.data?.total ?? 1));
  const square = { map: map.data, side, codes, cards: known, goTo };
  const heightBehind = (level: number) => (level === codes.length - 2 ? left : side);
  return (
    <div ref={box} className="code-squares grid top">
      {codes.map((code, level) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
        <div key={level} className="holds">
          <Head
            code={code}
            level={level}
            card={known[level]}
            of={level === 0 ? map.data.itemCount : known[level - 1].items}
          />
          {level === codes.length - 1 ? (
            <Leaves
              item={item}
              items={leaves.data?.rows ?? []}
              total={leaves.data?.total ?? 0}
              map={map.data}
            />
          ) : level === 0 ? (
            <FirstSquare {...square} height={heightBehind(0)} />
          ) : (
            <NextSquare {...square} level={level} height={heightBehind(level)} />
          )}
        </div>
      ))}
    </div>
  );
}

interface HeadProps {
  code: number;
  level: number;
  card: CodeCard;
  /** Items below the codes before. */
  of: number;
}

function Head({ code, level, card, of }: HeadProps) {
  return (
    <div className="code-square-head row">
      <IdTiles codes={[code]} level={level} />
      <div className="shrinks">
        <h2 className="clip">{card.name || `Level ${level + 1}`}</h2>
        <p className="small muted">
          {grouped(card.items)} of {countText(of, 'item')}
        </p>
      </div>
    </div>
  );
}

interface SquareProps {
  map: CodeMap;
  side: number;
  codes: readonly number[];
  cards: readonly CodeCard[];
  goTo(prefix: number[]): void;
  /** Of what stands behind it. */
  height: number;
}

function FirstSquare({ map, side, codes, goTo, height }: SquareProps) {
  const colours = useChartColours();
  const scene = useMemo(
    () => mapScene({ map: { ...map, regions: [] }, colour: 'category' }, side, colours),
    [map, side, colours],
  );
  const cell = map.cells[codes[0]];
  const byCell = useMemo(() => codesByCell(map), [map]);
  const { block } = scene;
  const { x, y } = cellPlace(scene, cell);
  return (
    <Square {...{ side, height }} edge={scene.width} mark={{ right: x + block, top: y, bottom: y + block }}>
      <SceneBox scene={scene} label="First codes" held={cell} onChoose={(chosen) => goTo([byCell[chosen]])} />
    </Square>
  );
}

function NextSquare({ map, side, codes, cards, level, goTo, height }: SquareProps & { level: number }) {
  const colours = useChartColours();
  const { next } = cards[level - 1];
  const scene = useMemo(
    () => next && codesScene(next, side, mapInk(map, colours), colours),
    [next, map, side, colours],
  );
  if (!next || !scene) return null;
  const held = next.codes.findIndex(({ code }) => code === codes[level]);
  const { pitch, across } = scene;
  const [left, top] = [(held % across) * pitch, Math.floor(held / across) * pitch];
  return (
    <Square {...{ side, height }} edge={side} mark={{ right: left + pitch, top, bottom: top + pitch }}>
      <SceneBox
        scene={scene}
        label={`Codes that follow ${codes.slice(0, level).join(' ')}`}
        held={held}
        onChoose={(mark) => goTo([...codes.slice(0, level), next.codes[mark].code])}
      />
    </Square>
  );
}

interface BeamingProps extends Pick<SquareProps, 'side' | 'height'> {
  /** Where what is drawn in it ends. */
  edge: number;
  mark: Parameters<typeof beamPoints>[0];
  children: ReactNode;
}

function Square({ side, edge, mark, height, children }: BeamingProps) {
  const end = side + GAP;
  return (
    <div className="holds" style={{ height: side }}>
      {children}
      <svg className="code-beam" style={{ left: edge }} width={end - edge} height={side} aria-hidden="true">
        <polygon fill="var(--selected)" points={beamPoints(mark, { edge, end, height })} />
      </svg>
    </div>
  );
}

/** The items that share all codes but the last: those that share it, too, first. */
function Leaves({
  item,
  items,
  total,
  map,
}: {
  item: CodedItem;
  items: readonly CodedItem[];
  total: number;
  map: CodeMap;
}) {
  const { change } = useWorkbench();
  const colours = useChartColours();
  const ink = mapInk(map, colours);
  const lastOf = ({ codes }: CodedItem) => codes[codes.length - 1];
  const own = (one: CodedItem) => lastOf(one) === lastOf(item);
  const all = items.some((one) => one.item === item.item) ? items : [item, ...items.slice(0, LEAVES - 1)];
  const sorted = [...all].sort(
    (a, b) =>
      Number(own(b)) - Number(own(a)) ||
      Number(b.item === item.item) - Number(a.item === item.item) ||
      lastOf(a) - lastOf(b),
  );
  return (
    <ul aria-label="Items that share all codes but the last">
      {sorted.map((one) => (
        <li
          key={one.item}
          className="code-leaf grid middle line-below"
          data-own={own(one) || undefined}
          aria-current={one.item === item.item || undefined}
        >
          <IdTiles codes={[lastOf(one)]} level={2} />
          <button type="button" className="bare row shrinks" onClick={() => change({ item: one.item })}>
            <span
              className="run-swatch rigid"
              style={{ background: ink(map.categories.findIndex(({ name }) => name === one.category)) }}
              aria-hidden="true"
            />
            <bdi className="clip" title={one.title ?? one.id}>
              {one.title ?? one.id}
            </bdi>
          </button>
          <span className="muted">{grouped(one.interactions)}</span>
        </li>
      ))}
      {total > sorted.length && <li className="small muted">{grouped(total - sorted.length)} more</li>}
    </ul>
  );
}
