import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import type { StepModel } from '../training/step-model.ts';
import { StepRunner } from '../training/step-runner.ts';
import { ones, type ParameterSpec, parameter } from './parameters.ts';
import { dropoutMask } from './random-inputs.ts';
import { bindMasks, bindTree, namedLeaves } from './tree.ts';

const weight = parameter([2], ones);
const tree = { qkv: { weight }, ffn: [{ weight }, { weight }], finalNorm: undefined, timeBias: weight };

describe('a tree of parameters', () => {
  // A trace of another file may have been the first to choose one.
  beforeAll(() => tf.setBackend('cpu'));

  it('names its leaves by their place, in order', () => {
    expect(Object.keys(namedLeaves<ParameterSpec>(tree, 'blocks/0'))).toEqual([
      'blocks/0/qkv/weight',
      'blocks/0/ffn/0/weight',
      'blocks/0/ffn/1/weight',
      'blocks/0/time-bias',
    ]);
  });

  it('gives the tensors in the same shape, and says which one is missing', () => {
    const tensor = tf.tensor1d([1, 2]);
    const bound = bindTree(tree, { 'qkv/weight': tensor, 'ffn/1/weight': tensor });
    expect(bound.qkv.weight).toBe(tensor);
    expect(bound.ffn[1].weight).toBe(tensor);
    expect(bound.finalNorm).toBeUndefined();
    expect(() => bound.timeBias).toThrow('"time-bias" is read and not among the inputs');
  });

  it('of masks is null where a model scores', () => {
    const masks = { hidden: dropoutMask(0.5, 2) };
    const mask = tf.tensor1d([true, false], 'bool');
    expect(bindMasks(masks, { ids: mask }, 'mask/1')).toBeNull();
    expect(bindMasks(masks, { 'mask/10/hidden': mask }, 'mask/1')).toBeNull();
    expect(bindMasks(masks, { 'mask/1/hidden': mask }, 'mask/1')?.hidden).toBe(mask);
  });
});

it('a mask that a model declares and never reads stops it before its first step', async () => {
  const model: StepModel = {
    batches: { kind: 'custom', inputs: () => ({}) },
    parameters: { w: weight },
    randomInputs: () => ({ 'mask/forgotten': dropoutMask(0.5, 2) }),
    loss: ({ w }) => tf.sum(w),
  };
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const optimiser = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 };
  const runner = new StepRunner(model, { optimiser: 'sgd', ...optimiser }, device, 1);
  await runner.initialise();
  const batch = { shape: { rows: 1, length: 1 }, users: new Int32Array(1), inputs: {}, tokens: 1 };
  await expect(runner.step(1, 0.1, [batch])).rejects.toThrow('"mask/forgotten" is drawn for every step');
  await device.dispose();
});
