import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { actionsIn, shortcutsOf } from '../../docs/keys.ts';

const PROJECT = join(import.meta.dirname, '../..');

it('reads actions that are written out, spread or made by a function of the file, with what is known of their labels', () => {
  const found = actionsIn(
    'a.tsx',
    `const action = (id: string, label: string, shortcut: string | undefined): Action => ({ id, label: \`\${label} it\`, shortcut });
    const one = action('x', 'Open', 'o');
    const none = action('y', 'Close', undefined);
    const two: Action = { ...{ id: 'z', label: off ? 'Begin' : 'Pause', shortcut: 'Mod+P' }, perform: () => {} };
    const three = { id: 'q', label: \`Delete \${name}\`, shortcut: \`g \${key}\` };
    const four = <Row label={1} shortcut={shortcut} />;`,
  );
  expect(found).toEqual([
    { key: 'o', label: 'Open it' },
    { key: 'Mod+P', label: 'Begin / Pause' },
  ]);
});

it('finds a key in every file that gives one to an action', () => {
  const found = new Set(shortcutsOf(PROJECT).map(({ key }) => key));
  const files = globSync('src/renderer/**/*.{ts,tsx}', { cwd: PROJECT }).filter(
    (file) => !/\.test\./.test(file),
  );
  const given = files.flatMap((file) =>
    [...readFileSync(join(PROJECT, file), 'utf8').matchAll(/\bshortcut: '([^']+)'/g)].map(([, key]) => key),
  );
  expect(given.length).toBeGreaterThan(25);
  expect(given.filter((key) => !found.has(key))).toEqual([]);
});
