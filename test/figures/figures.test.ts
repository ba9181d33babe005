/**
 * Every figure and scene on made-up inputs, as the file that a user saves. `npx vitest run test/figures -u` draws them
 * again where they are meant to look otherwise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIGHT_COLOURS } from '../../src/core/api/colours.ts';
import { textDocument } from '../../src/core/figures/document.ts';
import { drawFigure } from '../../src/core/figures/draw.ts';
import { type Drawing, pictureOf } from '../../src/core/figures/picture.ts';
import type { ChartColours } from '../../src/core/figures/spec.ts';
import { fileLegendOf } from '../../src/core/figures/spec.ts';
import { svgMarkup } from '../../src/renderer/charts/painter.ts';
import { madeFigures } from './inputs.ts';
import { madeScenes } from './scenes.ts';

const document = textDocument();
const tokens = readFileSync(join(import.meta.dirname, '../../src/renderer/styles/tokens.css'), 'utf8');
const token = (name: string) => new RegExp(`${name}: light-dark\\((#[0-9a-f]{6}),`).exec(tokens)?.[1] ?? '';
const COLOURS: ChartColours = {
  background: token('--background'),
  surface: token('--surface'),
  line: token('--line'),
  lineStrong: token('--line-strong'),
  text: token('--text'),
  muted: token('--text-muted'),
  accent: token('--accent'),
  bad: token('--bad'),
  good: token('--good'),
  palette: LIGHT_COLOURS.slice(0, -1),
  trivial: LIGHT_COLOURS[LIGHT_COLOURS.length - 1],
};

const fileOf = (title: string) =>
  join('pictures', `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`);

/** A line a mark, so that a difference can be read; ids that Plot counts are counted from 1, and places are rounded. */
function readable(svg: string): string {
  const ids = [...new Set(svg.match(/plot-clip-\d+/g))];
  const renamed = ids.reduce(
    (text, id, at) => text.replaceAll(new RegExp(`${id}(?!\\d)`, 'g'), `clip-${at + 1}`),
    svg,
  );
  const rounded = renamed.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
  return `${rounded.replaceAll('><', '>\n<')}\n`;
}

/** Looks at what is drawn at one width, as a reader would at a page. */
function pictured(title: string, drawing: Drawing, rest: object = {}): string {
  return readable(pictureOf(drawing, { title, ...rest }, COLOURS));
}

describe('figures', () => {
  it.each(madeFigures().map((spec) => [spec.title, spec] as const))('%s', async (title, spec) => {
    const [width, height] = [640, spec.height];
    const { svg } = drawFigure(spec, { width, height, colours: COLOURS, document });
    const { subtitle } = spec;
    const drawing = { width, height, svg: svg.outerHTML };
    expect(svg.outerHTML).not.toMatch(/NaN|undefined/);
    await expect(pictured(title, drawing, { subtitle, legend: fileLegendOf(spec) })).toMatchFileSnapshot(
      fileOf(title),
    );
  });
});

describe('scenes', () => {
  it.each(madeScenes().map((made) => [made.title, made] as const))('%s', async (title, { size, scene }) => {
    const svg = svgMarkup(scene(size, COLOURS).paint);
    expect(svg).not.toMatch(/NaN|undefined/);
    await expect(pictured(title, { ...size, svg })).toMatchFileSnapshot(fileOf(title));
  });
});
