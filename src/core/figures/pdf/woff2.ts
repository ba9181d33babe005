/** Outlines and widths of a typeface in WOFF 2 (W3C, 2018; TrueType outlines alone), as far as a PDF needs them. */
import { brotliDecompressSync } from 'node:zlib';

export interface OutlinePoint {
  x: number;
  y: number;
  /** On the curve; else a control point. */
  on: boolean;
}

export interface Typeface {
  unitsPerEm: number;
  ascent: number;
  descent: number;
  /** Of all glyphs: left, bottom, right, top. */
  box: readonly [number, number, number, number];
  glyphs: number;
  /** The glyph of a character; 0 where there is none. */
  glyphOf(character: number): number;
  /** In units of the typeface. */
  widthOf(glyph: number): number;
  /** Closed contours; none of a space. */
  outlineOf(glyph: number): readonly (readonly OutlinePoint[])[];
}

/** The names of tables that have a number in place of them, as far as this reads them. */
const KNOWN = [
  'cmap',
  'head',
  'hhea',
  'hmtx',
  'maxp',
  'name',
  'OS/2',
  'post',
  'cvt ',
  'fpgm',
  'glyf',
  'loca',
];
const [HEADER, ARBITRARY] = [48, 63];

/** Reads numbers one after the other. */
class Reader {
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2);
  }

  i16(): number {
    this.at += 2;
    return this.#view.getInt16(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4);
  }

  /** Of seven bits a byte. */
  base128(): number {
    let value = 0;
    for (;;) {
      const byte = this.u8();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }

  /** Small numbers in one byte. */
  packed(): number {
    const code = this.u8();
    if (code === 253) return this.u16();
    if (code === 254) return 506 + this.u8();
    return code === 255 ? 253 + this.u8() : code;
  }
}

interface Table {
  bytes: Uint8Array;
  isTransformed: boolean;
}

function tablesOf(file: Uint8Array): ReadonlyMap<string, Table> {
  const reader = new Reader(file);
  if (reader.u32() !== 0x774f4632) throw new Error('a typeface is not in WOFF 2');
  reader.at = 12;
  const count = reader.u16();
  reader.at = 20;
  const packed = reader.u32();
  reader.at = HEADER;
  const entries = Array.from({ length: count }, () => {
    const flags = reader.u8();
    const known = flags & 63;
    const tag = known === ARBITRARY ? String(reader.u32()) : (KNOWN[known] ?? String(known));
    const length = reader.base128();
    // These two are transformed unless it says otherwise, others only where it does.
    const isTransformed = tag === 'glyf' || tag === 'loca' ? flags >> 6 === 0 : flags >> 6 !== 0;
    return { tag, isTransformed, length: isTransformed ? reader.base128() : length };
  });
  const data = brotliDecompressSync(file.subarray(reader.at, reader.at + packed));
  let at = 0;
  return new Map(
    entries.map(({ tag, length, isTransformed }) => {
      at += length;
      return [tag, { bytes: data.subarray(at - length, at), isTransformed }];
    }),
  );
}

/** Throws for a file that is no WOFF 2 with TrueType outlines. */
export function readWoff2(file: Uint8Array): Typeface {
  const tables = tablesOf(file);
  const table = (tag: string): Table => {
    const found = tables.get(tag);
    if (!found) throw new Error(`a typeface has no table "${tag}"`);
    return found;
  };
  const read = (tag: string, at: number) => new Reader(table(tag).bytes, at);
  const glyphs = read('maxp', 4).u16();
  const box = read('head', 36);
  const vertical = read('hhea', 4);
  const { bytes, isTransformed } = table('glyf');
  if (!isTransformed) throw new Error('a typeface has outlines that are not packed as usual');
  return {
    unitsPerEm: read('head', 18).u16(),
    ascent: vertical.i16(),
    descent: vertical.i16(),
    box: [box.i16(), box.i16(), box.i16(), box.i16()],
    glyphs,
    glyphOf: characterMap(table('cmap').bytes),
    widthOf: widths(table('hmtx'), read('hhea', 34).u16()),
    outlineOf: outlines(bytes),
  };
}

/** In the format of pairs of ranges (4), which every such file has. */
function characterMap(cmap: Uint8Array): (character: number) => number {
  const reader = new Reader(cmap, 2);
  const offsets = Array.from({ length: reader.u16() }, () => {
    reader.at += 4;
    return reader.u32();
  });
  const offset = offsets.find((at) => new Reader(cmap, at).u16() === 4);
  if (offset === undefined) throw new Error('a typeface maps no characters of Unicode');
  const segments = new Reader(cmap, offset + 6).u16() / 2;
  const columns = [14, 16 + 2 * segments, 16 + 4 * segments, 16 + 6 * segments];
  const cell = (column: number, row: number) => new Reader(cmap, offset + columns[column] + 2 * row).u16();
  return (character) => {
    for (let row = 0; row < segments; row++) {
      if (character > cell(0, row)) continue;
      const [first, delta, ranges] = [cell(1, row), cell(2, row), cell(3, row)];
      if (character < first) return 0;
      if (ranges === 0) return (character + delta) & 0xffff;
      const at = offset + columns[3] + 2 * row + ranges + 2 * (character - first);
      const glyph = new Reader(cmap, at).u16();
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

function widths({ bytes, isTransformed }: Table, count: number): (glyph: number) => number {
  const [start, step] = isTransformed ? [1, 2] : [0, 4];
  return (glyph) => new Reader(bytes, start + step * Math.min(glyph, count - 1)).u16();
}

/** A glyph: contours of its own, or other glyphs, each moved and turned. */
type Glyph = { contours: OutlinePoint[][] } | { parts: Part[] };
interface Part {
  glyph: number;
  /** x' = a x + c y + e, y' = b x + d y + f */
  matrix: readonly [number, number, number, number, number, number];
}

function outlines(glyf: Uint8Array): (glyph: number) => OutlinePoint[][] {
  const glyphs = readGlyphs(glyf);
  const contoursOf = (at: number, depth = 0): OutlinePoint[][] => {
    const glyph = glyphs[at];
    if (!glyph || depth > 8) return [];
    if ('contours' in glyph) return glyph.contours;
    return glyph.parts.flatMap(({ glyph: part, matrix: [a, b, c, d, e, f] }) =>
      contoursOf(part, depth + 1).map((contour) =>
        contour.map(({ x, y, on }) => ({
          x: Math.round(a * x + c * y + e),
          y: Math.round(b * x + d * y + f),
          on,
        })),
      ),
    );
  };
  return (glyph) => contoursOf(glyph);
}

function readGlyphs(glyf: Uint8Array): Glyph[] {
  const head = new Reader(glyf, 4);
  const count = head.u16();
  head.at = 8;
  const sizes = Array.from({ length: 7 }, () => head.u32());
  let at = head.at;
  const [contours, points, flags, glyph, composite] = sizes.map((size) => {
    at += size;
    return new Reader(glyf, at - size);
  });
  return Array.from({ length: count }, (): Glyph => {
    const many = contours.i16();
    if (many === 0) return { contours: [] };
    if (many < 0) {
      const { parts, hasProgram } = readParts(composite);
      if (hasProgram) glyph.packed();
      return { parts };
    }
    const lengths = Array.from({ length: many }, () => points.packed());
    let [x, y] = [0, 0];
    const read = lengths.map((length) =>
      Array.from({ length }, () => {
        const flag = flags.u8();
        const [dx, dy] = triplet(flag & 127, glyph);
        [x, y] = [x + dx, y + dy];
        return { x, y, on: flag < 128 };
      }),
    );
    // The length of a program for small sizes, which lies elsewhere.
    glyph.packed();
    return { contours: read };
  });
}

/** The way to a point, in one to four bytes. */
function triplet(flag: number, glyph: Reader): [dx: number, dy: number] {
  const signed = (bits: number, value: number) => (bits & 1 ? value : -value);
  const first = glyph.u8();
  if (flag < 10) return [0, signed(flag, ((flag & 14) << 7) + first)];
  if (flag < 20) return [signed(flag, (((flag - 10) & 14) << 7) + first), 0];
  if (flag < 84) {
    const rest = flag - 20;
    const dx = 1 + (rest & 48) + (first >> 4);
    return [signed(flag, dx), signed(flag >> 1, 1 + ((rest & 12) << 2) + (first & 15))];
  }
  const second = glyph.u8();
  if (flag < 120) {
    const rest = flag - 84;
    const dx = 1 + (Math.floor(rest / 12) << 8) + first;
    return [signed(flag, dx), signed(flag >> 1, 1 + (((rest % 12) >> 2) << 8) + second)];
  }
  const third = glyph.u8();
  if (flag < 124)
    return [signed(flag, (first << 4) + (second >> 4)), signed(flag >> 1, ((second & 15) << 8) + third)];
  return [signed(flag, (first << 8) + second), signed(flag >> 1, (third << 8) + glyph.u8())];
}

const F2DOT14 = 1 / 16_384;

function readParts(composite: Reader): { parts: Part[]; hasProgram: boolean } {
  const parts: Part[] = [];
  for (;;) {
    const flags = composite.u16();
    const glyph = composite.u16();
    const signed8 = () => (composite.u8() << 24) >> 24;
    const [e, f] = flags & 1 ? [composite.i16(), composite.i16()] : [signed8(), signed8()];
    const scale = () => composite.i16() * F2DOT14;
    let [a, b, c, d] = [1, 0, 0, 1];
    if (flags & 8) {
      a = scale();
      d = a;
    } else if (flags & 64) [a, d] = [scale(), scale()];
    else if (flags & 128) [a, b, c, d] = [scale(), scale(), scale(), scale()];
    // Where points are to meet in place of an offset, none is given.
    parts.push({ glyph, matrix: flags & 2 ? [a, b, c, d, e, f] : [a, b, c, d, 0, 0] });
    if (!(flags & 32)) return { parts, hasProgram: (flags & 256) !== 0 };
  }
}
