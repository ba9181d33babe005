import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CodebookFacts, TokenisersBeside } from '../../../../core/api/codebooks.ts';
import { nameAlone } from '../../../../core/api/runs.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { useWidth } from '../../../charts/use-width.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { Tiles } from '../../../components/lists.tsx';
import { Statement } from '../../../components/Statement.tsx';
import { countText, grouped } from '../../../format/format.ts';
import { api, useKeptAnswers } from '../../../state/api.ts';
import { categoryInk } from '../categories/category-colours.ts';
import { codesByCell } from '../map/map-scene.ts';
import { shapeText } from '../map/map-words.ts';
import { useWorkbench } from '../workbench.ts';
import { besideScene, type SharedCode, type Side, type SideCode, sharedCodes } from './beside-scene.ts';
import { ChosenMeasures } from './SideBySide.tsx';

const ENDS = 4;
const TILES = 120;
const HEADED = 3;

interface BesidePanelProps {
  beside: TokenisersBeside;
  /** Of the one and of the other. */
  facts: readonly [CodebookFacts, CodebookFacts];
}

/** Two tokenisers as maps; the items of the code in focus light up in both, and stand below by where they go. */
export function BesidePanel({ beside, facts }: BesidePanelProps) {
  const { place, select } = useWorkbench();
  const fullest = useMemo(() => beside.one.indexOf(Math.max(...beside.one)), [beside]);
  const [pointed, setPointed] = useState<SideCode | null>(null);
  const [held, setHeld] = useState<SideCode | null>(null);
  const first = place.pattern[0] ?? fullest;
  const focus = useMemo<SideCode>(() => pointed ?? held ?? { side: 0, code: first }, [pointed, held, first]);
  const shared = sharedCodes(beside, focus);
  const [box, room] = useWidth<HTMLDivElement>(800);
  const hold = (code: SideCode) => {
    setHeld(code);
    if (code.side === 0) select([code.code]);
  };
  const sides = ([0, 1] as const).map((side) => (
    <SideMap
      key={side}
      {...{ beside, side, focus, shared, held: held ?? { side: 0, code: first } }}
      facts={facts[side]}
      width={Math.min(420, Math.floor((room - 32) / 2))}
      onPoint={setPointed}
      onHold={hold}
    />
  ));
  return (
    <>
      <BesideStatement beside={beside} focus={focus} shared={shared} />
      <div className="beside-parts grid wide-tables fixed-tables">
        <div ref={box} className="beside-maps grid">
          {sides}
        </div>
        <ChosenMeasures facts={facts} />
      </div>
      <WhereItemsGo beside={beside} focus={focus} shared={shared} facts={facts} />
    </>
  );
}

type FocusProps = Pick<BesidePanelProps, 'beside'> & { focus: SideCode; shared: readonly SharedCode[] };

const countOf = ({ one, other }: TokenisersBeside, { side, code }: SideCode) =>
  (side === 0 ? one : other)[code] ?? 0;

function BesideStatement({ beside, focus, shared }: FocusProps) {
  const items = countOf(beside, focus);
  const two = shared.slice(0, 2).reduce((sum, one) => sum + one.items, 0);
  return (
    <Statement
      fact={
        items === 0
          ? 'No item has this code in both'
          : `What is one code here is ${grouped(shared.length)} there`
      }
      limit={
        shared.length > 2
          ? `: ${grouped(two)} of its ${countText(items, 'item')} stay in two of them`
          : undefined
      }
    >
      Two tokenisers of the same {countText(beside.items, 'item')}. Point at a code in either map: its items
      light up in both.
    </Statement>
  );
}

interface SideMapProps extends FocusProps {
  side: Side;
  held: SideCode;
  facts: CodebookFacts;
  width: number;
  onPoint(code: SideCode | null): void;
  onHold(code: SideCode): void;
}

function SideMap({ beside, side, focus, shared, held, facts, width, onPoint, onHold }: SideMapProps) {
  const colours = useChartColours();
  const { cells } = beside.places[side];
  const codes = useMemo(() => codesByCell({ cells }), [cells]);
  const scene = useMemo(
    () => besideScene(beside, side, focus, width, colours),
    [beside, side, focus, width, colours],
  );
  const here = side === focus.side ? [{ code: focus.code, items: countOf(beside, focus) }] : shared;
  return (
    <div style={{ width: scene.width }}>
      <div className="row spread">
        <span className="clip">
          <strong>
            <bdi>{nameAlone(facts)}</bdi>
          </strong>{' '}
          <span className="muted">{shapeText(facts.codebookSizes)}</span>
        </span>
        <span className="row rigid small muted">
          {here.slice(0, HEADED).map(({ code, items }) => (
            <span key={code} className="row gap-1">
              <IdTiles codes={[code]} /> {grouped(items)}
            </span>
          ))}
        </span>
      </div>
      <SceneBox
        scene={scene}
        label={`First codes of ${nameAlone(facts)}`}
        held={side === held.side ? cells[held.code] : null}
        active={side === held.side ? cells[held.code] : undefined}
        onPoint={(cell) => onPoint(cell === null ? null : { side, code: codes[cell] })}
        onMove={(cell) => onHold({ side, code: codes[cell] })}
        onChoose={(cell) => onHold({ side, code: codes[cell] })}
      />
    </div>
  );
}

/** The codes of the other tokeniser that the items of the one in focus have: a tile an item. */
function WhereItemsGo({ beside, focus, shared, facts }: FocusProps & Pick<BesidePanelProps, 'facts'>) {
  const { category } = useWorkbench();
  const colours = useChartColours();
  const ends = shared.slice(0, ENDS);
  const there = facts[focus.side === 0 ? 1 : 0];
  const queries = useQueries({
    queries: ends.map(({ code }) =>
      api.codebooks.codeCard.queryOptions({
        input: { run: there.run, step: null, category, prefix: [code] },
      }),
    ),
  });
  const cards = useKeptAnswers(
    ends.map(({ code }) => `${there.run} ${code}`),
    queries,
  );
  const ink = categoryInk(beside.categories, colours)(beside.places[focus.side].kinds[focus.code] ?? -1);
  return (
    <section className="line-above stack packed" aria-label="Where the items go">
      <h2 className="row title">
        Where the {countText(countOf(beside, focus), 'item')} of <IdTiles codes={[focus.code]} /> go
        <span className="muted small">first code of {nameAlone(there)}, tiles are items</span>
      </h2>
      <ul className="beside-ends grid">
        {ends.map(({ code, items }, at) => (
          <li key={code} className="grid packed gap-sign line-above">
            <span className="row">
              <IdTiles codes={[code]} /> <strong>{grouped(items)}</strong>
              <span className="muted">
                of {grouped(countOf(beside, { side: focus.side === 0 ? 1 : 0, code }))}
              </span>
            </span>
            <Tiles className="beside-tiles wrap gap-tile" filled={Math.min(items, TILES)} colour={ink} />
            <span className="small muted">{cards[at]?.name}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
