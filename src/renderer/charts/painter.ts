/** One drawing for two kinds of picture: pixels on the screen, and vectors in a file. */
import { escapeHtml, measureTextsBy } from '../../core/api/drawing.ts';

export { textWidth, truncate } from '../../core/api/drawing.ts';

export interface TextStyle {
  fill: string;
  align?: 'start' | 'middle' | 'end';
  size?: number;
  bold?: boolean;
  /** Radians, clockwise around the point. */
  rotation?: number;
  /** A rim of this colour, that it can be read on anything. */
  halo?: string;
}

/** Pixels of a halo, to both sides of the edge of a letter. */
const HALO = 4;

export interface Painter {
  rect(x: number, y: number, width: number, height: number, fill: string): void;
  /** An SVG path; null for no filling. */
  shape(path: string, fill: string | null, stroke?: string, lineWidth?: number, opacity?: number): void;
  /** In the middle of its line at y. */
  text(x: number, y: number, text: string, style: TextStyle): void;
}

export interface Size {
  width: number;
  height: number;
}

const FONT_SIZE = 12;

let family = '';

/** The window's font; read once, for reading it makes the browser compute styles. */
function fontFamily(): string {
  family ||= getComputedStyle(document.body).fontFamily;
  return family;
}

function canvasPainter(context: CanvasRenderingContext2D): Painter {
  return {
    rect(x, y, width, height, fill) {
      context.fillStyle = fill;
      context.fillRect(x, y, width, height);
    },
    shape(path, fill, stroke, lineWidth = 1, opacity = 1) {
      const drawn = new Path2D(path);
      context.globalAlpha = opacity;
      if (fill !== null) {
        context.fillStyle = fill;
        context.fill(drawn);
      }
      if (stroke !== undefined) {
        context.strokeStyle = stroke;
        context.lineWidth = lineWidth;
        context.stroke(drawn);
      }
      context.globalAlpha = 1;
    },
    text(x, y, text, { fill, align = 'start', size = FONT_SIZE, bold = false, rotation = 0, halo }) {
      context.fillStyle = fill;
      context.font = `${bold ? '600 ' : ''}${size}px ${fontFamily()}`;
      context.textAlign = align === 'middle' ? 'center' : align;
      context.textBaseline = 'middle';
      if (halo !== undefined) {
        context.strokeStyle = halo;
        context.lineWidth = HALO;
        context.lineJoin = 'round';
        context.strokeText(text, x, y);
      }
      if (rotation === 0) {
        context.fillText(text, x, y);
        return;
      }
      context.save();
      context.translate(x, y);
      context.rotate(rotation);
      context.fillText(text, 0, 0);
      context.restore();
    },
  };
}

/** Paints on a canvas of its own size in CSS pixels, as sharp as the screen is. */
export function paintCanvas(
  canvas: HTMLCanvasElement | null,
  { width, height }: Size,
  paint: (painter: Painter) => void,
): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  const pixelRatio = window.devicePixelRatio;
  canvas.width = Math.round(width * pixelRatio);
  canvas.height = Math.round(height * pixelRatio);
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  paint(canvasPainter(context));
}

const round = (value: number) => Math.round(100 * value) / 100;

/** Draws as the contents of an SVG element. */
export function svgMarkup(draw: (painter: Painter) => void): string {
  const parts: string[] = [];
  draw({
    rect(x, y, w, h, fill) {
      parts.push(
        `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${fill}"/>`,
      );
    },
    shape(path, fill, stroke, lineWidth = 1, opacity = 1) {
      const line = stroke === undefined ? '' : ` stroke="${stroke}" stroke-width="${lineWidth}"`;
      const clear = opacity === 1 ? '' : ` opacity="${opacity}"`;
      parts.push(`<path d="${path}" fill="${fill ?? 'none'}"${line}${clear}/>`);
    },
    text(x, y, text, { fill, align = 'start', size = FONT_SIZE, bold = false, rotation = 0, halo }) {
      const rim =
        halo === undefined
          ? ''
          : ` paint-order="stroke" stroke="${halo}" stroke-width="${HALO}" stroke-linejoin="round"`;
      const turn =
        rotation === 0
          ? ''
          : ` transform="rotate(${round((180 * rotation) / Math.PI)} ${round(x)} ${round(y)})"`;
      parts.push(
        `<text x="${round(x)}" y="${round(y)}" dy="0.35em" fill="${fill}" font-size="${size}" ` +
          `text-anchor="${align}"${bold ? ' font-weight="600"' : ''}${rim}${turn}>${escapeHtml(text)}</text>`,
      );
    },
  });
  return parts.join('');
}

let pen: CanvasRenderingContext2D | null = null;

if (typeof document !== 'undefined') {
  measureTextsBy((text, size, bold) => {
    pen ??= document.createElement('canvas').getContext('2d');
    if (!pen) return 0;
    pen.font = `${bold ? '600 ' : ''}${size}px ${fontFamily()}`;
    return pen.measureText(text).width;
  });
}

/** A square around a place, `half` of its side to each of its sides. */
export function paintSquare(painter: Painter, x: number, y: number, half: number, fill: string): void {
  painter.rect(x - half, y - half, 2 * half, 2 * half, fill);
}

export const boxPath = (x: number, y: number, width: number, height: number): string =>
  `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
