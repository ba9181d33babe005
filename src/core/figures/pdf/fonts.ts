/** The typeface of figures inside a PDF: the letters that it uses, embedded, so that every reader and every printer has them. */
import { createHash } from 'node:crypto';
import { type PdfFile, pdfNumber, type Reference } from './pdf-file.ts';
import { trueTypeOf } from './true-type.ts';
import type { Typeface } from './woff2.ts';

/** A stretch of a text in one of the parts of the typeface. */
export interface TextRun {
  /** As the content of a page names it. */
  font: string;
  /** Numbers of glyphs, as two bytes each. */
  hex: string;
}

/** What a letter is set from. */
interface Letter {
  part: number;
  glyph: number;
}

/** In thousandths of the size of the letters. */
const THOUSAND = 1000;
const hex16 = (value: number) => value.toString(16).padStart(4, '0');

export class Fonts {
  readonly #parts: readonly Typeface[];
  /** By part: its glyphs in the order of their first use, with the character of each. */
  readonly #used: Map<number, string>[];
  readonly #known = new Map<string, Letter>();
  /** Letters that no part has. */
  readonly missing = new Set<string>();

  /** `parts`: of one typeface, each for some letters. */
  constructor(parts: readonly Typeface[]) {
    this.#parts = parts;
    this.#used = parts.map(() => new Map([[0, '\ufffd']]));
  }

  /** In the size 1. */
  widthOf(text: string): number {
    let width = 0;
    for (const letter of text) {
      const { part, glyph } = this.#letter(letter);
      width += this.#parts[part].widthOf(glyph) / this.#parts[part].unitsPerEm;
    }
    return width;
  }

  runsOf(text: string): TextRun[] {
    const runs: TextRun[] = [];
    for (const letter of text) {
      const { part, glyph } = this.#letter(letter);
      const used = this.#used[part];
      if (!used.has(glyph)) used.set(glyph, letter);
      const hex = hex16([...used.keys()].indexOf(glyph));
      const [font, last] = [`F${part}`, runs.at(-1)];
      if (last?.font === font) last.hex += hex;
      else runs.push({ font, hex });
    }
    return runs;
  }

  #letter(letter: string): Letter {
    const known = this.#known.get(letter);
    if (known) return known;
    const code = letter.codePointAt(0) ?? 0;
    const part = this.#parts.findIndex((one) => one.glyphOf(code) > 0);
    if (part < 0) this.missing.add(letter);
    const found = { part: Math.max(0, part), glyph: part < 0 ? 0 : this.#parts[part].glyphOf(code) };
    this.#known.set(letter, found);
    return found;
  }

  /** The dictionary of the fonts that were used. */
  write(file: PdfFile): string {
    const entries = this.#parts.flatMap((part, at) =>
      this.#used[at].size > 1 ? [`/F${at} ${fontOf(file, part, this.#used[at])}`] : [],
    );
    return `<< ${entries.join(' ')} >>`;
  }
}

function fontOf(file: PdfFile, typeface: Typeface, used: ReadonlyMap<number, string>): Reference {
  const glyphs = [...used.keys()];
  const program = trueTypeOf(typeface, glyphs);
  const scaled = (value: number) => pdfNumber((value * THOUSAND) / typeface.unitsPerEm);
  // Six letters tell it from other selections of the same typeface.
  const digest = createHash('sha256').update(program).digest();
  const tag = Array.from(digest.subarray(0, 6), (byte) => String.fromCharCode(65 + (byte % 26))).join('');
  const name = `/${tag}+IBMPlexSans`;
  const embedded = file.stream(`/Length1 ${program.length}`, program);
  const descriptor = file.add(
    `<< /Type /FontDescriptor /FontName ${name} /Flags 4 /FontBBox [${typeface.box.map(scaled).join(' ')}] ` +
      `/ItalicAngle 0 /Ascent ${scaled(typeface.ascent)} /Descent ${scaled(typeface.descent)} ` +
      `/CapHeight ${scaled(typeface.ascent)} /StemV 80 /FontFile2 ${embedded} >>`,
  );
  const widths = glyphs.map((glyph) => scaled(typeface.widthOf(glyph))).join(' ');
  const descendant = file.add(
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont ${name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> ` +
      `/FontDescriptor ${descriptor} /CIDToGIDMap /Identity /W [0 [${widths}]] >>`,
  );
  const letters = file.stream('', charactersOf([...used.values()]));
  return file.add(
    `<< /Type /Font /Subtype /Type0 /BaseFont ${name} /Encoding /Identity-H /DescendantFonts [${descendant}] /ToUnicode ${letters} >>`,
  );
}

/** At once at most. */
const ROWS = 100;

/** Says which character each glyph stands for, so that a text can be searched and copied. */
function charactersOf(characters: readonly string[]): string {
  const rows = characters.map(
    (character, at) => `<${hex16(at)}> <${Buffer.from(character, 'utf16le').swap16().toString('hex')}>`,
  );
  const blocks = Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, block) => {
    const some = rows.slice(block * ROWS, (block + 1) * ROWS);
    return `${some.length} beginbfchar\n${some.join('\n')}\nendbfchar`;
  });
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
}
