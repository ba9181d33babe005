import type { Decoder } from '../../src/core/decoders/decoder.ts';
import { OnnxDeviceContext } from '../../src/core/engine/devices/onnx-session.ts';
import type { HostArrays, Program, Specs, Tensors } from '../../src/core/engine/index.ts';
import * as tf from '../../src/core/engine/tf.ts';
import { batchSpecs } from '../../src/core/training/programs.ts';

/** Loss and gradients by the names of parameters of one batch, computed on the CPU device; of rows of `length`, the logits, too. */
export async function lossAndGradients(
  decoder: Decoder,
  inputs: HostArrays,
  values: HostArrays,
  length?: number,
): Promise<HostArrays> {
  const longest = length ?? decoder.config.context;
  const shape = { rows: inputs.ids.length / longest, length: longest };
  const state: Specs = { ...decoder.parameters, ...decoder.persistent?.specs };
  const trained = Object.keys(decoder.parameters);
  const program: Program = {
    name: 'loss',
    state,
    inputs: batchSpecs(decoder, shape),
    run: (tensors, fed) => {
      const { value, grads } = tf.valueAndGrads((...given) => {
        const own: Tensors = Object.fromEntries(trained.map((name, i) => [name, given[i]]));
        return decoder.loss(own, { ...fed, ...tensors }, shape) as tf.Scalar;
      })(trained.map((name) => tensors[name]));
      const states = tf.reshape(decoder.stages(tensors, fed).states, [-1, decoder.config.dim]);
      const logits: Tensors = length ? { logits: tf.matMul(states, decoder.head(tensors), false, true) } : {};
      return {
        state: {},
        outputs: { loss: value, ...logits, ...Object.fromEntries(trained.map((n, i) => [n, grads[i]])) },
      };
    },
  };
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  await device.load(
    Object.fromEntries(Object.entries(state).map(([name, spec]) => [name, { spec, data: values[name] }])),
  );
  const results = await (await device.compile(program)).run(inputs);
  await device.dispose();
  return results;
}
