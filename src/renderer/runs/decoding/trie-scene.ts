/** The codes of each level as a grid: what may follow the chosen prefix, how probable it is, and what the beam kept. */
import type { DecodingTrie } from '../../../core/api/beam-tree.ts';
import { type ChartColours, mixed } from '../../charts/colours.ts';
import { boxPath, type Painter, type Size, textWidth } from '../../charts/painter.ts';
import type { ArrowKey, Scene } from '../../charts/scene.ts';
import { grouped } from '../../format/format.ts';
import { beamsAt, followingAt, percentText } from './trie-path.ts';

/** Of a tile's pitch: 15 pixels with 2.5 between. */
const TILE = 6 / 7;
const PITCH = { usual: 17.5, most: 28 };
const ACROSS = 16;
const GAP = 66;
const HEAD = 44;
/** Pixels of what no item has. */
const SMALL = 4;
/** How strong the most improbable code that may follow is. */
const PALE = 0.12;

interface Grid {
  left: number;
  across: number;
  pitch: number;
  /** Of the first mark. */
  from: number;
  size: number;
  /** Pixels of the words above it. */
  room: number;
}

const acrossOf = (size: number) =>
  size > ACROSS ** 2 / 2 ? ACROSS : Math.max(2, Math.ceil(Math.sqrt(size)));

function gridsOf({ sizes }: Pick<DecodingTrie, 'sizes'>, width: number): Grid[] {
  const wide = sizes.reduce((sum, size) => sum + acrossOf(size), 0);
  const room = (width - GAP * (sizes.length - 1)) / wide;
  const most = sizes.some((size) => acrossOf(size) === ACROSS) ? PITCH.usual : PITCH.most;
  const pitch = Math.max(4, Math.min(most, room));
  let [left, from] = [0, 0];
  return sizes.map((size, level) => {
    const across = acrossOf(size);
    const room = level + 1 === sizes.length ? width - left : across * pitch + GAP - 12;
    const grid = { left, across, pitch, from, size, room };
    left += across * pitch + GAP;
    from += size;
    return grid;
  });
}

/** Pixels that the grids take. */
export function trieHeight(trie: Pick<DecodingTrie, 'sizes'>, width: number): number {
  const lines = gridsOf(trie, width).map(({ size, across, pitch }) => Math.ceil(size / across) * pitch);
  return HEAD + Math.ceil(Math.max(...lines)) + 4;
}

const cornerOf = ({ left, across, pitch }: Grid, code: number): [x: number, y: number] => [
  left + (code % across) * pitch,
  HEAD + Math.floor(code / across) * pitch,
];
const centreOf = (grid: Grid, code: number): [x: number, y: number] => {
  const [x, y] = cornerOf(grid, code);
  const half = (grid.pitch * TILE) / 2;
  return [x + half, y + half];
};

/** `path`: places among the nodes, one a level; `shown`: how many levels of it are shown. */
export function trieScene(
  trie: DecodingTrie,
  { path, shown }: { path: readonly number[]; shown: number },
  size: Size,
  colours: ChartColours,
): Scene {
  const grids = gridsOf(trie, size.width);
  const last = grids[grids.length - 1];
  const placeOf = (mark: number): [level: number, code: number] => {
    const level = grids.findLastIndex(({ from }) => from <= mark);
    return [level, mark - grids[level].from];
  };
  return {
    marks: last.from + last.size,
    paint(painter) {
      for (const [level, grid] of grids.entries()) {
        paintHead(painter, trie, path, level, grid, shown, colours);
        paintCodes(painter, level < shown ? followingAt(trie, path, level) : null, grid, colours);
      }
      for (let level = 1; level < shown; level++) paintCurves(painter, trie, path, level, grids, colours);
      for (let level = 0; level < shown; level++)
        paintBeams(painter, trie, path, level, grids[level], colours);
    },
    at(x, y) {
      for (const { left, across, pitch, from, size: codes } of grids) {
        const [column, row] = [Math.floor((x - left) / pitch), Math.floor((y - HEAD) / pitch)];
        const code = row * across + column;
        if (column >= 0 && column < across && row >= 0 && code < codes) return from + code;
      }
      return null;
    },
    outline: (mark) => {
      const [level, code] = placeOf(mark);
      const [x, y] = cornerOf(grids[level], code);
      const side = grids[level].pitch * TILE;
      return boxPath(x - 3, y - 3, side + 6, side + 6);
    },
    label: (mark) => labelOf(trie, path, shown, ...placeOf(mark)),
    isChosen: (mark) => {
      const [level, code] = placeOf(mark);
      return level < shown && trie.nodes[path[level]]?.code === code;
    },
    move: (mark, key) => moved(grids, placeOf(mark), key),
  };
}

/** The kept beam of a mark, as a place among the nodes; null where there is none. */
export function beamOfMark(
  trie: DecodingTrie,
  path: readonly number[],
  shown: number,
  mark: number,
): number | null {
  let [level, code] = [0, mark];
  for (; code >= trie.sizes[level]; level++) code -= trie.sizes[level];
  if (level >= shown) return null;
  return beamsAt(trie, path, level).find((at) => trie.nodes[at].code === code) ?? null;
}

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'];

function paintHead(
  painter: Painter,
  trie: DecodingTrie,
  path: readonly number[],
  level: number,
  { left, size, room }: Grid,
  shown: number,
  { text, muted }: ChartColours,
): void {
  const before = path.slice(0, level).map((at) => trie.nodes[at].code);
  const isShown = level < shown;
  const name = `${ORDINALS[level] ?? `Level ${level + 1}`} code`;
  const after = level > 0 && isShown ? `, after ${before.join(', ')}` : '';
  const fits = (words: string, size: number, bold = false) => textWidth(words, size, bold) <= room;
  const title = [name + after, name].find((words) => fits(words, 13, true)) ?? `${level + 1}`;
  painter.text(left, 8, title, { fill: isShown ? text : muted, size: 13, bold: true });
  const following = level < shown ? followingAt(trie, path, level) : null;
  if (!following) return;
  const kept = beamsAt(trie, path, level).length;
  const share = `${grouped(following.codes.length)} of ${grouped(size)}`;
  const words = [`${share} may follow, ${kept} kept`, `${share} may follow`];
  painter.text(left, 27, words.find((one) => fits(one, 12)) ?? share, { fill: muted });
}

function paintCodes(
  painter: Painter,
  following: ReturnType<typeof followingAt>,
  grid: Grid,
  { accent, background, lineStrong, line }: ChartColours,
): void {
  const side = grid.pitch * TILE;
  const probabilities = new Map(following?.codes.map((code, at) => [code, following.probabilities[at]]));
  const most = Math.max(...probabilities.values(), Number.MIN_VALUE);
  const rest = mixed(lineStrong, background, 0.45);
  for (let code = 0; code < grid.size; code++) {
    const [x, y] = cornerOf(grid, code);
    const probability = probabilities.get(code);
    if (probability === undefined) {
      const inset = (side - Math.min(SMALL, side)) / 2;
      painter.rect(x + inset, y + inset, side - 2 * inset, side - 2 * inset, following ? rest : line);
      continue;
    }
    const strength = Math.sqrt(probability / most);
    painter.rect(x, y, side, side, strength < PALE ? rest : mixed(accent, rest, strength));
  }
}

/** From the chosen code to the beams behind it, as wide as each is probable. */
function paintCurves(
  painter: Painter,
  trie: DecodingTrie,
  path: readonly number[],
  level: number,
  grids: readonly Grid[],
  { accent, good, background }: ChartColours,
): void {
  const [fromX, fromY] = centreOf(grids[level - 1], trie.nodes[path[level - 1]].code);
  for (const at of beamsAt(trie, path, level)) {
    const node = trie.nodes[at];
    const [x, y] = centreOf(grids[level], node.code);
    const middle = (fromX + x) / 2;
    const ink = mixed(node.onTargetPath ? good : accent, background, 0.65);
    painter.shape(
      `M${fromX} ${fromY}C${middle} ${fromY} ${middle} ${y} ${x} ${y}`,
      null,
      ink,
      Math.max(1, 5 * Math.sqrt(node.probability)),
    );
  }
}

/** Kept beams are ringed, that of the target in green; the chosen one has the wider ring. */
function paintBeams(
  painter: Painter,
  trie: DecodingTrie,
  path: readonly number[],
  level: number,
  grid: Grid,
  { accent, text, good, background }: ChartColours,
): void {
  const side = grid.pitch * TILE;
  const beams = beamsAt(trie, path, level);
  const most = Math.max(...beams.map((at) => trie.nodes[at].probability), Number.MIN_VALUE);
  for (const at of beams) {
    const { code, probability, onTargetPath } = trie.nodes[at];
    const [x, y] = cornerOf(grid, code);
    const strength = 0.35 + 0.65 * Math.sqrt(probability / most);
    painter.rect(x, y, side, side, mixed(onTargetPath ? good : accent, background, strength));
    painter.shape(
      boxPath(x - 1, y - 1, side + 2, side + 2),
      null,
      onTargetPath ? good : text,
      at === path[level] ? 2.5 : 1,
    );
  }
  const lost = lostAt(trie, path, level);
  if (lost === null) return;
  const [x, y] = cornerOf(grid, trie.nodes[lost].code);
  painter.shape(boxPath(x - 1, y - 1, side + 2, side + 2), null, good, 1);
}

/** The code of the target that was not kept after what is chosen, as a place among the nodes. */
function lostAt({ nodes }: DecodingTrie, path: readonly number[], level: number): number | null {
  const parent = level === 0 ? null : path[level - 1];
  const lost = nodes.findIndex(
    (node) => node.level === level + 1 && node.onTargetPath && node.place === null && node.parent === parent,
  );
  return lost < 0 ? null : lost;
}

function labelOf(
  trie: DecodingTrie,
  path: readonly number[],
  shown: number,
  level: number,
  code: number,
): string {
  const name = `Level ${level + 1}, code ${code}`;
  if (level >= shown) return `${name}: not decoded yet`;
  const following = followingAt(trie, path, level);
  const at = following?.codes.indexOf(code) ?? -1;
  if (!following || at < 0) return `${name}: no item begins so`;
  const beam = trie.nodes[beamsAt(trie, path, level).find((one) => trie.nodes[one].code === code) ?? -1];
  const lost = trie.nodes[lostAt(trie, path, level) ?? -1]?.code === code;
  const kept = beam
    ? `, kept as number ${beam.place}${beam.onTargetPath ? ', on the way to the target' : ''}`
    : lost
      ? ', of the target, and not kept'
      : '';
  return `${name}: ${percentText(following.probabilities[at])} of what may follow${kept}`;
}

function moved(grids: readonly Grid[], [level, code]: [number, number], key: ArrowKey): number {
  const { across, size, from } = grids[level];
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const column = code % across;
  const isOut = (key === 'ArrowRight' && column === across - 1) || (key === 'ArrowLeft' && column === 0);
  const beside = grids[level + (key === 'ArrowRight' ? 1 : -1)];
  if (isOut) {
    if (!beside) return from + code;
    const row = Math.floor(code / across);
    const to = row * beside.across + (key === 'ArrowRight' ? 0 : beside.across - 1);
    return beside.from + Math.min(beside.size - 1, to);
  }
  const next = code + steps[key];
  return from + (next >= 0 && next < size ? next : code);
}
