import { expect, test } from 'vitest';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { float32 } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { bprLosses } from './bpr.ts';

test('losses and gradients keep their digits at any margin', async () => {
  const margins = [-1e4, -100, -30, -22, -15, -1, 0, 1, 12, 30, 100, 1e4];
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const executable = await device.compile({
    name: 'bpr',
    state: {},
    inputs: { margin: float32(margins.length) },
    run: (_, { margin }) => {
      const slopes = tf.grad((x: tf.Tensor) => tf.sum(bprLosses(x)))(margin);
      return { state: {}, outputs: { losses: bprLosses(margin), slopes } };
    },
  });
  const { losses, slopes } = await executable.run({ margin: Float32Array.from(margins) });
  await device.dispose();
  margins.forEach((margin, i) => {
    // ln(gamma + sigmoid) with the ln of numbers near 1 taken of what is missing from 1.
    const missing = 1 / (1 + Math.exp(margin)) - 1e-10;
    const expected = -Math.log1p(-missing);
    expect(Math.abs(losses[i] - expected), `loss at ${margin}`).toBeLessThan(
      2e-7 + 1e-6 * Math.abs(expected),
    );
    const sigmoid = 1 / (1 + Math.exp(-margin));
    const slope = (-sigmoid * (1 - sigmoid)) / (1e-10 + sigmoid);
    expect(Math.abs(slopes[i] - slope), `slope at ${margin}`).toBeLessThan(2e-6);
  });
});
