import type { CodeMap } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { grouped } from '../../../format/format.ts';
import { COLOURED_CATEGORIES, mapInk } from '../categories/category-colours.ts';
import { HUE_OF_SHARED, HUE_OF_USE, type MapColour, PALE } from './map-scene.ts';

export interface LegendRow {
  id: string;
  label: string;
  /** Items, where they are counted. */
  count: string;
  colour: string;
}

/** What the colours of tiles stand for. */
export function mapLegend(map: CodeMap, colour: MapColour, colours: ChartColours): LegendRow[] {
  const { palette, surface, lineStrong } = colours;
  const row = (label: string, ink: string, count = '') => ({ id: label, label, count, colour: ink });
  if (colour === 'collisions') {
    const shared = palette[HUE_OF_SHARED];
    const pale = row(map.byPair ? 'few share an ID' : 'shared by two to four', mixed(shared, surface, 0.35));
    const full = row(map.byPair ? 'all do' : 'by five and more', shared);
    return [row('an ID of its own', lineStrong), pale, full];
  }
  if (colour === 'interactions') {
    const hue = palette[HUE_OF_USE];
    const most = map.interactions.reduce((largest, count) => Math.max(largest, count), 0);
    return [
      row('none', mixed(hue, surface, 0.12)),
      row('one', mixed(hue, surface, PALE)),
      row(`${grouped(most)} interactions`, hue),
    ];
  }
  const ink = mapInk(map, colours);
  const named = map.categories
    .slice(0, COLOURED_CATEGORIES)
    .map(({ name, items }, at) => row(name, ink(at), grouped(items)))
    .filter((_, at) => map.categories[at].items > 0);
  const rest = map.categories.slice(COLOURED_CATEGORIES).filter(({ items }) => items > 0);
  if (rest.length === 0) return named;
  const items = rest.reduce((sum, one) => sum + one.items, 0);
  const label = rest.length === 1 ? rest[0].name : `${rest.length} others`;
  return [...named, row(label, ink(COLOURED_CATEGORIES), grouped(items))];
}
