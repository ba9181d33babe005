import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { loadModel } from './load-model.ts';
import { models } from './registry.ts';

it('finds every model of the registry in its own family, and names them all where there is none', async () => {
  for (const { id, family, task } of models) expect(await loadModel(id)).toMatchObject({ id, family, task });
  await expect(loadModel('none')).rejects.toMatchObject({
    details: { code: 'unknown-model', fix: expect.stringContaining(models.map(({ id }) => id).join(', ')) },
  });
});

const SCRIPT = `
import { registerHooks } from 'node:module';
const families = new Set();
registerHooks({
  load(url, context, next) {
    const family = /core\\/families\\/([^/]+)\\//.exec(url)?.[1];
    if (family) families.add(family);
    return next(url, context);
  },
});
await import(process.argv[1]);
await (await import(process.argv[2])).loadModel('dlrm');
process.stdout.write([...families].join(), () => process.exit(0));
`;

it('a trainer loads no family but that of its model', () => {
  const files = ['../../main/workers/trainer.ts', 'load-model.ts'].map(
    (file) => pathToFileURL(join(import.meta.dirname, file)).href,
  );
  const args = ['--input-type=module', '-e', SCRIPT, ...files];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('clicks');
});
