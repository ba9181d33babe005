/** Reads a PDF of this program back: what its pages draw and say. */
import { inflateSync } from 'node:zlib';

export interface ReadPage {
  /** Points of a printer. */
  size: [width: number, height: number];
  /** The operators that paint something: fills, strokes and both, without letters. */
  painted: number;
  /** Each text that was shown as one, in order. */
  texts: string[];
}

function ascii85(text: string): Buffer {
  const bytes: number[] = [];
  let group: number[] = [];
  const flush = (count: number) => {
    const value = [...group, 84, 84, 84, 84].slice(0, 5).reduce((sum, one) => sum * 85 + one, 0);
    bytes.push(...[24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).slice(0, count));
    group = [];
  };
  for (const letter of text.replaceAll(/\s/g, '').replace(/~>$/, '')) {
    if (letter === 'z') bytes.push(0, 0, 0, 0);
    else if (group.push(letter.charCodeAt(0) - 33) === 5) flush(4);
  }
  if (group.length > 0) flush(group.length - 1);
  return Buffer.from(bytes);
}

export function readPdf(text: string): { pages: ReadPage[]; title: string; fonts: Buffer[] } {
  const objects = new Map<string, string>();
  const start = Number(/startxref\n(\d+)/.exec(text)?.[1]);
  const places = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, place]) => Number(place));
  // Through the table of places, as readers go.
  for (const [at, place] of places.entries()) {
    const [, number, body] = /^(\d+) 0 obj\n([\s\S]*?)\nendobj/.exec(text.slice(place)) ?? [];
    if (Number(number) !== at + 1) throw new Error(`object ${at + 1} is not where its table says`);
    objects.set(`${at + 1} 0 R`, body);
  }
  const streamOf = (place: string): Buffer => {
    const [, length, packed] =
      /\/Length (\d+) >>\nstream\n([\s\S]*)\nendstream/.exec(objects.get(place) ?? '') ?? [];
    if (packed?.length !== Number(length)) throw new Error(`the stream ${place} is not as long as it says`);
    return inflateSync(ascii85(packed));
  };
  const entry = (body: string, key: string) => new RegExp(`/${key} (\\d+ 0 R)`).exec(body)?.[1] ?? '';
  const utf16 = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  const bodies = [...objects.values()];
  const fonts = bodies.flatMap((body) =>
    body.includes('/FontFile2') ? [streamOf(entry(body, 'FontFile2'))] : [],
  );
  const letters = (font: string) => {
    const map = streamOf(entry(objects.get(font) ?? '', 'ToUnicode')).toString();
    return new Map(
      [...map.matchAll(/<(\w{4})> <(\w+)>/g)].map(([, glyph, letter]) => [glyph, utf16(letter)]),
    );
  };
  const pages = bodies
    .filter((body) => body.includes('/Type /Page '))
    .map((body): ReadPage => {
      const content = streamOf(entry(body, 'Contents')).toString();
      const known = objects.get(entry(body, 'Font')) ?? '';
      const maps = new Map(
        [...known.matchAll(/\/(F\d+) (\d+ 0 R)/g)].map(([, name, font]) => [name, letters(font)]),
      );
      const [width, height] = (/MediaBox \[0 0 (\S+) (\S+)\]/.exec(body) ?? []).slice(1).map(Number);
      const shown = [...content.matchAll(/BT ([012]) Tr [\s\S]*?ET/g)].filter(([, mode]) => mode !== '1');
      return {
        size: [width, height],
        painted: [...content.matchAll(/^(f|S|B)$/gm)].length,
        texts: shown.map(([block]) =>
          [...block.matchAll(/\/(F\d+) \S+ Tf <(\w+)> Tj/g)]
            .flatMap(([, font, hex]) =>
              (hex.match(/\w{4}/g) ?? []).map((glyph) => maps.get(font)?.get(glyph)),
            )
            .join(''),
        ),
      };
    });
  return { pages, title: utf16(/\/Title <feff(\w*)>/.exec(text)?.[1] ?? ''), fonts };
}
