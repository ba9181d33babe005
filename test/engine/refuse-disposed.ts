/** Refuses tensors that have been freed, on every backend: TensorFlow.js's CPU backend reads on where a GPU's memory is gone. */
import * as tf from '../../src/core/engine/tf.ts';

/** From now on a kernel that gets a freed tensor throws, in this process. */
export function refuseDisposed(): void {
  const engine = tf.engine();
  const run = engine.runKernel.bind(engine);
  engine.runKernel = (kernel, inputs, attributes) => {
    for (const [name, input] of Object.entries(inputs)) {
      for (const tensor of [input].flat() as unknown as (tf.Tensor | null | undefined)[]) {
        if (tensor?.isDisposed) throw new Error(`${kernel} got a freed tensor as ${name}`);
      }
    }
    return run(kernel, inputs, attributes);
  };
}
