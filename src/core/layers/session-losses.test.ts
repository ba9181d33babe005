import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { float32, int32 } from '../engine/index.ts';
import { Random } from '../math/random.ts';
import { bprMaxLoss, sharedScores, sharedSoftmaxLoss } from './session-losses.ts';

const [rows, width, items, count] = [4, 3, 6, 5];
const options = { regularisation: 0.7, eluSlope: 0.5 };

interface Drawn {
  states: number[];
  vectors: number[];
  targets: number[];
  negatives: number[];
  logQ: number[];
}

/** The last row is padding: its weight is 0. */
const weights = [0.3, 0.5, 0.2, 0];

/** Both losses, one row and candidate after the other. */
function plain({ states, vectors, targets, negatives, logQ }: Drawn): { softmax: number; bprMax: number } {
  const score = (row: number, item: number) =>
    [0, 1, 2].reduce((sum, k) => sum + states[row * width + k] * vectors[item * width + k], 0);
  const elu = (x: number) => (x > 0 ? x : options.eluSlope * (Math.exp(x) - 1));
  let [softmax, bprMax] = [0, 0];
  for (let row = 0; row < rows - 1; row++) {
    const others = [...targets.slice(0, rows - 1), ...negatives].filter((item) => item !== targets[row]);
    const corrected = (item: number) => Math.exp(score(row, item) - logQ[item]);
    const all = others.reduce((sum, item) => sum + corrected(item), corrected(targets[row]));
    softmax -= weights[row] * Math.log(corrected(targets[row]) / all);
    const raised = others.map((item) => elu(score(row, item)));
    const norm = raised.reduce((sum, r) => sum + Math.exp(r), 0);
    const own = elu(score(row, targets[row]));
    const preferred = raised.reduce((sum, r) => sum + Math.exp(r) / norm / (1 + Math.exp(r - own)), 0);
    const penalty = raised.reduce((sum, r) => sum + (Math.exp(r) / norm) * r * r, 0);
    bprMax += weights[row] * (options.regularisation * penalty - Math.log(preferred));
  }
  return { softmax, bprMax };
}

test('sampled softmax with logQ and BPR-max are the sums of their papers', async () => {
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const executable = await device.compile({
    name: 'losses',
    state: {},
    inputs: {
      states: float32(rows, width),
      vectors: float32(items, width),
      targets: int32(rows),
      negatives: int32(count),
      weights: float32(rows),
      targetLogQ: float32(rows),
      negativeLogQ: float32(count),
    },
    run: (_, given) => {
      const { states, vectors, targets, negatives, targetLogQ, negativeLogQ } = given;
      const scores = sharedScores(states, vectors, { targets, negatives, weights: given.weights });
      const odds = { targetLogQ, negativeLogQ, share: 1 };
      return {
        state: {},
        outputs: {
          softmax: sharedSoftmaxLoss(scores, given.weights, odds),
          bprMax: bprMaxLoss(scores, given.weights, options),
        },
      };
    },
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = new Random(seed);
      const normals = (n: number) => Array.from({ length: n }, () => random.normal());
      const ids = (n: number, below: number) => Array.from({ length: n }, () => random.below(below));
      const drawn: Drawn = {
        states: normals(rows * width),
        vectors: normals(items * width),
        // The last item is none of the targets, so that every row has a candidate besides its own target.
        targets: ids(rows, items - 1),
        negatives: [...ids(count - 1, items), items - 1],
        logQ: normals(items),
      };
      const results = await executable.run({
        states: Float32Array.from(drawn.states),
        vectors: Float32Array.from(drawn.vectors),
        targets: Int32Array.from(drawn.targets),
        negatives: Int32Array.from(drawn.negatives),
        weights: Float32Array.from(weights),
        targetLogQ: Float32Array.from(drawn.targets, (item) => drawn.logQ[item]),
        negativeLogQ: Float32Array.from(drawn.negatives, (item) => drawn.logQ[item]),
      });
      const expected = plain(drawn);
      expect(results.softmax[0]).toBeCloseTo(expected.softmax, 4);
      expect(results.bprMax[0]).toBeCloseTo(expected.bprMax, 4);
    }),
    { numRuns: 30, examples: [[2077108900]] },
  );
  await device.dispose();
});
