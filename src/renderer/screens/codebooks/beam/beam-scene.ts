/** A user's decoding tree as a drawing: what was kept at each level, from left to right. */

import { type HierarchyPointNode, hierarchy, tree as tidy } from 'd3-hierarchy';
import type { BeamNode, BeamTree } from '../../../../core/api/beam-tree.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import {
  boxPath,
  type Painter,
  paintSquare,
  type Size,
  textWidth,
  truncate,
} from '../../../charts/painter.ts';
import type { ArrowKey, Scene } from '../../../charts/scene.ts';
import { idText } from '../../../format/format.ts';
import { percentText, prefixOfNode } from '../../../runs/decoding/trie-path.ts';

const ROW = 24;
const LEFT = 20;
/** For a code and its probability, before the next level. */
const STEP = 104;
/** For the titles of items, right of the last level: as much as is left, from the first to the second. */
const TITLES = [200, 560] as const;
const TOP = 14;
const MIN_HEIGHT = 240;

interface Branch {
  /** Place in the tree's nodes; -1 for the start. */
  at: number;
  children: Branch[];
}

function branchesOf({ nodes }: BeamTree): Branch {
  const start: Branch = { at: -1, children: [] };
  const all = nodes.map((_, at): Branch => ({ at, children: [] }));
  for (const [at, { parent }] of nodes.entries()) {
    (parent === null ? start : all[parent]).children.push(all[at]);
  }
  return start;
}

/** Pixels that a tree needs: a row for each sequence that leads no further. */
export function beamHeight({ nodes }: BeamTree): number {
  const parents = new Set(nodes.map(({ parent }) => parent));
  const ends = nodes.filter((_, at) => !parents.has(at)).length;
  return Math.max(MIN_HEIGHT, ends * ROW + 2 * TOP);
}

/** Whether the sequence was still kept at this node. */
const isKept = ({ place }: BeamNode) => place !== null;

const half = ({ prefixProbability }: BeamNode) => 3 + 5 * Math.sqrt(prefixProbability);

const ringPath = (x: number, y: number, size: number) => boxPath(x - size, y - size, 2 * size, 2 * size);

/** Where nodes stand, by their place in the tree; -1 for the start. */
function layoutOf(tree: BeamTree, { width, height }: Size) {
  const titles = Math.min(TITLES[1], Math.max(TITLES[0], width - LEFT - STEP * tree.levels));
  const step = (width - LEFT - titles) / tree.levels;
  const laid = tidy<Branch>().size([height - 2 * TOP, 1])(
    hierarchy(branchesOf(tree), ({ children }) => children),
  );
  const places = new Map<number, HierarchyPointNode<Branch>>();
  for (const node of laid.descendants()) places.set(node.data.at, node);
  const pointOf = (at: number): [number, number] => {
    const node = places.get(at);
    return [LEFT + (node?.depth ?? 0) * step, TOP + (node?.x ?? 0)];
  };
  return { step, titles, pointOf };
}

export function beamScene(tree: BeamTree, size: Size, colours: ChartColours): Scene {
  const { nodes, levels } = tree;
  const { step, titles, pointOf } = layoutOf(tree, size);
  return {
    marks: nodes.length,
    paint(painter) {
      for (const onTargetPath of [false, true]) {
        for (const [at, node] of nodes.entries()) {
          if (node.onTargetPath !== onTargetPath) continue;
          paintEdge(painter, node, pointOf(node.parent ?? -1), pointOf(at), colours);
        }
      }
      const [startX, startY] = pointOf(-1);
      paintSquare(painter, startX, startY, 4, colours.muted);
      for (const [at, node] of nodes.entries()) {
        paintNode(painter, tree, node, pointOf(at), node.level === levels ? titles - 20 : step - 20, colours);
      }
    },
    at(x, y) {
      const mark = nodes.findIndex((node, at) => {
        const [left, top] = pointOf(at);
        return (
          Math.abs(y - top) < ROW / 2 &&
          x > left - 12 &&
          x < left + (node.level === levels ? titles : step - 12)
        );
      });
      return mark < 0 ? null : mark;
    },
    outline: (mark) => ringPath(...pointOf(mark), half(nodes[mark]) + 3),
    label: (mark) => labelOf(tree, mark),
    move: (mark, key) => neighbour(nodes, mark, key),
  };
}

type Point = [x: number, y: number];

const inkOf = ({ onTargetPath }: BeamNode, { good, accent }: ChartColours) => (onTargetPath ? good : accent);

function paintEdge(painter: Painter, node: BeamNode, from: Point, to: Point, colours: ChartColours): void {
  const [[fromX, fromY], [x, y]] = [from, to];
  const middle = (fromX + x) / 2;
  const ink = mixed(inkOf(node, colours), colours.background, isKept(node) ? 0.65 : 0.35);
  const wide = Math.max(1, 8 * Math.sqrt(node.prefixProbability));
  painter.shape(`M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${y} ${x} ${y}`, null, ink, wide);
}

/** `room` is the width that the words may take. */
function paintNode(
  painter: Painter,
  { target }: BeamTree,
  node: BeamNode,
  [x, y]: Point,
  room: number,
  colours: ChartColours,
): void {
  const ink = inkOf(node, colours);
  paintSquare(painter, x, y, half(node), isKept(node) ? ink : mixed(ink, colours.background, 0.45));
  if (node.onTargetPath && node.level === target?.firstDivergence) {
    painter.shape(ringPath(x, y, half(node) + 3), null, colours.bad, 2);
  }
  const [item] = node.items;
  const title = item ? `  ${item.title ?? item.id}` : '';
  const text = truncate(`⟨${node.code}⟩ ${percentText(node.probability)}${title}`, room);
  // Lines that go on begin behind the words.
  const width = textWidth(text) * (node.onTargetPath ? 1.1 : 1) + 4;
  if (text !== '') painter.rect(x + 11, y - 8, width, 16, colours.background);
  const fill = isKept(node) ? colours.text : colours.muted;
  painter.text(x + 13, y, text, { fill, bold: node.onTargetPath });
}

function labelOf(tree: BeamTree, at: number): string {
  const node = tree.nodes[at];
  const kept = node.place === null ? 'not kept' : `kept as number ${node.place} of level ${node.level}`;
  const path = node.onTargetPath ? ', on the way to the target' : '';
  const left = node.onTargetPath && node.level === tree.target?.firstDivergence ? ', first divergence' : '';
  const items = node.items.map(({ title, id }) => title ?? id).join(', ');
  return (
    `${idText(prefixOfNode(tree, at))} ${percentText(node.probability)} given its prefix, ` +
    `${percentText(node.prefixProbability)} in all, ${kept}${path}${left}${items === '' ? '' : `: ${items}`}`
  );
}

function neighbour(nodes: readonly BeamNode[], mark: number, key: ArrowKey): number {
  if (key === 'ArrowLeft') return nodes[mark].parent ?? mark;
  if (key === 'ArrowRight') {
    const child = nodes.findIndex(({ parent }) => parent === mark);
    return child < 0 ? mark : child;
  }
  const level = [...nodes.keys()].filter((at) => nodes[at].level === nodes[mark].level);
  return level[level.indexOf(mark) + (key === 'ArrowDown' ? 1 : -1)] ?? mark;
}
