/** Every link of the documentation leads to a file that is there, and to a heading or an anchor in it. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { prose, slug } from '../../docs/result-index.ts';

const PROJECT = join(import.meta.dirname, '../..');

function anchorsOf(text: string): string[] {
  const headings = [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading));
  const numbered = headings.map((name, at) => {
    const before = headings.slice(0, at).filter((other) => other === name).length;
    return before === 0 ? name : `${name}-${before}`;
  });
  return [...numbered, ...[...text.matchAll(/<a id="([^"]*)">/g)].map(([, id]) => id)];
}

/** The links of a page that lead nowhere. */
function lost(page: string, text: string): string[] {
  const links = [
    ...prose(text)
      .replaceAll(/`[^`]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split('#');
    const file = path === '' ? page : resolve(dirname(page), path);
    if (!existsSync(file)) return true;
    const target = file === page ? text : anchor === undefined ? '' : readFileSync(file, 'utf8');
    return anchor !== undefined && !anchorsOf(target).includes(decodeURIComponent(anchor));
  });
}

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: PROJECT }).sort()];

it.each(pages)('the links of %s lead somewhere', (page) => {
  const file = join(PROJECT, page);
  expect(lost(file, readFileSync(file, 'utf8'))).toEqual([]);
});

it('finds a lost file, a lost anchor, and neither in code nor outside', () => {
  const page = join(PROJECT, 'docs/tour.md');
  const text =
    '# A b, c\n[1](keys.md) [2](no.md) [3](#a-b-c) [4](#no) [5](keys.md#no) [6](https://x.org/#y)\n`[7](no)`\n';
  expect(lost(page, text)).toEqual(['no.md', '#no', 'keys.md#no']);
});

it('every page can be reached from the README', () => {
  const reached = new Set([join(PROJECT, 'README.md')]);
  for (const page of reached) {
    if (!page.endsWith('.md')) continue;
    for (const [, link] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s#]+)/g)) {
      const file = resolve(dirname(page), link);
      if (existsSync(file)) reached.add(file);
    }
  }
  const inFolder = (page: string) => page.startsWith('docs/decisions/');
  expect(pages.filter((page) => !inFolder(page) && !reached.has(join(PROJECT, page)))).toEqual([]);
  expect([...reached].map((page) => relative(PROJECT, page))).toContain('docs/decisions');
});
