import { expect, it } from 'vitest';
import { resolveConfig } from '../families/registry.ts';
import { type LengthConfig, trainingLength } from './length.ts';

const tuned = { epochs: 60, patience: 8, minSteps: 2000, minEvaluationSteps: 50, minPatienceSteps: 400 };

it.each<[string, LengthConfig, number, number[]]>([
  // steps of an epoch, epochs, epochs between validations, validations of patience
  ['passes are counted', { epochs: 60, patience: 8, evaluateEvery: 2 }, 8, [8, 60, 2, 8]],
  [
    'a fixed number of steps counts as an epoch',
    { epochs: 6, patience: 3, epochSteps: 88 },
    8,
    [88, 6, 1, 3],
  ],
  ['an epoch has least steps', { epochs: 6, patience: 3, minEpochSteps: 175 }, 8, [175, 6, 1, 3]],
  ['of long passes the least numbers of steps change nothing', tuned, 175, [175, 60, 1, 8]],
  ['of short ones they lengthen all but the epoch', tuned, 8, [8, 250, 7, 8]],
  ['of very short ones patience stays in steps, too', { ...tuned, patience: 2 }, 8, [8, 250, 7, 8]],
  ['what never stops early still does not', { ...tuned, patience: 0 }, 8, [8, 250, 7, 0]],
  ['nothing to train stays nothing', { ...tuned, epochs: 0 }, 8, [8, 0, 7, 8]],
])('%s', (_, config, pass, [stepsPerEpoch, epochs, evaluateEvery, patience]) => {
  expect(trainingLength(config, pass)).toEqual({ stepsPerEpoch, epochs, evaluateEvery, patience });
});

it('presets tuned on Amazon Beauty are as they were tuned on its passes of 175 steps, and count short ones in steps', () => {
  // Epochs and validations of patience where a pass has eight steps.
  const short: [string, string, number, number][] = [
    ['sasrec', 'beauty', 250, 8],
    ['esasrec', 'strong', 500, 25],
    ['hstu', 'beauty', 250, 8],
    ['fuxi-alpha', 'beauty', 250, 8],
    ['llama', 'beauty', 250, 8],
    ['gru4rec', 'beauty', 250, 8],
    ['narm', 'beauty', 250, 8],
  ];
  for (const [model, preset, epochs, patience] of short) {
    const config = resolveConfig(model, { preset }) as unknown as LengthConfig;
    expect(trainingLength(config, 175), model).toEqual({
      ...{ stepsPerEpoch: 175, epochs: 60, evaluateEvery: 1, patience: 8 },
    });
    expect(trainingLength({ ...config, patience: 2 }, 8), model).toEqual({
      ...{ stepsPerEpoch: 8, epochs, evaluateEvery: 7, patience },
    });
  }
});
