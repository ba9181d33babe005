import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lists } from '../../docs/generate.ts';

it('docs/lists.md names every model, command, screen, procedure and report format: npm run docs', async () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/lists.md'), 'utf8')).toBe(await lists());
});
