import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkGlossary, filesWithTexts, rulesOf } from '../../lint/glossary.ts';

const PROJECT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tessera-glossary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GLOSSARY =
  '## What users read\n\n| say | not |\n|---|---|\n| continues | goes on; go on |\n| reported | stated |\n\n## More\n\n| a | b |\n';

function findings(files: Record<string, string>): string[] {
  for (const [path, text] of Object.entries({ 'docs/glossary.md': GLOSSARY, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return checkGlossary(
    folder,
    Object.keys(files).filter((path) => path.startsWith('src/')),
  );
}

it('reads the table of its heading alone, and refuses a page without one', () => {
  expect(rulesOf(GLOSSARY)).toEqual([
    { say: 'continues', not: 'goes on' },
    { say: 'continues', not: 'go on' },
    { say: 'reported', not: 'stated' },
  ]);
  expect(() => rulesOf('# Glossary\n')).toThrow('no table');
  expect(rulesOf(readFileSync(join(PROJECT, 'docs/glossary.md'), 'utf8')).length).toBeGreaterThan(20);
});

it('finds what is not said, in tags, attributes, texts and templates, whatever stands between its words', () => {
  const found = findings({
    'src/renderer/A.tsx': `const a = <p title="It goes on">\n  The training goes\n  on.</p>;`,
    'src/main/b.ts': `const b = \`the run \${name}\n goes on\`;\nconst c = 'As stated';`,
  });
  expect(found.map((finding) => finding.replace(/ in .*say/, ' say'))).toEqual([
    'src/renderer/A.tsx:1: "goes on" say "continues" (docs/glossary.md)',
    'src/renderer/A.tsx:1: "goes on" say "continues" (docs/glossary.md)',
    'src/main/b.ts:1: "goes on" say "continues" (docs/glossary.md)',
    'src/main/b.ts:3: "stated" say "reported" (docs/glossary.md)',
  ]);
});

it('is silent on code, comments, classes, imports, keys, queries and parts of words', () => {
  const found = findings({
    'src/renderer/C.tsx': `import x from './goes on';
/** It goes on. */
const stated = { stated: 1, 'stated': 2 };
type T = 'it goes on';
const a = <p className="stated wide" data-state="go on">unstated, stated-of and stated.json</p>;
const b = is('stated') || 'SELECT stated FROM runs' || 'where stated = 1';`,
  });
  expect(found).toEqual([]);
});

it('the program says what the glossary says', () => {
  expect(checkGlossary(PROJECT, filesWithTexts(PROJECT))).toEqual([]);
});
