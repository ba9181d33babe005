import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';
import { nextItemChecks } from './tables/next-item.ts';
import { recboleChecks } from './tables/recbole.ts';

interface Fixture {
  model: string;
  params: Record<string, unknown>;
  outputs: Record<string, unknown>;
  bpr_loss_variant?: { grads: Record<string, { data: number[] }> };
}

const own = join(import.meta.dirname, '../../../test/golden');
/** Fixtures that are no part of the project. */
const published = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');

/** The fixture, the largest error, the optimiser's block, and fields that are compared besides those of every model. */
const cases: [path: string, limit: number, optimiser: string, others: string[]][] = [
  [join(own, 'sasrec-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'esasrec-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'hstu-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'fuxi-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'fuxi-beta-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'fuxi-linear-a.json'), 1e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'llamarec-a.json'), 2e-5, 'adamw', ['eval.candidate_scores']],
  [join(own, 'gru4rec-a.json'), 1e-5, 'adam', ['bpr_loss_variant.loss']],
  [join(own, 'narm-a.json'), 1e-5, 'adam', ['bpr_loss_variant.loss']],
  [join(own, 'bpr-a.json'), 1e-5, 'adam', []],
  [join(own, 'liger-a.json'), 1e-5, 'adamw', []],
  [join(own, 'rpg-a.json'), 1e-5, 'adamw', []],
  [join(published, 'llama-a.json'), 2e-5, 'adamw', ['outputs.blocks.1', 'outputs.rope_sin']],
  [join(published, 't5-a.json'), 1e-5, 'adamw', ['outputs.bucket_causal_-200..200']],
];

const read = (path: string): Fixture => JSON.parse(readFileSync(path, 'utf8'));

/** Paths of a fixture's outputs; the positives of next-item models are an input of ours. */
function pathsOf(outputs: Fixture['outputs']): string[] {
  return Object.entries(outputs).flatMap(([name, value]) => {
    if (name === 'positives') return [];
    const list = Array.isArray(value) && typeof value[0] === 'object' ? value : null;
    return list ? list.map((_, i) => `outputs.${name}.${i}`) : [`outputs.${name}`];
  });
}

for (const [path, limit, optimiser, others] of cases) {
  test.skipIf(!existsSync(path))(`${basename(path)}: every output, gradient and step agrees`, async () => {
    const fixture = read(path);
    const { errors, ...result } = await checkFixture(fixture);
    expect(Object.entries(errors).filter(([, error]) => error > limit)).toEqual([]);
    const compared = Object.keys(errors);
    const outputs = compared.filter((field) => field.startsWith('outputs.'));
    expect(outputs.toSorted()).toEqual(pathsOf(fixture.outputs).toSorted());
    for (const parameter of Object.keys(fixture.params)) {
      expect(compared).toContain(`grads.${parameter}`);
      expect(compared).toContain(`${optimiser}.params_after_1.${parameter}`);
      if (fixture.bpr_loss_variant) expect(compared).toContain(`bpr_loss_variant.grads.${parameter}`);
    }
    expect(compared).toEqual(expect.arrayContaining([`${optimiser}.loss_trace`, ...others]));
    expect(result).toMatchObject({ model: fixture.model, pass: true });
  });
}

test.each(['gru4rec', 'narm'])('%s: a wrong gradient of the second loss is found', async (model) => {
  const changed = read(join(own, `${model}-a.json`));
  const [first] = Object.values(changed.bpr_loss_variant?.grads ?? {});
  first.data[first.data.length - 1] += 0.01 * Math.max(...first.data.map(Math.abs));
  const result = await checkFixture(changed);
  expect(result).toMatchObject({ pass: false, maxError: { gradients: expect.closeTo(0.01, 3) } });
});

test('every table of next-item models is tested', () => {
  for (const model of Object.keys({ ...nextItemChecks, ...recboleChecks })) {
    expect(cases.map(([path]) => basename(path))).toContain(`${model}-a.json`);
  }
});
