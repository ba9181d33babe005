/**
 * Every figure and scene on made-up inputs, as the file that a user saves. `npx vitest run test/figures -u` draws them
 * again where they are meant to look otherwise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DARK_COLOURS, LIGHT_COLOURS } from '../../src/core/api/colours.ts';
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
const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const PALETTES = { light: LIGHT_COLOURS, dark: DARK_COLOURS };

function coloursOf(theme: Theme): ChartColours {
  const token = (name: string) => {
    const pair = new RegExp(`${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(tokens);
    return pair?.[1 + THEMES.indexOf(theme)] ?? '';
  };
  const palette = PALETTES[theme];
  return {
    background: token('--background'),
    surface: token('--surface'),
    line: token('--line'),
    lineStrong: token('--line-strong'),
    text: token('--text'),
    muted: token('--text-muted'),
    accent: token('--accent'),
    bad: token('--bad'),
    good: token('--good'),
    palette: palette.slice(0, -1),
    trivial: palette[palette.length - 1],
  };
}

const fileOf = (title: string, theme: Theme) => {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return join('pictures', `${name}${theme === 'dark' ? '-dark' : ''}.svg`);
};

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
async function look(title: string, theme: Theme, drawing: Drawing, rest: object = {}): Promise<void> {
  expect(drawing.svg).not.toMatch(/NaN|undefined/);
  const picture = readable(pictureOf(drawing, { title, ...rest }, coloursOf(theme)));
  await expect(picture).toMatchFileSnapshot(fileOf(title, theme));
}

describe.each(THEMES)('in the %s theme', (theme) => {
  const colours = coloursOf(theme);

  it.each(madeFigures(colours).map((spec) => [spec.title, spec] as const))('%s', async (title, spec) => {
    const [width, height] = [640, spec.height];
    const { svg } = drawFigure(spec, { width, height, colours, document });
    const rest = { subtitle: spec.subtitle, legend: fileLegendOf(spec) };
    await look(title, theme, { width, height, svg: svg.outerHTML }, rest);
  });

  it.each(madeScenes().map((made) => [made.title, made] as const))('%s', async (title, { size, scene }) => {
    await look(title, theme, { ...size, svg: svgMarkup(scene(size, colours).paint) });
  });
});

it('no figure has a colour of the light theme in the dark one', () => {
  const drawn = (theme: Theme) => {
    const colours = coloursOf(theme);
    return madeFigures(colours).map(
      (spec) => drawFigure(spec, { width: 640, height: spec.height, colours, document }).svg.outerHTML,
    );
  };
  const coloursIn = (svg: string) => new Set(svg.match(/#[0-9a-f]{6}\b/gi));
  const dark = new Set(Object.values(coloursOf('dark')).flat());
  const light = drawn('light').map(coloursIn);
  const foreign = drawn('dark').flatMap((svg, at) =>
    [...coloursIn(svg)].filter((colour) => light[at].has(colour) && !dark.has(colour)),
  );
  expect(foreign).toEqual([]);
});
