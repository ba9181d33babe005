/** How a part of an SVG is painted: what it says itself, and what it has from the parts around it. */

/** Red, green and blue from 0 to 1, and how much is seen of what lies behind. */
export interface Paint {
  rgb: readonly [number, number, number];
  alpha: number;
}

/** A colour, the pattern of this id, or nothing. */
export type Ink = Paint | { pattern: string } | null;

export interface SvgLook {
  fill: Ink;
  stroke: Ink;
  strokeWidth: number;
  dashes: readonly number[];
  cap: number;
  join: number;
  miter: number;
  fillOpacity: number;
  strokeOpacity: number;
  opacity: number;
  fontSize: number;
  isBold: boolean;
  anchor: string;
  /** The stroke lies behind the fill. */
  strokesFirst: boolean;
  /** What "currentColor" stands for. */
  colour: Paint;
}

const BLACK: Paint = { rgb: [0, 0, 0], alpha: 1 };

export const FIRST_LOOK: SvgLook = {
  ...{ fill: BLACK, stroke: null, strokeWidth: 1, dashes: [], cap: 0, join: 0, miter: 4 },
  ...{ fillOpacity: 1, strokeOpacity: 1, opacity: 1, fontSize: 12, isBold: false, anchor: 'start' },
  ...{ strokesFirst: false, colour: BLACK },
};

const NAMED: Record<string, Paint | null> = {
  none: null,
  transparent: null,
  black: BLACK,
  white: { rgb: [1, 1, 1], alpha: 1 },
};
const CAPS = ['butt', 'round', 'square'];
const JOINS = ['miter', 'round', 'bevel'];
/** From here on letters are drawn bold. */
const BOLD = 600;

/** "#1f77b4", "rgb(31 119 180 / 50%)"; undefined for what is no colour. */
function paintOf(text: string): Paint | null | undefined {
  if (text in NAMED) return NAMED[text];
  const hex = /^#([\da-f]{3,8})$/i.exec(text)?.[1];
  if (hex !== undefined) {
    const long = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const [r, g, b, alpha = 255] = [...Buffer.from(long, 'hex')];
    return { rgb: [r / 255, g / 255, b / 255], alpha: alpha / 255 };
  }
  const parts = /^rgba?\(([^)]*)\)$/i
    .exec(text)?.[1]
    .split(/[\s,/]+/)
    .filter(Boolean);
  if (parts === undefined || parts.length < 3) return undefined;
  const [r, g, b] = parts
    .slice(0, 3)
    .map((part) => (part.endsWith('%') ? Number.parseFloat(part) / 100 : Number(part) / 255));
  const alpha = parts[3] === undefined ? 1 : Number.parseFloat(parts[3]) / (parts[3].endsWith('%') ? 100 : 1);
  return [r, g, b, alpha].some(Number.isNaN) ? undefined : { rgb: [r, g, b], alpha };
}

export function inkOf(text: string | undefined, inherited: Ink, colour: Paint): Ink {
  if (text === undefined || text === 'inherit') return inherited;
  if (/^currentcolor$/i.test(text)) return colour;
  const pattern = /^url\(["']?#([^"')]+)["']?\)/.exec(text)?.[1];
  if (pattern !== undefined) return { pattern };
  const paint = paintOf(text);
  return paint === undefined ? inherited : paint;
}

const numberIn = (text: string | undefined, other: number) => {
  const value = Number.parseFloat(text ?? '');
  return Number.isNaN(value) ? other : value;
};

/** The look of an element inside one of this look. */
export function lookOf(of: Readonly<Record<string, string>>, around: SvgLook): SvgLook {
  const said = inkOf(of.color, around.colour, around.colour);
  const colour = said && 'rgb' in said ? said : around.colour;
  const placeIn = (names: readonly string[], text: string | undefined, other: number) =>
    text === undefined || !names.includes(text) ? other : names.indexOf(text);
  const weight = of['font-weight'];
  const dashes = of['stroke-dasharray'];
  return {
    fill: inkOf(of.fill, around.fill, colour),
    stroke: inkOf(of.stroke, around.stroke, colour),
    strokeWidth: numberIn(of['stroke-width'], around.strokeWidth),
    dashes:
      dashes === undefined
        ? around.dashes
        : dashes
            .split(/[\s,]+/)
            .map(Number)
            .filter((one) => Number.isFinite(one)),
    cap: placeIn(CAPS, of['stroke-linecap'], around.cap),
    join: placeIn(JOINS, of['stroke-linejoin'], around.join),
    miter: numberIn(of['stroke-miterlimit'], around.miter),
    fillOpacity: numberIn(of['fill-opacity'], around.fillOpacity),
    strokeOpacity: numberIn(of['stroke-opacity'], around.strokeOpacity),
    // Of a group it is of all that is in it.
    opacity: around.opacity * numberIn(of.opacity, 1),
    fontSize: numberIn(of['font-size'], around.fontSize),
    isBold: weight === undefined ? around.isBold : weight === 'bold' || Number(weight) >= BOLD,
    anchor: of['text-anchor'] ?? around.anchor,
    strokesFirst:
      of['paint-order'] === undefined ? around.strokesFirst : of['paint-order'].startsWith('stroke'),
    colour,
  };
}
