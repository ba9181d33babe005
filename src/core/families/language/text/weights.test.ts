import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { OnnxDeviceContext } from '../../../engine/devices/onnx-session.ts';
import type { Program } from '../../../engine/index.ts';
import { Decoder, packedInputs } from '../decoder.ts';
import { readLlamaConfig, readLlamaWeights } from './weights.ts';

const script = join(import.meta.dirname, '../../../../../test/language/write_checkpoint.py');
const home = mkdtempSync(join(tmpdir(), 'tessera-weights-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A checkpoint of the script's, and the logits that it computes itself. */
function written(
  dtype: string,
  head: string,
  files: number,
): { folder: string; tokens: number[]; logits: number[][] } {
  const folder = join(home, `${dtype}-${head}-${files}`);
  mkdirSync(folder, { recursive: true });
  const output = execFileSync('python3', [script, folder, dtype, head, String(files)], { encoding: 'utf8' });
  return { folder, ...JSON.parse(output) };
}

/** The logits of our decoder with the folder's weights: [tokens * vocabulary] */
async function ourLogits(folder: string, tokens: readonly number[]): Promise<ArrayLike<number>> {
  const decoder = new Decoder(readLlamaConfig(folder));
  const values = readLlamaWeights(folder, decoder.config);
  const shape = { rows: 1, length: tokens.length };
  const program: Program = {
    name: 'logits',
    state: decoder.parameters,
    inputs: packedInputs(shape),
    run: (state, inputs) => {
      const states = tf.reshape(decoder.stages(state, inputs).states, [-1, decoder.config.dim]);
      return { state: {}, outputs: { logits: tf.matMul(states, decoder.head(state), false, true) } };
    },
  };
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const entries = Object.entries(decoder.parameters).map(([name, spec]) => [
    name,
    { spec, data: values[name] },
  ]);
  await device.load(Object.fromEntries(entries));
  const { logits } = await (await device.compile(program)).run({
    ids: Int32Array.from(tokens),
    segments: new Int32Array(tokens.length).fill(1),
    positions: Int32Array.from(tokens.keys()),
  });
  await device.dispose();
  return logits;
}

test.skipIf(!python).each([
  ['F32', 'tied', 1],
  ['BF16', 'separate', 2],
  ['F16', 'separate', 3],
])(
  'a checkpoint of an independent writer in %s, output layer %s, %i files gives its own logits',
  async (dtype, head, files) => {
    const { folder, tokens, logits } = written(dtype, head, files);
    const expected = logits.flat();
    const actual = await ourLogits(folder, tokens);
    const scale = Math.max(...expected.map(Math.abs));
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
    expect(actual).toHaveLength(expected.length);
    expect(worst / scale).toBeLessThan(1e-5);
  },
);

test.skipIf(!python)('a checkpoint that does not fit is refused with the file and the reason', () => {
  const { folder } = written('F32', 'tied', 1);
  const config = readLlamaConfig(folder);
  expect(() => readLlamaWeights(folder, { ...config, dim: 10 })).toThrow(
    /model\.safetensors: "model\.embed_tokens\.weight" has the shape 11 x 8/,
  );
  expect(() => readLlamaWeights(folder, { ...config, tiedHead: false })).toThrow(
    /it has no tensor "lm_head\.weight"/,
  );
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  expect(() => readLlamaWeights(folder, config)).toThrow(/"[^"]+" is cut short/);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), hidden_act: 'gelu' }),
  );
  expect(() => readLlamaConfig(folder)).toThrow(
    /config\.json: not a checkpoint this decoder can run: hidden_act/,
  );
  expect(() => readLlamaConfig(join(home, 'nowhere'))).toThrow(/cannot be read as JSON/);
});
