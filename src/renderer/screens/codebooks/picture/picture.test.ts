import { describe, expect, it } from 'vitest';
import { madeCodeMap } from '../../../../../test/figures/code-map.ts';
import type { CodeMap } from '../../../../core/api/codebooks.ts';
import { LIGHT_COLOURS } from '../../../../core/api/colours.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Painter } from '../../../charts/painter.ts';
import { mapLegend } from '../map/map-legend.ts';
import { MAP_COLOURS, type MapColour, mapScene } from '../map/map-scene.ts';
import { drawingPlace, type PictureShape, pictureSvg, SHAPES } from './picture.ts';

const COLOURS: ChartColours = {
  ...{ background: '#ffffff', surface: '#f5f5f2', line: '#e5e5e0', lineStrong: '#cfcfc8', text: '#1a1b18' },
  ...{ muted: '#56574f', accent: '#2f45c5', bad: '#b02418', good: '#17693c' },
  palette: LIGHT_COLOURS.slice(0, -1),
  trivial: LIGHT_COLOURS[LIGHT_COLOURS.length - 1],
};

type Rect = [x: number, y: number, width: number, height: number, fill: string];

/** What a screen paints, rectangle by rectangle. */
function painted(paint: (painter: Painter) => void): Rect[] {
  const rects: Rect[] = [];
  paint({ rect: (...rect) => rects.push(rect), shape: () => {}, text: () => {} });
  return rects;
}

function contentOf(map: CodeMap, colour: MapColour, width: number) {
  return {
    title: 'Items <in> codes',
    lead: 'Each tile is an item.',
    numbers: [['71 %', 'of the category']] as const,
    legend: mapLegend(map, colour, COLOURS),
    source: 'rkm, 1 × 32 · seed 1',
    drawing: mapScene({ map, colour }, width, COLOURS),
  };
}

/** The rectangles of the drawing in an SVG file, where they stand in the file. */
function drawnIn(svg: string): Rect[] {
  const [, x, y, scale, inner] =
    /<g transform="translate\((\S+) (\S+)\) scale\((\S+)\)">(.*)<\/g>/s.exec(svg) ?? [];
  const number = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]);
  return (inner.match(/<rect [^>]*>/g) ?? []).map((tag) => [
    Number(x) + Number(scale) * number(tag, 'x'),
    Number(y) + Number(scale) * number(tag, 'y'),
    Number(scale) * number(tag, 'width'),
    Number(scale) * number(tag, 'height'),
    / fill="([^"]*)"/.exec(tag)?.[1] ?? '',
  ]);
}

describe('a picture', () => {
  const shapes = Object.keys(SHAPES) as PictureShape[];
  it.each(shapes.flatMap((shape) => MAP_COLOURS.map((colour) => [shape, colour] as const)))(
    '%s has each tile of the screen by %s in its colour and, to scale, in its place',
    (shape, colour) => {
      for (const byPair of [false, true]) {
        const content = contentOf(madeCodeMap(byPair), colour, 734);
        const screen = painted(content.drawing.paint);
        const file = drawnIn(pictureSvg(shape, content, COLOURS));
        const { x, y, scale } = drawingPlace(shape, content.drawing);
        const { width, height } = SHAPES[shape];
        expect(file).toHaveLength(screen.length);
        for (const [at, [left, top, wide, high, fill]] of screen.entries()) {
          expect(file[at][4]).toBe(fill);
          const places = [x + scale * left, y + scale * top, scale * wide, scale * high];
          for (const [axis, place] of places.entries()) {
            expect(Math.abs((file[at][axis] as number) - place)).toBeLessThan(0.02);
          }
          expect(places[0]).toBeGreaterThan(0);
          expect(places[1]).toBeGreaterThan(0);
          expect(places[0] + places[2]).toBeLessThan(width);
          expect(places[1] + places[3]).toBeLessThan(height);
        }
      }
    },
  );

  it('has tiles of 3.75 pixels at 1920 × 1080 where the map is a square of 256 codes', () => {
    const { scale } = drawingPlace('wide', { width: 734, height: 734 });
    expect(3 * scale).toBeCloseTo(3.75);
  });

  it('tells title, lead, numbers, colours and source, as text', () => {
    for (const shape of shapes) {
      const svg = pictureSvg(shape, contentOf(madeCodeMap(), 'category', 734), COLOURS);
      for (const text of ['Items &lt;in', '71 %', 'Each tile', 'Makeup', 'rkm, 1 × 32'])
        expect(svg).toContain(text);
    }
  });
});
