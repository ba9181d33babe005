/** A model with codes as words as graphs for other programs: one reads a source, the other the codes of an ID after it. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Decoder } from '../../../decoders/decoder.ts';
import { float32, int32, type Specs, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { TokenLevels } from '../code-tokens.ts';
import type { GraphPlan, ListGraphs } from '../generative-model.ts';
import type { ReadSource } from './word-id-decoder.ts';

/** What the graphs are made of. */
interface Exported {
  whole: Specs;
  tokens: TokenLevels;
  language: Pick<Decoder, 'config'>;
  sourceLength(items: number): number;
  sourceInputs(shape: BatchShape): Specs;
  readSource(parameters: Tensors, inputs: Tensors): ReadSource;
  logitsAfter(parameters: Tensors, source: ReadSource, inputs: Tensors): Tensor[];
}

interface ListSizes {
  /** Words before the first code of a source. */
  prompt: number;
  maxLength: number;
  beams: number;
}

/** `states` float32 [rows, n] are the keys and values of every block, and the state at the last token, one after the other. */
export function wordGraphs(model: Exported, { prompt, maxLength, beams }: ListSizes): ListGraphs {
  return {
    listsBy: 'search',
    sharesWeights: true,
    graphs: [encoderGraph(model, maxLength), decoderGraph(model, maxLength)],
    facts: {
      history: { length: maxLength },
      source: { length: model.sourceLength(maxLength), before: prompt, separator: null },
      levels: model.tokens.starts,
      search: { beams },
    },
  };
}

function encoderGraph(model: Exported, maxLength: number): GraphPlan {
  return {
    file: 'encoder.onnx',
    programOf: (rows) => ({
      name: 'encoder',
      state: model.whole,
      inputs: model.sourceInputs({ rows, length: maxLength }),
      run: (state, given) => ({ outputs: { states: joined(model.readSource(state, given)) } }),
    }),
  };
}

function decoderGraph(model: Exported, maxLength: number): GraphPlan {
  const { starts } = model.tokens;
  const { blocks, kvHeads, headDim, dim } = model.language.config;
  const each = [kvHeads, model.sourceLength(maxLength), headDim];
  const size = each.reduce((product, axis) => product * axis, 1);
  const outputs = starts.map((_, level) => `logits/${level}`);
  return {
    file: 'decoder.onnx',
    programOf: (rows) => ({
      name: 'decoder',
      state: model.whole,
      inputs: {
        states: float32(rows, 2 * blocks * size + dim),
        present: model.sourceInputs({ rows, length: maxLength }).present,
        decoderTokens: int32(rows, starts.length),
      },
      run: (state, given) => {
        const parts = tf.split(given.states, [...Array<number>(2 * blocks).fill(size), dim], 1);
        const shaped = parts.slice(0, -1).map((part) => tf.reshape(part, [rows, ...each]));
        const keys = Array.from({ length: blocks }, (_, block) => ({
          key: shaped[2 * block],
          value: shaped[2 * block + 1],
        }));
        const logits = model.logitsAfter(state, { keys, last: parts.at(-1) as Tensor }, given);
        return { outputs: Object.fromEntries(outputs.map((name, level) => [name, logits[level]])) };
      },
    }),
    meanings: Object.fromEntries(
      outputs.map((name, level) => [
        name,
        `of token ${level + 1} of an ID, from the ${level} before it; the first is that of token ${starts[level]}`,
      ]),
    ),
  };
}

/** Everything of a row side by side. */
function joined({ keys, last }: ReadSource): Tensor {
  const flat = keys
    .flatMap(({ key, value }) => [key, value])
    .map((x) => tf.reshape(x, [x.shape[0], x.size / x.shape[0]]));
  return tf.concat([...flat, last], 1);
}
