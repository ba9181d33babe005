import type { Flow } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import type { Painter, Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { countText, grouped } from '../../../format/format.ts';

const SIDE = 76;
const NODE = 8;
const GAP = 3;

/** Links with the codes that they join, the widest first. */
export function flowLinks({ left, right, links }: Flow) {
  return links
    .map((link) => ({ ...link, from: left[link.left].code, to: right[link.right].code }))
    .sort((a, b) => b.items - a.items);
}

/** Bands between the codes of two tokenisers, as wide as they have items. */
export function flowScene(flow: Flow, { width, height }: Size, colours: ChartColours): Scene {
  const links = flowLinks(flow);
  const places = (ends: Flow['left']) => {
    const scale = (height - GAP * Math.max(0, ends.length - 1)) / Math.max(1, flow.items);
    let y = 0;
    return ends.map(({ items, code }) => {
      const place = { y, height: items * scale, code, items };
      y += place.height + GAP;
      return place;
    });
  };
  const [left, right] = [places(flow.left), places(flow.right)];
  const [x0, x1] = [SIDE + NODE, width - SIDE - NODE];
  const bands = bandsOf(flow, left, right);
  const path = (mark: number) => {
    const { from, to, leftHeight, rightHeight } = bands[mark];
    const middle = (x0 + x1) / 2;
    const at = (value: number) => value.toFixed(1);
    return (
      `M${x0} ${at(from)}C${at(middle)} ${at(from)} ${at(middle)} ${at(to)} ${x1} ${at(to)}` +
      `v${at(rightHeight)}C${at(middle)} ${at(to + rightHeight)} ${at(middle)} ${at(from + leftHeight)} ${x0} ${at(from + leftHeight)}z`
    );
  };
  const steady = colours.accent;
  const moved = mixed(colours.muted, colours.background, 0.55);
  return {
    marks: links.length,
    paint(painter) {
      for (const mark of [...links.keys()].sort((a, b) => Number(links[a].kept) - Number(links[b].kept))) {
        painter.shape(
          path(mark),
          links[mark].kept ? steady : moved,
          undefined,
          1,
          links[mark].kept ? 0.55 : 0.28,
        );
      }
      paintEnds(painter, left, SIDE, 'end', colours);
      paintEnds(painter, right, x1, 'start', colours);
    },
    at(x, y) {
      if (x < x0 || x > x1) return null;
      const share = smooth((x - x0) / (x1 - x0));
      const match = bands.findIndex(({ from, to, leftHeight, rightHeight }) => {
        const top = from + share * (to - from);
        return y >= top && y <= top + leftHeight + share * (rightHeight - leftHeight);
      });
      return match < 0 ? null : match;
    },
    outline: path,
    label: (mark) => {
      const { from, to, items, kept: stands } = links[mark];
      return `${nameOf(from)} → ${nameOf(to)} ${countText(items, 'item')}${stands ? ', matched' : ', moved'}`;
    },
  };
}

const nameOf = (code: number) => (code < 0 ? 'others' : `⟨${code}⟩`);

/** The codes of one side, with their names where there is room, at the left or the right of them. */
function paintEnds(
  painter: Painter,
  ends: readonly Place[],
  x: number,
  align: 'start' | 'end',
  colours: ChartColours,
): void {
  const nameX = align === 'end' ? x - 6 : x + NODE + 6;
  for (const { y, height, code, items } of ends) {
    painter.rect(x, y, NODE, Math.max(0.5, height), colours.muted);
    if (height < 11) continue;
    const style = { fill: colours.text, align, size: 11 };
    painter.text(nameX, y + height / 2, `${nameOf(code)} ${grouped(items)}`, style);
  }
}

/** Nearly the height of the band's curve along its way. */
const smooth = (share: number) => share * share * (3 - 2 * share);

interface Place {
  y: number;
  height: number;
  code: number;
  items: number;
}

/** Bands leave and arrive in the order of the other side, so that few of them cross. */
function bandsOf(flow: Flow, left: readonly Place[], right: readonly Place[]) {
  const links = flowLinks(flow);
  const start = left.map(({ y }) => y);
  const end = right.map(({ y }) => y);
  const bands = links.map(() => ({ from: 0, to: 0, leftHeight: 0, rightHeight: 0 }));
  const order = [...links.keys()];
  for (const at of order.toSorted((a, b) => links[a].right - links[b].right)) {
    const { left: place, items } = links[at];
    const high = (items / left[place].items) * left[place].height;
    bands[at].from = start[place];
    bands[at].leftHeight = high;
    start[place] += high;
  }
  for (const at of order.toSorted((a, b) => links[a].left - links[b].left)) {
    const { right: place, items } = links[at];
    const high = (items / right[place].items) * right[place].height;
    bands[at].to = end[place];
    bands[at].rightHeight = high;
    end[place] += high;
  }
  return bands;
}
