import { describe, expect, it } from 'vitest';
import { readPdf } from '../../../../test/figures/read-pdf.ts';
import { drawOnPaper } from '../../documents/writers/draw.ts';
import { svgFile } from '../../documents/writers/figure-files.ts';
import type { FigureSpec } from '../spec.ts';
import { figuresPdf } from './figures-pdf.ts';
import { pathOperators } from './path-data.ts';
import { readSvg, type SvgElement } from './svg-tree.ts';

const POINTS = [1, 2, 3, 4].map((x) => ({ x, y: x * x, low: x, high: 20 }));
const FIGURE: FigureSpec = {
  ...{ title: 'Curves', description: 'Two curves', fileName: 'curves', height: 300 },
  x: { label: 'epoch' },
  y: { label: 'NDCG@10 (α)' },
  series: [
    { id: 'a', label: 'SASRec', colour: 1, line: 'straight', spread: 'band', points: POINTS },
    {
      id: 'b',
      label: 'Модель',
      colour: 2,
      marks: 'diamond',
      points: POINTS.map((one) => ({ ...one, y: -one.y })),
    },
  ],
  ...{
    future: 3,
    rules: [{ axis: 'x', at: 2, dashed: true }],
    marks: [{ x: 3, series: 'a', label: 'chosen' }],
  },
};

/** What an SVG paints and says, counted in the SVG itself. */
function counted(svg: string): { shapes: number; texts: string[] } {
  const found = { shapes: 0, texts: [] as string[] };
  const look = (element: SvgElement, ink: { fill: string; stroke: string }): void => {
    const { name, attributes: of, children } = element;
    if (['defs', 'clipPath', 'style', 'title'].includes(name)) return;
    const own = { fill: of.fill ?? ink.fill, stroke: of.stroke ?? ink.stroke };
    const isShape = ['path', 'line', 'rect', 'circle'].includes(name);
    if (isShape && of.d !== '' && (own.fill !== 'none' || own.stroke !== 'none')) found.shapes++;
    const words = children.filter((child) => typeof child === 'string');
    if (name === 'text' && words.length > 0) found.texts.push(words.join(''));
    for (const child of children) if (typeof child !== 'string') look(child, own);
  };
  look(readSvg(svg), { fill: 'black', stroke: 'none' });
  return found;
}

const figure = (caption: string) => svgFile({ caption, spec: FIGURE }, drawOnPaper);

describe('a PDF of figures', () => {
  it('has a page each of the size of its SVG, with every shape and every text of it', () => {
    const svgs = [figure('One: “a”, −1'), figure('Two')];
    const { text, missing } = figuresPdf(svgs, 'Föhn 漢');
    const { pages, title } = readPdf(text);
    expect(missing).toEqual([]);
    expect(title).toBe('Föhn 漢');
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    for (const [at, svg] of svgs.entries()) {
      const { shapes, texts } = counted(svg);
      const { attributes } = readSvg(svg);
      expect(shapes).toBeGreaterThan(15);
      expect(pages[at].painted).toBe(shapes);
      expect(pages[at].texts).toEqual(texts);
      expect(pages[at].size).toEqual([0.75 * Number(attributes.width), 0.75 * Number(attributes.height)]);
    }
    expect(pages[0].texts).toEqual(
      expect.arrayContaining(['One: “a”, −1', 'NDCG@10 (α)', 'Модель', 'chosen']),
    );
    expect(figuresPdf(svgs, 'Föhn 漢').text).toBe(text);
  });

  it('brings its letters along, and names those that its typeface lacks', () => {
    const { text, missing } = figuresPdf([figure('漢 e\u0301')], 'x');
    expect(missing).toContain('漢');
    const { fonts, pages } = readPdf(text);
    expect(pages[0].texts[0]).toMatch(/^\ufffd e/);
    // A TrueType file with the tables that every reader asks for.
    for (const font of fonts) {
      expect(font.readUInt32BE(0)).toBe(0x10000);
      const tags = Array.from({ length: font.readUInt16BE(4) }, (_, at) =>
        font.toString('latin1', 12 + 16 * at, 16 + 16 * at),
      );
      expect(tags).toEqual(['glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp']);
    }
    expect(fonts.length).toBeGreaterThan(1);
  });

  it('draws turned, cut and half-seen parts, and nothing that is not seen', () => {
    const inner = [
      '<defs><clipPath id="c"><rect width="9" height="9"/></clipPath></defs>',
      '<g clip-path="url(#c)" opacity="0.5"><circle cx="5" cy="5" r="4" fill="rgb(255 0 0 / 50%)"/></g>',
      '<rect width="0" height="5"/><path d="" stroke="red"/><g display="none"><rect width="5" height="5"/></g>',
      '<text transform="translate(3,4) rotate(-90)" text-anchor="end" y="1em">a<tspan x="0" dy="1.2em">b</tspan></text>',
    ].join('');
    const { pages } = readPdf(figuresPdf([`<svg width="20" height="10">${inner}</svg>`], '').text);
    expect(pages).toEqual([{ size: [15, 7.5], painted: 1, texts: ['a', 'b'] }]);
  });

  it('refuses what is no SVG, or none that can be drawn', () => {
    const refused = [
      '',
      'text',
      '<svg>',
      '<svg></g>',
      '<html></html>',
      '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
    ];
    for (const svg of refused) expect(() => figuresPdf([svg], 'x'), svg).toThrow('no SVG that can be read');
    expect(() => figuresPdf([`${'<g>'.repeat(99)}`], 'x')).toThrow('too deep');
  });
});

it('writes every command of a path as lines and curves', () => {
  expect(pathOperators('M1 2l3 4H9v-1z').split('\n')).toEqual(['1 2 m', '4 6 l', '9 6 l', '9 5 l', 'h']);
  expect(pathOperators('M0 0 10 0')).toBe('0 0 m\n10 0 l');
  expect(pathOperators('M0 0q3 0 3 3t3 3').split('\n')[2]).toBe('3 5 4 6 6 6 c');
  expect(pathOperators('M0 0c0 1 1 2 2 2s2 1 2 2').split('\n')[2]).toBe('3 2 4 3 4 4 c');
  // Half a circle, with flags that touch what follows them.
  const arc = pathOperators('M-1 0a1 1 0 012 0').split('\n');
  expect(arc).toEqual(['-1 0 m', '-1 -0.552 -0.552 -1 0 -1 c', '0.552 -1 1 -0.552 1 0 c']);
  expect(() => pathOperators('M0 0x1')).toThrow('the command "x"');
});
