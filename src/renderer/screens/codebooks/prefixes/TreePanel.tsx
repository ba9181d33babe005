import { useCallback } from 'react';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Missing } from '../../../components/Screen.tsx';
import { type Choice, Select } from '../../../components/Select.tsx';
import { idText } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useChoice } from '../../../state/navigation.ts';
import { Peek } from '../Peek.tsx';
import { isNarrowed, useWorkbench } from '../workbench.ts';
import { icicleScene, prefixOf, readableHeight, sunburstScene, type TreeDrawing } from './tree-layout.ts';

const SHAPES: readonly Choice<'icicle' | 'sunburst'>[] = [
  { value: 'icicle', label: 'Icicle' },
  { value: 'sunburst', label: 'Sunburst' },
];
const WEIGHTS: readonly Choice<'items' | 'interactions'>[] = [
  { value: 'items', label: 'By items' },
  { value: 'interactions', label: 'By interactions' },
];
const ZOOMS: readonly Choice<'readable' | 'whole'>[] = [
  { value: 'readable', label: 'Readable' },
  { value: 'whole', label: 'Whole' },
];

export interface PanelProps {
  categories: readonly string[];
  /** Pixels that the drawing may be high without scrolling. */
  room: number;
}

/** The prefixes below the selected one. A click goes down, a click on the root goes up. */
export function TreePanel({ categories, room }: PanelProps) {
  const workbench = useWorkbench();
  const { selected, facts, place, select } = workbench;
  const [shape, setShape] = useChoice('shape', ['icicle', 'sunburst']);
  const [weight, setWeight] = useChoice('weight', ['items', 'interactions']);
  const [zoom, setZoom] = useChoice('zoom', ['readable', 'whole']);
  const tree = useKeptQuery(api.codebooks.tree.queryOptions({ input: { ...selected, weight } }));
  const { data } = tree;
  const narrowed = isNarrowed(workbench);
  const scene = useCallback(
    (size: Size, colours: ChartColours) => {
      const drawing = drawingOf(data, { categories, levels: facts.levels, narrowed, unit: weight });
      return shape === 'icicle' ? icicleScene(drawing, size, colours) : sunburstScene(drawing, size, colours);
    },
    [data, categories, facts.levels, narrowed, weight, shape],
  );
  if (!data) return <Missing query={tree} height={room + 32} />;
  const choose = (mark: number) => {
    const prefix = prefixOf(data, mark);
    const isRoot = data.nodes[mark].parent < 0;
    const rest = place.pattern.slice(data.root.length);
    select(isRoot ? prefix.slice(0, -1) : [...prefix, ...rest.slice(prefix.length - data.root.length)]);
  };
  return (
    <SceneFigure
      title="Prefixes"
      fileName={`${facts.name}-prefixes${data.root.map((code) => `-${code}`).join('')}`}
      label={`Prefixes below ${idText(data.root) || 'the root'}`}
      height={shape === 'icicle' && zoom === 'readable' ? readableHeight(data.nodes, room) : room}
      windowHeight={room}
      scene={scene}
      stale={tree.isPlaceholderData}
      onChoose={choose}
      tip={(mark) => <Peek pattern={prefixOf(data, mark)} />}
      controls={
        <>
          <Select aria-label="Shape of the tree" value={shape} choices={SHAPES} onValue={setShape} />
          <Select
            aria-label="What the area stands for"
            value={weight}
            choices={WEIGHTS}
            onValue={setWeight}
          />
          {shape === 'icicle' && (
            <Select aria-label="Height of the icicle" value={zoom} choices={ZOOMS} onValue={setZoom} />
          )}
          <CopyMenu
            what="prefixes"
            columns={columnsOf(data, categories)}
            rows={() => [...data.nodes.keys()]}
          />
        </>
      }
    />
  );
}

type Tree = Pick<TreeDrawing, 'root' | 'nodes'>;

function drawingOf(tree: Tree | undefined, rest: Omit<TreeDrawing, 'root' | 'nodes'>): TreeDrawing {
  return { root: tree?.root ?? [], nodes: tree?.nodes ?? [], ...rest };
}

function columnsOf(tree: Tree, categories: readonly string[]): Column<number>[] {
  const { nodes } = tree;
  return [
    column('prefix', 'Prefix', 'text', (at) => idText(prefixOf(tree, at)) || 'all'),
    column('prefixes', 'Prefixes', 'number', (at) => nodes[at].prefixes),
    column('items', 'Items', 'number', (at) => nodes[at].items),
    column('selected', 'Selected', 'number', (at) => nodes[at].selected),
    column('category', 'Category', 'text', (at) => categories[nodes[at].dominant] ?? ''),
    column('purity', 'Purity', 'metric', (at) => nodes[at].purity, 3),
  ];
}
