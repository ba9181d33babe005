/** An SVG as the content of a page of a PDF. */
import type { Fonts } from './fonts.ts';
import { FIRST_LOOK, type Ink, lookOf, type Paint, type SvgLook } from './look.ts';
import { pathOperators } from './path-data.ts';
import { type PdfFile, pdfNumber, type Reference } from './pdf-file.ts';
import type { SvgElement } from './svg-tree.ts';

/** Points of a printer in a pixel. */
export const POINTS = 0.75;
/** Of the size of letters: how thick the stroke is that makes them bold. */
const BOLD_STROKE = 0.022;

const { PI } = Math;
const numbers = (...values: readonly number[]) => values.map(pdfNumber).join(' ');
const lengthIn = (text: string | undefined, size = 0) => {
  const value = Number.parseFloat(text ?? '0') || 0;
  return text?.endsWith('em') ? value * size : value;
};

/** What all pages share. */
export interface PageParts {
  file: PdfFile;
  fonts: Fonts;
}

export interface PageContent {
  text: string;
  /** Dictionaries of what it names. */
  states: string;
  patterns: string;
}

/** Draws elements one after the other. */
export class SvgPage {
  readonly #parts: PageParts;
  readonly #lines: string[] = [];
  readonly #named = new Map<string, SvgElement>();
  readonly #states = new Map<string, string>();
  readonly #patterns = new Map<string, Reference>();
  readonly #height: number;

  constructor(root: SvgElement, parts: PageParts) {
    this.#parts = parts;
    this.#height = Number.parseFloat(root.attributes.height ?? '0');
    this.#collect(root);
    // The first line is at the top, and a pixel a pixel.
    this.#lines.push(`${numbers(POINTS, 0, 0, -POINTS, 0, POINTS * this.#height)} cm`);
    this.#children(root, lookOf(root.attributes, FIRST_LOOK));
  }

  get content(): PageContent {
    const states = [...this.#states].map(([name, state]) => `/${name} ${state}`).join(' ');
    const patterns = [...this.#patterns].map(([id, place]) => `/${nameOf(id)} ${place}`).join(' ');
    return { text: this.#lines.join('\n'), states, patterns };
  }

  #collect(element: SvgElement): void {
    if (element.attributes.id) this.#named.set(element.attributes.id, element);
    for (const child of element.children) if (typeof child !== 'string') this.#collect(child);
  }

  #children({ children }: SvgElement, look: SvgLook): void {
    for (const child of children) if (typeof child !== 'string') this.#element(child, look);
  }

  #element(element: SvgElement, around: SvgLook): void {
    const { name, attributes } = element;
    if (HIDDEN.has(name) || attributes.display === 'none' || attributes.visibility === 'hidden') return;
    const look = lookOf(attributes, around);
    const before = this.#lines.length;
    this.#lines.push('q');
    if (attributes.transform) this.#lines.push(...transformsIn(attributes.transform));
    if (name === 'svg' && (attributes.x || attributes.y))
      this.#lines.push(`${numbers(1, 0, 0, 1, lengthIn(attributes.x), lengthIn(attributes.y))} cm`);
    this.#clip(attributes['clip-path']);
    const drawn = this.#lines.length;
    if (name === 'text') this.#text(element, look);
    else if (name in SHAPES) this.#shape(SHAPES[name](attributes), look);
    else this.#children(element, look);
    if (this.#lines.length === drawn) this.#lines.length = before;
    else this.#lines.push('Q');
  }

  #clip(reference: string | undefined): void {
    const id = /url\(["']?#([^"')]+)/.exec(reference ?? '')?.[1];
    const clip = id === undefined ? undefined : this.#named.get(id);
    const shapes = clip?.children.filter((child) => typeof child !== 'string' && child.name in SHAPES) ?? [];
    if (shapes.length === 0) return;
    const paths = (shapes as SvgElement[]).map(({ name, attributes }) => SHAPES[name](attributes));
    this.#lines.push(pathOperators(paths.join(' ')), 'W n');
  }

  #shape(path: string, look: SvgLook): void {
    const { fill, stroke, strokeWidth } = look;
    const [fills, strokes] = [fill !== null, stroke !== null && strokeWidth > 0];
    const operators = path === '' ? '' : pathOperators(path);
    if (operators === '' || (!fills && !strokes)) return;
    this.#state(look);
    if (fills) this.#ink(fill, false);
    if (strokes) this.#pen(look);
    this.#lines.push(operators, fills && strokes ? 'B' : fills ? 'f' : 'S');
  }

  #pen({ stroke, strokeWidth, dashes, cap, join, miter }: SvgLook): void {
    this.#ink(stroke, true);
    this.#lines.push(
      `${numbers(strokeWidth)} w ${cap} J ${join} j ${numbers(miter)} M [${numbers(...dashes)}] 0 d`,
    );
  }

  #ink(ink: Ink, isStroke: boolean): void {
    if (ink === null) return;
    if ('rgb' in ink) this.#lines.push(`${numbers(...ink.rgb)} ${isStroke ? 'RG' : 'rg'}`);
    else if (this.#pattern(ink.pattern))
      this.#lines.push(
        isStroke ? `/Pattern CS /${nameOf(ink.pattern)} SCN` : `/Pattern cs /${nameOf(ink.pattern)} scn`,
      );
  }

  #state({ fill, stroke, opacity, fillOpacity, strokeOpacity }: SvgLook): void {
    const alpha = (ink: Ink, own: number) => opacity * own * (ink && 'rgb' in ink ? ink.alpha : 1);
    const [ca, CA] = [alpha(fill, fillOpacity), alpha(stroke, strokeOpacity)].map(pdfNumber);
    if (ca === '1' && CA === '1') return;
    const name = `A${ca}S${CA}`.replaceAll('.', 'p');
    this.#states.set(name, `<< /ca ${ca} /CA ${CA} >>`);
    this.#lines.push(`/${name} gs`);
  }

  /** A pattern of lines, as is drawn where nothing is measured yet; false for one that is not there. */
  #pattern(id: string): boolean {
    if (this.#patterns.has(id)) return true;
    const found = this.#named.get(id);
    const line = found?.children.find((child) => typeof child !== 'string' && child.name in SHAPES) as
      | SvgElement
      | undefined;
    if (!found || !line) return false;
    const { width = '6', height = '6', patternTransform = '' } = found.attributes;
    const look = lookOf(line.attributes, FIRST_LOOK);
    const paint = (look.stroke ?? look.fill) as Paint | null;
    const angle = (Number.parseFloat(/rotate\(([-\d.]+)/.exec(patternTransform)?.[1] ?? '0') * PI) / 180;
    const [cos, sin] = [POINTS * Math.cos(angle), POINTS * Math.sin(angle)];
    const content = [
      `${numbers(look.strokeWidth)} w ${numbers(...(paint?.rgb ?? [0, 0, 0]))} RG`,
      `${pathOperators(SHAPES[line.name](line.attributes))} S`,
    ].join('\n');
    const place = this.#parts.file.stream(
      `/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 ${width} ${height}] /XStep ${width} /YStep ${height} ` +
        `/Resources << >> /Matrix [${numbers(cos, -sin, -sin, -cos, 0, POINTS * this.#height)}]`,
      content,
    );
    this.#patterns.set(id, place);
    return true;
  }

  /** Each stretch of a text that has a place of its own. */
  #text(element: SvgElement, look: SvgLook): void {
    const { attributes } = element;
    const size = look.fontSize;
    let [x, y] = [lengthIn(attributes.x, size), lengthIn(attributes.y, size)];
    x += lengthIn(attributes.dx, size);
    y += lengthIn(attributes.dy, size);
    for (const child of element.children) {
      if (typeof child === 'string') x += this.#words(child, x, y, look);
      else if (child.name === 'tspan') {
        const own = lookOf(child.attributes, look);
        const of = child.attributes;
        if (of.x !== undefined) x = lengthIn(of.x, own.fontSize);
        if (of.y !== undefined) y = lengthIn(of.y, own.fontSize);
        x += lengthIn(of.dx, own.fontSize);
        y += lengthIn(of.dy, own.fontSize);
        for (const part of child.children) if (typeof part === 'string') x += this.#words(part, x, y, own);
      }
    }
  }

  /** Returns how far the next words stand. */
  #words(written: string, x: number, y: number, look: SvgLook): number {
    const { fonts } = this.#parts;
    const { fontSize, anchor, isBold, fill, stroke, strokesFirst } = look;
    const text = written.replaceAll(/\s+/g, ' ');
    if (text.trim() === '') return 0;
    const width = fonts.widthOf(text) * fontSize;
    const start = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
    const runs = fonts.runsOf(text);
    const show = (mode: number) => {
      this.#lines.push(`BT ${mode} Tr ${numbers(1, 0, 0, -1, start, y)} Tm`);
      for (const { font, hex } of runs) this.#lines.push(`/${font} ${numbers(fontSize)} Tf <${hex}> Tj`);
      this.#lines.push('ET');
    };
    this.#state(look);
    // A halo lies behind the letters.
    if (strokesFirst && stroke !== null) {
      this.#pen(look);
      show(1);
    }
    if (fill !== null) {
      this.#ink(fill, false);
      if (isBold) {
        this.#ink(fill, true);
        this.#lines.push(`${numbers(BOLD_STROKE * fontSize)} w 1 j [] 0 d`);
      }
      show(isBold ? 2 : 0);
    }
    return anchor === 'start' ? width : 0;
  }
}

/** What is not drawn where it stands. */
const HIDDEN = new Set([
  'defs',
  'clipPath',
  'pattern',
  'style',
  'title',
  'desc',
  'image',
  'script',
  'foreignObject',
]);

const nameOf = (id: string) => `P${Buffer.from(id).toString('hex')}`;

type Attributes = SvgElement['attributes'];

const oval = (cx: number, cy: number, rx: number, ry: number) =>
  `M${cx - rx} ${cy}A${rx} ${ry} 0 1 1 ${cx + rx} ${cy}A${rx} ${ry} 0 1 1 ${cx - rx} ${cy}Z`;

/** Each shape as a path. */
const SHAPES: Record<string, (of: Attributes) => string> = {
  path: ({ d = '' }) => d,
  line: ({ x1, y1, x2, y2 }) => `M${lengthIn(x1)} ${lengthIn(y1)}L${lengthIn(x2)} ${lengthIn(y2)}`,
  rect: ({ x, y, width, height, rx, ry }) => {
    const [left, top, w, h] = [x, y, width, height].map((one) => lengthIn(one));
    if (w <= 0 || h <= 0) return '';
    const [a, b] = [Math.min(w / 2, lengthIn(rx ?? ry)), Math.min(h / 2, lengthIn(ry ?? rx))];
    if (a === 0 || b === 0) return `M${left} ${top}h${w}v${h}h${-w}z`;
    const turn = (dx: number, dy: number) => `a${a} ${b} 0 0 1 ${dx} ${dy}`;
    return `M${left + a} ${top}h${w - 2 * a}${turn(a, b)}v${h - 2 * b}${turn(-a, b)}h${2 * a - w}${turn(-a, -b)}v${2 * b - h}${turn(a, -b)}z`;
  },
  circle: ({ cx, cy, r }) => oval(lengthIn(cx), lengthIn(cy), lengthIn(r), lengthIn(r)),
  ellipse: ({ cx, cy, rx, ry }) => oval(lengthIn(cx), lengthIn(cy), lengthIn(rx), lengthIn(ry)),
  polyline: ({ points = '' }) => (points.trim() === '' ? '' : `M${points}`),
  polygon: ({ points = '' }) => (points.trim() === '' ? '' : `M${points}z`),
};

/** Each as an operator, the outermost first. */
function transformsIn(text: string): string[] {
  return [...text.matchAll(/(\w+)\(([^)]*)\)/g)].flatMap(([, kind, written]) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = written
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number.parseFloat);
    if (kind === 'translate') return [`${numbers(1, 0, 0, 1, a, b)} cm`];
    if (kind === 'scale') return [`${numbers(a, 0, 0, written.trim().match(/[\s,]/) ? b : a, 0, 0)} cm`];
    if (kind === 'matrix') return [`${numbers(a, b, c, d, e, f)} cm`];
    if (kind !== 'rotate') return [];
    const [cos, sin] = [Math.cos((a * PI) / 180), Math.sin((a * PI) / 180)];
    const turned = `${numbers(cos, sin, -sin, cos, 0, 0)} cm`;
    return b === 0 && c === 0
      ? [turned]
      : [`${numbers(1, 0, 0, 1, b, c)} cm`, turned, `${numbers(1, 0, 0, 1, -b, -c)} cm`];
  });
}
