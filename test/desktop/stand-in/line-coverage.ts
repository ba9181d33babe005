import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Covered {
  result: {
    url: string;
    functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
  }[];
}

/**
 * Which lines of a folder's files any process has run, by what V8 has written into `reports` (NODE_V8_COVERAGE). Types are stripped
 * in place, so that its offsets are those of the sources. Blank lines and comments do not count.
 */
export function lineCoverage(
  reports: string,
  folder: string,
): { covered: number; lines: number; missing: string[] } {
  const files = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const sources = new Map(
    files.map((name) => [pathToFileURL(join(folder, name)).href, readFileSync(join(folder, name), 'utf8')]),
  );
  const ran = new Map([...sources].map(([url, text]) => [url, new Uint8Array(text.length)]));
  for (const name of readdirSync(reports)) {
    const { result } = JSON.parse(readFileSync(join(reports, name), 'utf8')) as Covered;
    for (const { url, functions } of result) {
      const all = ran.get(url.replace(/\?.*$/, ''));
      if (!all) continue;
      // Inner ranges stand behind those around them.
      const here = new Uint8Array(all.length);
      for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
        here.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      }
      for (const [at, count] of here.entries()) all[at] ||= count;
    }
  }
  let [covered, lines] = [0, 0];
  const missing: string[] = [];
  for (const [url, text] of sources) {
    let start = 0;
    for (const [number, line] of text.split('\n').entries()) {
      const end = start + line.length;
      if (!/^\s*($|\/\/|\/?\*)/.test(line)) {
        lines++;
        if (
          ran
            .get(url)
            ?.subarray(start, end)
            .some((count) => count > 0)
        )
          covered++;
        else missing.push(`${url.replace(/.*\//, '')}:${number + 1}`);
      }
      start = end + 1;
    }
  }
  return { covered, lines, missing };
}
