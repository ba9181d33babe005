import { useCallback, useMemo, useState } from 'react';
import type { CodeMap } from '../../../../core/api/codebooks.ts';
import { useRegisteredActions } from '../../../actions/registry.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { Button } from '../../../components/Button.tsx';
import { column } from '../../../components/columns.ts';
import { copyText } from '../../../components/copy.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { Answer } from '../../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../../components/Statement.tsx';
import { Table } from '../../../components/Table.tsx';
import { fixed, grouped, idText } from '../../../format/format.ts';
import { useWorkbench } from '../workbench.ts';
import { CodePanel, useCodeCard } from './CodePanel.tsx';
import { type LegendRow, mapLegend } from './map-legend.ts';
import { blockOf, codesByCell, mapScene } from './map-scene.ts';
import { iterationText, mapNote, mapStatement } from './map-words.ts';
import { useCodeMap, useMapColour, useMapPlace, useMapWidth } from './use-code-map.ts';

/** The codes of a tokeniser, each a block of its items' tiles, and what the one in focus means. */
export function MapTab() {
  const { root } = useMapPlace();
  const map = useCodeMap(root);
  return <Answer query={map}>{(data) => <CodesMap map={data} stale={map.isPlaceholderData} />}</Answer>;
}

function CodesMap({ map, stale }: { map: CodeMap; stale: boolean }) {
  const colours = useChartColours();
  const [colour] = useMapColour();
  const { held, hold, enter, leave } = useMapPlace();
  const [pointed, setPointed] = useState<number | null>(null);
  const [ref, width] = useMapWidth(map.grid);
  const codes = useMemo(() => codesByCell(map), [map]);
  const fullest = useMemo(() => fullestOf(map), [map]);
  const focus = pointed === null ? (held ?? fullest) : codes[pointed];
  const card = useCodeCard([...map.root, focus]);
  const nameOf = useCallback(
    (code: number) => (card?.prefix.at(-1) === code ? card.name : undefined),
    [card],
  );
  const scene = useMemo(
    () => mapScene({ map, colour, nameOf }, width, colours),
    [map, colour, nameOf, width, colours],
  );
  useRegisteredActions([
    {
      ...{ id: 'codebooks.out', label: 'Out of the code', group: 'View', shortcut: 'Backspace' },
      enabled: () => map.root.length > 0,
      perform: leave,
    },
    {
      ...{ id: 'codebooks.copy-id', label: 'Copy the ID of the code', group: 'Edit', shortcut: 'y' },
      perform: () => copyText(idText([...map.root, focus]), `Copied ${idText([...map.root, focus])}`),
    },
  ]);
  const legend = mapLegend(map, colour, colours);
  return (
    <div className="code-map column tall">
      <div ref={ref} className="code-map-parts grid first-fits packed fill">
        <div style={{ width: scene.width }}>
          {map.root.length > 0 && (
            <nav className="row code-map-crumbs" aria-label="Codes gone into">
              <Button kind="quiet" onClick={leave}>
                Out <kbd>Backspace</kbd>
              </Button>
              <IdTiles codes={map.root} />
            </nav>
          )}
          <SceneBox
            scene={scene}
            label={`Codes of level ${map.root.length + 1}`}
            stale={stale}
            active={held === null ? undefined : map.cells[held]}
            held={held === null ? null : map.cells[held]}
            onPoint={setPointed}
            onMove={(cell) => hold(codes[cell])}
            onChoose={(cell) => hold(codes[cell])}
            onOpen={(cell) => enter(codes[cell])}
          />
          <div className="narrow-only stack gap-2 small">
            <MapLegend rows={legend} />
            <p className="muted">{mapNote(map)}</p>
          </div>
        </div>
        <div className="code-map-panel stack packed wide-tables">
          <MapStatement map={map} />
          <LevelTable map={map} />
          {card && <CodePanel card={card} map={map} onEnter={(next) => enter(focus, next)} onHold={hold} />}
        </div>
      </div>
      <ScreenFoot>
        <span className="narrow-only row wrap">
          <span>
            <kbd>Arrows</kbd> move
          </span>
          <span>
            <kbd>Enter</kbd> go in
          </span>
          <span>
            <kbd>Backspace</kbd> out
          </span>
          <span>
            <kbd>/</kbd> find an item
          </span>
        </span>
        <span className="wide-only rigid">
          <MapLegend rows={legend} />
        </span>
        <span className="wide-only push shrinks clip">{mapNote(map)}</span>
      </ScreenFoot>
    </div>
  );
}

/** The code with most items, which is looked at first. */
function fullestOf(map: CodeMap): number {
  let [best, most] = [0, -1];
  for (const code of map.cells.keys()) {
    const { items } = blockOf(map, code);
    if (items > most) [best, most] = [code, items];
  }
  return best;
}

export function MapLegend({ rows }: { rows: readonly LegendRow[] }) {
  return (
    <ul className="legend" aria-label="Colours">
      {rows.map(({ id, label, count, colour }) => (
        <li key={id}>
          <span className="run-swatch" style={{ background: colour }} aria-hidden="true" />
          {label} <span className="muted">{count}</span>
        </li>
      ))}
    </ul>
  );
}

function MapStatement({ map }: { map: CodeMap }) {
  const { facts, view } = useWorkbench();
  const { fact, limit, numbers } = mapStatement(map, facts, iterationText(facts, view));
  return (
    <Statement fact={fact} limit={limit}>
      {numbers}
    </Statement>
  );
}

type Level = CodeMap['levels'][number] & { level: number };

function LevelTable({ map }: { map: CodeMap }) {
  const columns = useMemo(
    () => [
      column<Level>('level', 'Level', 'text', ({ level }) => String(level), {
        render: ({ level }) => <IdTiles codes={[level]} level={level - 1} />,
      }),
      column<Level>('used', 'Used', 'text', ({ used, size }) => `${grouped(used)} of ${grouped(size)}`),
      column<Level>('perplexity', 'Perplexity', 'metric', ({ perplexity }) => perplexity, 1),
      column<Level>('curve', 'Items per code, most used first', 'none', () => null, {
        head: (
          <>
            Items per code<span className="wide-only">, most used first</span>
          </>
        ),
        render: ({ curve }) => <UseCurve curve={curve} />,
      }),
    ],
    [],
  );
  const rows = map.levels.map((one, at) => ({ ...one, level: at + 1 }));
  return <Table label="Levels" columns={columns} rows={rows} />;
}

const CURVE = { width: 100, height: 18 };

/** How evenly a level's codes are used: the flatter, the more alike. */
function UseCurve({ curve }: { curve: readonly number[] }) {
  const { width, height } = CURVE;
  const most = Math.max(1, ...curve);
  const points = curve.map((items, at) => {
    const x = (at / Math.max(1, curve.length - 1)) * width;
    return `${x.toFixed(1)},${(height * (1 - items / most)).toFixed(1)}`;
  });
  return (
    <svg
      className="code-map-curve block wide"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`From ${fixed(most, 0)} items down to ${fixed(curve.at(-1) ?? 0, 0)}`}
    >
      <polygon fill="var(--field-edge)" points={`0,${height} ${points.join(' ')} ${width},${height}`} />
    </svg>
  );
}
