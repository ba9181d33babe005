import { expect, it } from 'vitest';
import type { Measurement } from '../../../core/api/models.ts';
import { UserError } from '../../../core/errors.ts';
import type { CountedStudy, StudyPoint } from '../../../core/studies/analysis.ts';
import { measureStudy } from './study-probes.ts';

const FLOPS = [10, 30, 90, 900];

/** Four sizes on half and all of the users; the last one keeps more than the machine has. */
function counted(): CountedStudy {
  const spec: CountedStudy['spec'] = {
    model: 'sasrec',
    overrides: {},
    shares: [0.5, 1],
    seeds: [1],
    device: 'cpu',
    threads: 1,
    sizes: FLOPS.map((_, at) => ({ label: `size ${at}`, config: {} })),
    dataset: { id: 'd', name: 'd', fingerprint: 'f' },
  };
  const cells = FLOPS.flatMap((flops, size) =>
    spec.shares.map((share) => ({ size, share, flops: flops * share, seed: 1 })),
  );
  const points = cells.map(
    ({ flops, ...cell }): StudyPoint => ({
      ...cell,
      flops,
      label: `size ${cell.size}`,
      model: 'sasrec',
      run: null,
      positions: 1,
      parameters: 1,
      nonEmbedding: 1,
      seconds: null,
      crossEntropy: null,
      ndcg: null,
      stateBytes: cell.size === 3 ? 1001 : 11,
    }),
  );
  return {
    spec,
    points,
    cells: cells.map(({ flops: _, ...cell }) => ({
      cell,
      model: 'sasrec',
      config: { size: cell.size, share: cell.share },
    })),
  };
}

const measurement = (seconds: number | null): Measurement => ({
  device: 'cpu',
  parameters: 1,
  seconds,
  validated: true,
  finished: false,
  memoryBytes: 50,
});

it('tries what fits, scales the rest by its arithmetic, and counts the smaller shares as less', async () => {
  const tried: unknown[] = [];
  const estimate = await measureStudy(
    {
      measure: async ({ config }) => {
        tried.push(config.share);
        if (config.size === 1) throw new UserError('no such device');
        return measurement(config.size === 0 ? 5 : 60);
      },
    },
    counted(),
    { memory: 500 },
  );
  // The whole data once a size, and never what does not fit.
  expect(tried).toEqual([1, 1, 1]);
  expect(estimate.sizes.map(({ basis, seconds, memoryBytes }) => [basis, seconds, memoryBytes])).toEqual([
    ['measured', 5, 50],
    ['scaled', 20, 11],
    ['measured', 60, 50],
    ['scaled', 600, 1001],
  ]);
  expect(estimate.sizes[1].note).toBe('no such device; scaled from size 2 by FLOP');
  expect(estimate.seconds).toBeCloseTo(1.5 * (5 + 20 + 60 + 600), 6);
  expect(estimate.memoryBytes).toBe(1001);
});

it('scales from the measured size with the most arithmetic, wherever it stands among the sizes', async () => {
  const study = counted();
  // As after a wide base comes a narrow one of another model.
  const flops = [90, 30, 10, 900];
  const points = study.points.map((point) => ({ ...point, flops: flops[point.size] * point.share }));
  const measure = async ({ config }: { config: Record<string, unknown> }) =>
    measurement(config.size === 0 ? 60 : 5);
  const estimate = await measureStudy({ measure }, { ...study, points }, { memory: 500 });
  expect(estimate.sizes[3]).toMatchObject({ basis: 'scaled', seconds: 600 });
});

it('knows nothing where nothing could be measured', async () => {
  const estimate = await measureStudy({ measure: async () => measurement(null) }, counted(), {
    memory: 5000,
  });
  expect(estimate.seconds).toBeNull();
  expect(estimate.sizes.map(({ basis }) => basis)).toEqual(Array(4).fill('unknown'));
});
