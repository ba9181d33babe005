import { type CodeMap, cellPlace, mapLayout } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { countText } from '../../../format/format.ts';
import { mapInk } from '../categories/category-colours.ts';
import { blockOf, blocksOf, codesByCell, deadPath } from '../map/map-scene.ts';

/** A tile a first code, in the colour of its commonest category, the paler the fewer of its items have it. */
export function stateScene(map: CodeMap, width: number, colours: ChartColours): Scene & Size {
  const layout = mapLayout(map.grid, width);
  const codes = codesByCell(map);
  const ink = mapInk(map, colours);
  return {
    width: layout.width,
    height: layout.height,
    ...blocksOf(layout, codes, 1),
    paint(painter) {
      let dead = '';
      for (const [cell, code] of codes.entries()) {
        const { x, y } = cellPlace(layout, cell);
        const { items, kind, share } = blockOf(map, code);
        if (items === 0) {
          dead += deadPath(layout, cell);
          continue;
        }
        // Without categories all codes with items are alike.
        const fill = kind < 0 ? colours.lineStrong : mixed(ink(kind), colours.background, 0.2 + 0.8 * share);
        painter.rect(x, y, layout.block, layout.block, fill);
      }
      painter.shape(dead, null, colours.lineStrong);
    },
    label(cell) {
      const { items, kind, share } = blockOf(map, codes[cell]);
      const category = kind < 0 ? '' : `, ${Math.round(100 * share)} % ${map.categories[kind].name}`;
      return `Code ${codes[cell]}, ${items === 0 ? 'no item' : countText(items, 'item')}${category}`;
    },
  };
}
