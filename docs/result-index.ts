/** Writes the index of docs/results.md: every heading of the pages in its table, in their order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'docs/results.md';

/** As GitHub makes the anchor of a heading. */
export const slug = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

/** A page without its blocks of code. */
export const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** What stands above the first heading is kept; old links to a heading of this page find their way. */
export function resultIndex(project: string): [path: string, text: string] {
  const [head] = readFileSync(join(project, PAGE), 'utf8').split('\n## ', 1);
  const pages = [...head.matchAll(/^\| \[([^\]]+)\]\(([^)]+)\)/gm)];
  const sections = pages.map(([, title, page]) => {
    const text = readFileSync(join(project, 'docs', page), 'utf8');
    const lines = [...prose(text).matchAll(/^(##|###) (.*)$/gm)].map(([, level, heading]) => {
      const at = slug(heading);
      return `${level === '##' ? '' : '  '}- <a id="${at}"></a>[${heading}](${page}#${at})\n`;
    });
    return `\n## ${title}\n\n${lines.join('')}`;
  });
  return [PAGE, `${head.trimEnd()}\n${sections.join('')}`];
}
