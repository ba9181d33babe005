import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkRunNames, filesOfWindow, rawNames } from '../../lint/run-names.ts';

const PROJECT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tessera-run-names-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['in a tag', 'const a = <b>{run.name}</b>;'],
  ['in an attribute', 'const a = <b title={page.run.name} />;'],
  ['in a text', `const a = \`Cancel \${rows[0].run.name}?\`;`],
  ['taken out of one', 'const { id, name } = run;'],
  ['taken out of one of a page', 'const { name } = page.run;'],
  ['given to a function', 'function cancel({ id, name }: OwnRun) {}'],
  ['given in part', "const cancel = ({ name }: Pick<RunRecord, 'id' | 'name'>) => name;"],
])('finds a raw name %s', (_, text) => {
  expect(rawNames('a.tsx', `// One line.\n${text}`)).toEqual([2]);
});

it.each([
  'const a = <b>{nameAlone(run)} on {run.dataset.name}</b>;',
  'const a = <b>{project.name}</b>;',
  'const { id } = run;',
  'const { name } = dataset;',
  'function open({ name }: DatasetSummary) {}',
  'type Named = { run: { name: string } };',
])('leaves alone %s', (text) => {
  expect(rawNames('a.tsx', text)).toEqual([]);
});

it('says the way out, and which exception nobody needs any more', () => {
  const files = {
    'src/renderer/a.tsx': 'export const A = ({ run }: { run: OwnRun }) => <b>{run.name}</b>;',
    'src/renderer/b.tsx': 'export const B = ({ run }: { run: OwnRun }) => <b>{nameAlone(run)}</b>; // a name',
    'src/renderer/c.tsx': 'export const file = (run: OwnRun) => run.name;',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const allowed = { 'src/renderer/b.tsx': 'no more', 'src/renderer/c.tsx': 'the name of a file' };
  expect(checkRunNames(folder, Object.keys(files), allowed)).toEqual([
    expect.stringMatching(/^src\/renderer\/a\.tsx:1: the raw name of a run: show nameOf/),
    'src/renderer/b.tsx prints no raw name: take it out of lint/run-names.ts',
  ]);
});

it('the window prints no raw name of a run', () => {
  expect(checkRunNames(PROJECT, filesOfWindow(PROJECT))).toEqual([]);
});
