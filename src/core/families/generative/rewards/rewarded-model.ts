import type { Tensor } from '@tensorflow/tfjs';
import { bool, float32, int32, type Specs, type Tensors, takeAlongRows } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import type { ParameterSpecs, RandomInputs } from '../../../layers/index.ts';
import type { BatchShape, CustomBatchKind, StepModel } from '../../../training/step-model.ts';
import type { TokenLevels } from '../code-tokens.ts';
import type { BatchedModel } from '../generative-batches.ts';
import { allowedInput, type SequentialModel } from '../generative-model.ts';
import { grpoLoss, softmaxPreferenceLoss } from './objectives.ts';
import type { RewardConfig } from './reward-config.ts';

/** Under the policy, [IDs, levels] each: the log-probability of every token of IDs, and the entropy of the distribution that it is of. */
export interface IdScores {
  logProbabilities: Tensor;
  entropies: Tensor;
}

/**
 * A policy that is trained on groups of IDs. Batches of shape (rows, length) hold a source a row and `choices` IDs of each, those of a
 * row side by side: `decoderTokens` and `labels` int32 and `start` float32 [IDs, levels], the codes that continue each prefix (bool [IDs,
 * codes] by level), `weights` float32 [IDs], and for rewards `drawn` float32 [IDs, levels] and `advantages` float32 [IDs].
 */
export class RewardedModel implements StepModel {
  readonly parameters: ParameterSpecs;
  readonly persistent: StepModel['persistent'];
  readonly constants: StepModel['constants'];
  readonly batches: CustomBatchKind = { kind: 'custom', inputs: (shape) => this.#inputs(shape) };
  /** IDs of a row. */
  readonly choices: number;
  readonly #policy: SequentialModel;
  readonly #levels: TokenLevels;
  readonly #config: RewardConfig;

  constructor(policy: SequentialModel, levels: TokenLevels, config: RewardConfig) {
    this.#policy = policy;
    this.#levels = levels;
    this.#config = config;
    this.parameters = policy.parameters;
    this.persistent = policy.persistent;
    this.constants = policy.constants;
    this.choices = config.objective === 'grpo' ? config.group : 1 + config.negatives;
  }

  /** How its sources are made: one of each target, whatever the policy was trained on. */
  get sources(): BatchedModel {
    const policy = this.#policy;
    const levels = this.#levels.sizes.length;
    return {
      config: policy.config,
      causal: false,
      side: policy.side,
      tokensPerItem: levels + Math.ceil((levels * this.choices) / policy.config.maxLength),
      overheadTokens: policy.overheadTokens,
      allowedInputs: () => ({}),
      sourceLength: (items) => policy.sourceLength(items),
      positionOf: (item) => policy.positionOf(item),
    };
  }

  /** Inputs of `scores`, for that many rows. */
  scoredInputs(shape: BatchShape): Specs {
    const ids = shape.rows * this.choices;
    const { sizes } = this.#levels;
    const tokens = int32(ids, sizes.length);
    return {
      ...this.#policy.sourceInputs(shape),
      ...{ decoderTokens: tokens, labels: tokens },
      ...Object.fromEntries(sizes.map((size, level) => [allowedInput(level), bool(ids, size)])),
    };
  }

  #inputs(shape: BatchShape): Specs {
    const ids = shape.rows * this.choices;
    const ofTokens = float32(ids, this.#levels.sizes.length);
    return {
      ...this.scoredInputs(shape),
      ...{ start: ofTokens, weights: float32(ids) },
      ...(this.#config.objective === 'grpo' ? { drawn: ofTokens, advantages: float32(ids) } : {}),
    };
  }

  randomInputs(): RandomInputs {
    return {};
  }

  scores(parameters: Tensors, inputs: Tensors): IdScores {
    const byLevel = this.#policy.levelLogits(parameters, inputs).map((logits, level) => {
      const logs = tf.logSoftmax(logits);
      const tokens = tf.slice(inputs.labels, [0, level], [-1, 1]);
      const codes = tf.sub(tokens, tf.scalar(this.#levels.starts[level], 'int32'));
      // IDs that are not there weigh nothing: any code will do.
      const own = takeAlongRows(logs, tf.maximum(codes, tf.scalar(0, 'int32')));
      const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logs), logs), 1, true));
      return { own, entropy };
    });
    return {
      logProbabilities: tf.concat(
        byLevel.map(({ own }) => own),
        1,
      ),
      entropies: tf.concat(
        byLevel.map(({ entropy }) => entropy),
        1,
      ),
    };
  }

  loss(parameters: Tensors, inputs: Tensors): Tensor {
    const { logProbabilities } = this.scores(parameters, inputs);
    const { start, weights, drawn, advantages } = inputs;
    const terms = { logProbabilities, start, weights };
    const { objective, preferenceScale } = this.#config;
    const loss =
      objective === 'grpo'
        ? grpoLoss(terms, { drawn, advantages }, this.#config)
        : softmaxPreferenceLoss(terms, { choices: this.choices, scale: preferenceScale });
    // What a loss does not read has no gradient, and a step asks for one.
    const unread = this.#policy.unread ?? [];
    return unread.reduce((sum, name) => tf.add(sum, tf.mul(tf.sum(parameters[name]), 0)), loss);
  }
}
