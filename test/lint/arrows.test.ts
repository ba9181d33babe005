import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkArrows } from '../../lint/arrows.ts';
import { rules } from '../../lint/rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-arrows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Findings in a tree of these files. */
function findings(name: string, files: Record<string, string>): string[] {
  const project = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return checkArrows(project);
}

const main = 'src/main/cli/start.ts';

it('finds circles of types and of values, and lets lazy imports close one', () => {
  const found = findings('circles', {
    [main]: "import '../../core/a.ts';\nimport '../../core/c.ts';",
    'src/core/a.ts': "import type { B } from './b.ts';\nexport type A = B;",
    'src/core/b.ts': "export type { A as B } from './a.ts';",
    'src/core/c.ts': "export const d = () => import('./d.ts');",
    'src/core/d.ts': "export { d } from './c.ts';",
  });
  expect(found).toEqual(['import cycle: src/core/a.ts -> src/core/b.ts']);
});

it('finds files that nothing imports', () => {
  expect(findings('orphans', { [main]: '', 'src/core/left.ts': 'export const left = 1;' })).toEqual([
    expect.stringContaining('src/core/left.ts: nothing imports it'),
  ]);
});

it('follows what the window loads to the package that it cannot have, types aside', () => {
  const found = findings('window', {
    'src/renderer/main.tsx': "import '../core/api/contract.ts';",
    'src/core/api/contract.ts':
      "import { b } from '../b.ts';\nimport type { C } from '../c.ts';\nexport const a = (c: C) => b(c);",
    'src/core/b.ts': "import fs from 'node:fs';\nexport const b = (x: unknown) => fs.existsSync(String(x));",
    'src/core/c.ts': "import { Database } from 'better-sqlite3';\nexport type C = Database;",
  });
  expect(found).toEqual(['the window loads node:fs: src/core/api/contract.ts -> src/core/b.ts -> node:fs']);
});

it('finds by which way a trainer would look for devices in other processes', () => {
  const [trainer, checks] = ['src/main/workers/trainer.ts', 'src/core/engine/devices/checks.ts'];
  const found = findings('trainer', {
    [trainer]: "import '../../core/a.ts';",
    'src/core/a.ts': "export const a = () => import('./engine/devices/checks.ts');",
    [checks]: "import { fork } from 'node:child_process';",
  });
  expect(found).toEqual([`a worker loads ${checks}: ${trainer} -> src/core/a.ts -> ${checks}`]);
});

it("finds what holds up the hub's thread, whatever it is called by", () => {
  const hub = (name: string) => `src/main/hub/${name}.ts`;
  const found = findings('hub', {
    [main]: ['hub/a', 'services/b', 'hub/c', 'hub/uploads', 'services/analysis/d']
      .map((path) => `import '../${path}.ts';`)
      .join('\n'),
    [hub('a')]:
      "import { rmSync } from 'node:fs';\nimport { rm } from 'node:fs/promises';\nrmSync('x');\nawait rm('x');",
    'src/main/services/b.ts': "import process from 'node:child_process';\nprocess.execFileSync('git');",
    [hub('c')]: 'export const names = (store: Store) => store.runs\n  .list().map(({ name }) => name);',
    [hub('uploads')]: "import { mkdirSync, rmSync } from 'node:fs';",
    'src/main/services/analysis/d.ts': "import { rmSync } from 'node:fs';",
    'src/core/d.ts': "import { rmSync } from 'node:fs';",
    'src/main/cli/program.ts': "import '../../core/d.ts';",
  }).filter((finding) => / (uses|lists) /.test(finding));
  expect(found.map((finding) => finding.split(':')[0])).toEqual([
    `${hub('a')} uses rmSync`,
    `${hub('c')} lists all runs`,
    'src/main/services/b.ts uses execFileSync',
  ]);
});

it('finds who asks the real clock where a test may be the clock', () => {
  const found = findings('clock', {
    'src/main/executors/a.ts': 'export const a = Date.now();',
    'src/main/executors/b.ts': 'export const b = clock.now();',
    'src/core/store/runs/runs.ts': 'export const c = setTimeout(work, 5);',
    'src/core/store/runs/run-id.ts': 'export const d = 1;',
  }).filter((finding) => /clock/.test(finding));
  expect(found.map((finding) => finding.split(':')[0])).toEqual([
    'src/core/store/runs/run-id.ts asks no clock',
    'src/main/executors/a.ts uses Date.now',
  ]);
});

/** One import that breaks each rule. */
const broken: Record<string, [from: string, to: string]> = {
  'core-knows-no-shell': ['src/core/a.ts', 'src/main/b.ts'],
  'the-contract-is-the-top-floor': ['src/core/a.ts', 'src/core/api/b.ts'],
  'renderer-sees-only-the-contract': ['src/renderer/a.ts', 'src/core/b.ts'],
  'a-page-answers-from-what-it-holds': ['src/page/a.ts', 'src/core/store/b.ts'],
  'plot-is-loaded-to-draw': ['src/core/a.ts', 'src/core/figures/draw.ts'],
  'tensorflow-is-loaded-in-one-place': ['src/core/training/a.ts', 'npm:@tensorflow/tfjs'],
  'engine-knows-no-recommenders': ['src/core/engine/a.ts', 'src/core/data/b.ts'],
  'layers-use-only-the-engine': ['src/core/layers/a.ts', 'src/core/data/b.ts'],
  'decoders-know-no-families': ['src/core/decoders/a.ts', 'src/core/families/b.ts'],
  'data-knows-no-models': ['src/core/data/a.ts', 'src/core/training/b.ts'],
  'evaluation-knows-no-models': ['src/core/evaluation/a.ts', 'src/core/families/b.ts'],
  'math-and-files-are-the-ground': ['src/core/math/a.ts', 'src/core/layers/b.ts'],
  'content-knows-no-models': ['src/core/content/a.ts', 'src/core/training/b.ts'],
  'semantic-ids-know-no-models': ['src/core/semantic-ids/a.ts', 'src/core/families/b.ts'],
  'store-knows-no-models': ['src/core/store/a.ts', 'src/core/studies/b.ts'],
  'studies-write-no-reports': ['src/core/studies/a.ts', 'src/core/documents/b.ts'],
  'foreign-measures-what-others-made': ['src/core/foreign/a.ts', 'src/core/store/b.ts'],
  'training-names-no-family': ['src/core/training/a.ts', 'src/core/families/b.ts'],
  'a-family-knows-no-other': ['src/core/families/one/a.ts', 'src/core/families/two/b.ts'],
  'a-family-lists-its-models-once': ['src/core/families/one/a.ts', 'src/core/families/one/models/b.ts'],
  'families-are-reached-through-the-registry': ['src/core/families/a.ts', 'src/core/families/one/b.ts'],
  'families-store-nothing': ['src/core/families/one/a.ts', 'src/core/store/b.ts'],
  'hub-and-analyst-are-apart': ['src/main/hub/a.ts', 'src/main/analyst/b.ts'],
  'analyst-and-hub-are-apart': ['src/main/analyst/a.ts', 'src/main/hub/b.ts'],
  'services-know-no-process': ['src/main/services/a.ts', 'src/main/hub/b.ts'],
  'the-hub-asks-for-analysis': ['src/main/services/runs/a.ts', 'src/main/services/analysis/b.ts'],
  'processes-know-no-shell': ['src/main/services/a.ts', 'src/main/cli/b.ts'],
  'no-screen-knows-another': ['src/renderer/screens/one/a.ts', 'src/renderer/screens/two/b.ts'],
  'state-has-an-owner': ['src/renderer/a.ts', 'npm:zustand'],
  'the-kit-knows-no-room': ['src/renderer/components/a.ts', 'src/renderer/app/b.ts'],
};

it.each(rules)('$name', ({ name, typesAllowed = false }) => {
  const [from, to] = broken[name] ?? ['src/core/a.ts', 'npm:electron'];
  const [, bare] = /^npm:(.*)/.exec(to) ?? [];
  const path = bare ?? `./${'../'.repeat(from.split('/').length - 1)}${to}`;
  for (const keyword of ['import', 'import type']) {
    const files = { [from]: `${keyword} { B } from '${path}';\nexport type A = B;` };
    const tree = bare ? files : { ...files, [to]: 'export type B = string;' };
    const isFound = findings(join(name, keyword), tree).some((finding) =>
      finding.startsWith(`${name}: ${from} imports`),
    );
    expect([keyword, isFound]).toEqual([keyword, keyword === 'import' || !typesAllowed]);
  }
});
