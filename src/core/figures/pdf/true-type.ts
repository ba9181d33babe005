/** Some glyphs of a typeface as a TrueType file, as a PDF embeds it. */
import type { OutlinePoint, Typeface } from './woff2.ts';

const u16 = (...values: readonly number[]) =>
  Buffer.from(values.flatMap((one) => [(one >> 8) & 255, one & 255]));
const u32 = (...values: readonly number[]) => u16(...values.flatMap((one) => [one >>> 16, one & 0xffff]));
const padded = (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
/** Where each of them ends. */
function ends(parts: readonly { length: number }[]): number[] {
  let sum = 0;
  return parts.map(({ length }) => {
    sum += length;
    return sum;
  });
}

const zeros = (count: number) => new Array<number>(count).fill(0);

/** `glyphs`: those that are wanted, numbered in this order in the file; the first is the one for what is missing. */
export function trueTypeOf(typeface: Typeface, glyphs: readonly number[]): Uint8Array {
  const { unitsPerEm, ascent, descent, box } = typeface;
  const outlines = glyphs.map((glyph) => typeface.outlineOf(glyph));
  const bodies = outlines.map((contours) => padded(glyphBytes(contours)));
  const places = [0, ...ends(bodies)];
  const most = (counts: readonly number[]) => Math.max(0, ...counts);
  const leftOf = (contours: (typeof outlines)[number]) =>
    contours.length === 0 ? 0 : Math.min(...contours.flat().map(({ x }) => x));
  const VERSION = 0x10000;
  return fileOf([
    ['glyf', Buffer.concat(bodies)],
    [
      'head',
      Buffer.concat([
        ...[u32(VERSION, VERSION, 0, 0x5f0f3cf5), u16(0, unitsPerEm), u32(0, 0, 0, 0)],
        // No style, legible from 8 pixels on, both directions, long offsets.
        ...[u16(...box), u16(0, 8, 2, 1, 0)],
      ]),
    ],
    ['hhea', Buffer.concat([u32(VERSION), u16(ascent, descent, ...zeros(5), 1, ...zeros(7), glyphs.length)])],
    ['hmtx', u16(...glyphs.flatMap((glyph, at) => [typeface.widthOf(glyph), leftOf(outlines[at])]))],
    ['loca', u32(...places)],
    [
      'maxp',
      Buffer.concat([
        u32(VERSION),
        u16(
          glyphs.length,
          most(outlines.map((one) => one.flat().length)),
          most(outlines.map(({ length }) => length)),
        ),
        u16(0, 0, 1, ...zeros(8)),
      ]),
    ],
  ]);
}

/** Every point with its own flag and two bytes a coordinate: the file is packed as a whole. */
function glyphBytes(contours: readonly (readonly OutlinePoint[])[]): Uint8Array {
  const points = contours.flat();
  if (points.length === 0) return new Uint8Array();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const steps = (values: readonly number[]) => values.map((one, at) => one - (values[at - 1] ?? 0));
  return Buffer.concat([
    u16(contours.length, Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)),
    u16(...ends(contours).map((end) => end - 1), 0),
    Buffer.from(points.map(({ on }) => Number(on))),
    u16(...steps(xs), ...steps(ys)),
  ]);
}

function fileOf(tables: readonly (readonly [tag: string, bytes: Uint8Array])[]): Uint8Array {
  const power = Math.floor(Math.log2(tables.length));
  let at = 12 + 16 * tables.length;
  const directory = tables.map(([tag, bytes]) => {
    const entry = Buffer.concat([Buffer.from(tag, 'latin1'), u32(checksum(bytes), at, bytes.length)]);
    at += padded(bytes).length;
    return entry;
  });
  const search = 16 * 2 ** power;
  return Buffer.concat([
    ...[u32(0x10000), u16(tables.length, search, power, 16 * tables.length - search), ...directory],
    ...tables.map(([, bytes]) => padded(bytes)),
  ]);
}

function checksum(bytes: Uint8Array): number {
  const whole = padded(bytes);
  let sum = 0;
  for (let at = 0; at < whole.length; at += 4) sum = (sum + whole.readUInt32BE(at)) >>> 0;
  return sum;
}
