import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

const folder = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');
const path = join(folder, 'llama-a.json');

test.skipIf(!existsSync(path))(
  'llama: every output, gradient and step agrees with the reference (set TESSERA_GOLDEN where it is not found)',
  async () => {
    const given = JSON.parse(readFileSync(path, 'utf8'));
    const { errors, pass } = await checkFixture(given);
    expect(Object.entries(errors).filter(([, error]) => error > 2e-5)).toEqual([]);
    const compared = Object.keys(errors);
    for (const parameter of Object.keys(given.params)) {
      expect(compared).toContain(`grads.${parameter}`);
      expect(compared).toContain(`adamw.params_after_1.${parameter}`);
    }
    for (const output of ['rope_cos', 'rope_sin', 'embedding', 'blocks.1', 'final_norm', 'logits', 'loss']) {
      expect(compared).toContain(`outputs.${output}`);
    }
    expect(compared).toContain('adamw.loss_trace');
    expect(pass).toBe(true);
  },
);
