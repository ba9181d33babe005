import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { firstText, linesOf } from '../../files/lines.ts';
import { asNoRoom } from '../duck.ts';

/**
 * Amazon's metadata of 2014 has one Python dict a line where JSON is expected. Returns `path` when the file is JSON
 * already, else the path of a converted copy at `target`; a line that is no dict is copied as it is.
 */
export async function metaToJson(path: string, target: string, signal?: AbortSignal): Promise<string> {
  if (!/^\s*\{\s*'/.test(firstText(path))) return path;
  async function* converted() {
    for await (const line of linesOf(path)) yield `${pythonToJson(line)}\n`;
  }
  try {
    await pipeline(Readable.from(converted()), createWriteStream(target), { signal });
  } catch (error) {
    throw asNoRoom(error, target);
  }
  return target;
}

const TOKENS = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\b(None|True|False|nan)\b/g;
const WORDS: Record<string, string> = { None: 'null', True: 'true', False: 'false', nan: 'null' };
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', "'": "'", '"': '"', '\\': '\\' };

/** One Python literal of dicts, lists, strings, numbers, None and booleans as JSON. */
export function pythonToJson(line: string): string {
  return line.replaceAll(TOKENS, (whole, single?: string, double?: string, word?: string) => {
    if (word !== undefined) return WORDS[word] ?? whole;
    const text = (single ?? double ?? '').replaceAll(
      /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g,
      (found: string, code: string) =>
        code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? found),
    );
    return JSON.stringify(text);
  });
}
