import { closeSync, createReadStream, createWriteStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asNoRoom } from '../duck.ts';

/**
 * Amazon's metadata of 2014 has one Python dict a line where JSON is expected. Returns `path` when the file is JSON
 * already, else the path of a converted copy at `target`; a line that is no dict is copied as it is.
 */
export async function metaToJson(path: string, target: string, signal?: AbortSignal): Promise<string> {
  const start = Buffer.alloc(64);
  const file = openSync(path, 'r');
  readSync(file, start, 0, start.length, 0);
  closeSync(file);
  if (!/^\s*\{\s*'/.test(start.toString('latin1'))) return path;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  async function* converted() {
    for await (const line of lines) yield `${pythonToJson(line)}\n`;
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
