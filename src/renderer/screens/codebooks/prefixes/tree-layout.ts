/** Where the prefixes of a tree stand, in an icicle and in a sunburst. */
import { type HierarchyRectangularNode, partition, stratify } from 'd3-hierarchy';
import type { SelectedNode } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import { boxPath, type Painter, type Size, textWidth, truncate } from '../../../charts/painter.ts';
import type { ArrowKey, Scene } from '../../../charts/scene.ts';
import { countText, grouped, idText } from '../../../format/format.ts';
import { type CategoryInk, categoryInk, faded, purityColour } from '../categories/category-colours.ts';

export interface TreeDrawing {
  root: readonly number[];
  nodes: readonly SelectedNode[];
  categories: readonly string[];
  levels: number;
  narrowed: boolean;
  unit: 'items' | 'interactions';
}

type Placed = HierarchyRectangularNode<{ node: SelectedNode; at: number }>;

/** The codes that lead to a node; of siblings that were joined those of their parent. */
export function prefixOf({ root, nodes }: Pick<TreeDrawing, 'root' | 'nodes'>, at: number): number[] {
  const { parent, code } = nodes[at];
  if (parent < 0) return [...root];
  const above = prefixOf({ root, nodes }, parent);
  return code < 0 ? above : [...above, code];
}

/** Both directions from 0 to 1: x along the siblings, y with the depth. */
function placed({ nodes }: TreeDrawing): Placed[] {
  const list = nodes.map((node, at) => ({ node, at }));
  const root = stratify<{ node: SelectedNode; at: number }>()
    .id(({ at }) => String(at))
    .parentId(({ node }) => (node.parent < 0 ? null : String(node.parent)))(list);
  const isParent = new Set(nodes.map(({ parent }) => parent));
  root.sum(({ node, at }) => (isParent.has(at) ? 0 : node.weight));
  const byPlace = partition<{ node: SelectedNode; at: number }>()(root).descendants();
  return byPlace.sort((a, b) => a.data.at - b.data.at);
}

function labelOf(drawing: TreeDrawing, at: number): string {
  const { node, kind } = { node: drawing.nodes[at], kind: drawing.categories[drawing.nodes[at].dominant] };
  const name =
    node.code < 0 && node.parent >= 0
      ? `${grouped(node.prefixes)} small prefixes under ${idText(prefixOf(drawing, at)) || 'the root'}`
      : idText(prefixOf(drawing, at)) || 'All items';
  const count =
    drawing.unit === 'interactions'
      ? `${countText(node.weight, 'interaction')} with ${countText(node.items, 'item')}`
      : countText(node.items, 'item');
  const part = drawing.narrowed ? `, ${grouped(node.selected)} selected` : '';
  return `${name} ${count}${part}${kind === undefined ? '' : `, ${Math.round(100 * node.purity)} % ${kind}`}`;
}

/** Arrow keys: to the parent and the first child, and along the siblings. */
function neighbour(nodes: readonly SelectedNode[], mark: number, key: ArrowKey): number {
  if (key === 'ArrowLeft') return Math.max(0, nodes[mark].parent);
  if (key === 'ArrowRight') {
    const child = nodes.findIndex(({ parent }) => parent === mark);
    return child < 0 ? mark : child;
  }
  const siblings = [...nodes.keys()].filter((at) => nodes[at].parent === nodes[mark].parent);
  const next = siblings.indexOf(mark) + (key === 'ArrowDown' ? 1 : -1);
  return siblings[next] ?? mark;
}

/** A node's colour: grey where siblings were joined, pale where none of its items is selected. */
function fillOf(node: SelectedNode, narrowed: boolean, ink: CategoryInk, colours: ChartColours): string {
  const full =
    node.code < 0 && node.parent >= 0 ? colours.line : purityColour(ink, node.dominant, node.purity, colours);
  return narrowed && node.selected === 0 ? faded(full, colours) : full;
}

/** The root's column is narrow: it only leads back. */
const ROOT_WIDTH = 72;
const LABEL_HEIGHT = 13;

/** A higher canvas takes too long to paint after a click. */
const HIGHEST = 4_000;
/** Part of the root's weight whose nodes are to be read. */
const READABLE_SHARE = 0.6;

/** Pixels at which the names of the largest children of the root can be read, at least `least`. */
export function readableHeight(nodes: readonly SelectedNode[], least: number): number {
  const [root] = nodes;
  const children = nodes.filter(({ parent, code }) => parent === 0 && code >= 0);
  let [covered, smallest] = [0, 0];
  for (const { weight } of children) {
    smallest = weight;
    covered += weight;
    if (covered >= READABLE_SHARE * root.weight) break;
  }
  if (smallest === 0) return least;
  return Math.max(least, Math.min(HIGHEST, Math.ceil(((LABEL_HEIGHT + 3) * root.weight) / smallest)));
}

/** Depth from left to right, so that names can be read. */
export function icicleScene(drawing: TreeDrawing, { width, height }: Size, colours: ChartColours): Scene {
  const { nodes, root, levels, narrowed, categories } = drawing;
  const ink = categoryInk(categories, colours);
  const places = placed(drawing);
  const columns = Math.max(1, levels - root.length);
  const step = (width - ROOT_WIDTH) / columns;
  const boxes = places.map(({ x0, x1, depth }) => ({
    x: depth === 0 ? 0 : ROOT_WIDTH + (depth - 1) * step,
    y: x0 * height,
    width: depth === 0 ? ROOT_WIDTH : step,
    height: (x1 - x0) * height,
  }));
  return {
    marks: nodes.length,
    paint(painter) {
      for (const [at, box] of boxes.entries()) paintBox(painter, at, box);
    },
    at(x, y) {
      const column = x < ROOT_WIDTH ? 0 : 1 + Math.floor((x - ROOT_WIDTH) / step);
      const match = boxes.findIndex(
        (box, at) => places[at].depth === column && y >= box.y && y < box.y + box.height,
      );
      return match < 0 ? null : match;
    },
    outline: (mark) => {
      const box = boxes[mark];
      return boxPath(box.x + 1, box.y + 0.5, box.width - 2, Math.max(1, box.height - 1));
    },
    label: (mark) => labelOf(drawing, mark),
    move: (mark, key) => neighbour(nodes, mark, key),
  };

  function paintBox(
    painter: Painter,
    at: number,
    box: { x: number; y: number; width: number; height: number },
  ) {
    const node = nodes[at];
    const line = box.height > 3 ? 1 : 0;
    const fill = fillOf(node, narrowed, ink, colours);
    painter.rect(box.x, box.y, box.width - 1, Math.max(0.3, box.height - line), fill);
    if (box.height < LABEL_HEIGHT) return;
    const name =
      node.code < 0 ? (node.parent < 0 ? 'All' : `${grouped(node.prefixes)} more`) : `⟨${node.code}⟩`;
    const kind = node.parent < 0 || node.code < 0 ? '' : (categories[node.dominant] ?? '');
    const middle = box.y + (box.height - line) / 2;
    const count = grouped(narrowed ? node.selected : node.items);
    const letters = inkOn(fill, colours);
    painter.text(box.x + 6, middle, truncate(`${name}${kind ? `  ${kind}` : ''}`, box.width - 56), {
      fill: letters,
    });
    if (box.width > 120) {
      painter.text(box.x + box.width - 8, middle, count, { fill: letters, align: 'end' });
    }
  }
}

/** Text on a coloured ground: the theme's own, or its background's, whichever stands out more. */
export function inkOn(fill: string, { text, background }: ChartColours): string {
  const light = (hex: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return contrast(text, fill) >= contrast(background, fill) ? text : background;
}

/** Depth outwards; the root is the disc in the middle. */
export function sunburstScene(drawing: TreeDrawing, { width, height }: Size, colours: ChartColours): Scene {
  const { nodes, levels, root, narrowed } = drawing;
  const ink = categoryInk(drawing.categories, colours);
  const places = placed(drawing);
  const centre = { x: width / 2, y: height / 2 };
  const rings = levels - root.length + 1;
  const ring = (Math.min(width, height) / 2 - 2) / rings;
  const arcs = places.map(({ x0, x1, depth }) => ({
    from: 2 * Math.PI * x0,
    to: 2 * Math.PI * x1,
    inner: depth * ring,
    outer: (depth + 1) * ring - 1,
  }));
  const path = (at: number) => arcPath(centre, arcs[at]);
  return {
    marks: nodes.length,
    paint(painter) {
      for (const [at, node] of nodes.entries()) {
        const fill = node.parent < 0 ? colours.surface : fillOf(node, narrowed, ink, colours);
        const { from, to, outer } = arcs[at];
        const line = (to - from) * outer > 4 ? colours.background : undefined;
        painter.shape(path(at), fill, line, 0.75);
        paintName(painter, at);
      }
    },
    at(x, y) {
      const [dx, dy] = [x - centre.x, y - centre.y];
      const radius = Math.hypot(dx, dy);
      const angle = (Math.atan2(dx, -dy) + 2 * Math.PI) % (2 * Math.PI);
      const match = arcs.findIndex(
        ({ from, to, inner, outer }) =>
          radius >= inner && radius <= outer + 1 && (inner === 0 || (angle >= from && angle < to)),
      );
      return match < 0 ? null : match;
    },
    outline: path,
    label: (mark) => labelOf(drawing, mark),
    move: (mark, key) => neighbour(nodes, mark, key),
  };

  function paintName(painter: Painter, at: number) {
    const node = nodes[at];
    const { from, to, inner, outer } = arcs[at];
    const middle = (from + to) / 2;
    const radius = inner === 0 ? 0 : (inner + outer) / 2;
    const name = inner === 0 ? idText(root) || 'All' : `⟨${node.code}⟩`;
    const isNarrow = Math.min((to - from) * radius, ring) < textWidth(name) + 4;
    if (inner > 0 && (isNarrow || node.code < 0)) return;
    painter.text(
      centre.x + radius * Math.sin(middle) * (inner === 0 ? 0 : 1),
      centre.y - radius * Math.cos(middle) * (inner === 0 ? 0 : 1),
      truncate(name, inner === 0 ? 1.8 * ring : 2 * ring),
      {
        fill: inner === 0 ? colours.text : inkOn(fillOf(node, narrowed, ink, colours), colours),
        align: 'middle',
      },
    );
  }
}

function arcPath(
  { x, y }: { x: number; y: number },
  { from, to, inner, outer }: { from: number; to: number; inner: number; outer: number },
): string {
  const point = (radius: number, angle: number) =>
    `${(x + radius * Math.sin(angle)).toFixed(2)} ${(y - radius * Math.cos(angle)).toFixed(2)}`;
  // A whole circle has no two ends to draw an arc between.
  const end = Math.min(to, from + 2 * Math.PI - 1e-4);
  const large = end - from > Math.PI ? 1 : 0;
  const outside = `M${point(outer, from)}A${outer} ${outer} 0 ${large} 1 ${point(outer, end)}`;
  if (inner === 0) return `${outside}L${point(0, 0)}Z`;
  return `${outside}L${point(inner, end)}A${inner} ${inner} 0 ${large} 0 ${point(inner, from)}Z`;
}
