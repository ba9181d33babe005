/** Groups of IDs for the histories of a batch: drawn by the present policy, or the target beside drawn negatives. */
import type { MicroBatch } from '../../../data/batches/sequence-batches.ts';
import type { DeviceContext } from '../../../engine/index.ts';
import { Random } from '../../../math/random.ts';
import type { Catalogue } from '../code-tokens.ts';
import type { IdDecoder, SequentialModel } from '../generative-model.ts';
import { type BeamOptions, tokensOf } from '../search/beam-search.ts';
import type { RewardConfig } from './reward-config.ts';

/** Draws again so often before a negative that its user knows is taken. */
const MOST_DRAWS = 100;

interface Place {
  seed: number;
  /** Optimiser step, and micro-batch of it. */
  step: number;
  micro: number;
}

/** IDs by decoding, with the parameters that are on the device. */
export class GroupDrawer implements AsyncDisposable {
  readonly #policy: SequentialModel;
  readonly #catalogue: Catalogue;
  readonly #device: DeviceContext;
  readonly #config: RewardConfig;
  readonly #decoders = new Map<string, IdDecoder>();

  constructor(policy: SequentialModel, catalogue: Catalogue, device: DeviceContext, config: RewardConfig) {
    this.#policy = policy;
    this.#catalogue = catalogue;
    this.#device = device;
    this.#config = config;
  }

  /** Tokens of `group` IDs a row, int32 [rows * group, levels]; 0 where there are fewer, and in rows without a user. */
  async draw({ shape, users, inputs }: MicroBatch, place: Place): Promise<Int32Array> {
    const { levels } = this.#policy;
    const { group } = this.#config;
    const found = await this.#decoder(shape).search(inputs, {
      ...this.#decoding(place),
      trie: this.#catalogue.trie,
    });
    const labels = new Int32Array(shape.rows * group * levels);
    const { scores } = found.levels[levels - 1];
    for (let at = 0; at < shape.rows * group; at++) {
      const isThere = users[Math.floor(at / group)] >= 0 && scores[at] > Number.NEGATIVE_INFINITY;
      if (isThere) labels.set(tokensOf(found.levels, at), at * levels);
    }
    return labels;
  }

  #decoding({ seed, step, micro }: Place): Pick<BeamOptions, 'mode' | 'draws'> {
    const { drawing, drawingTemperature: temperature } = this.#config;
    if (drawing === 'beams') return { mode: 'renormalised' };
    const noise = (row: number, id: number) => new Random(seed, step, `drawn/${micro}/${row}/${id}`);
    return { mode: 'renormalised', draws: { temperature, noise } };
  }

  #decoder(shape: MicroBatch['shape']): IdDecoder {
    const key = `${shape.rows}x${shape.length}`;
    const known = this.#decoders.get(key);
    if (known) return known;
    const decoder = this.#policy.decoder(this.#device, { ...shape, width: this.#config.group });
    this.#decoders.set(key, decoder);
    return decoder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const decoder of this.#decoders.values()) await decoder[Symbol.asyncDispose]();
    this.#decoders.clear();
  }
}

/**
 * The target of each row, then negatives, by their IDs: int32 [rows * (1 + negatives), levels]. Negatives are items that training knows,
 * alike or by the sampler of the batch, never of the target's ID, and where the batch says what users know, none that its user knows.
 */
export function preferenceGroups(
  { shape, users, inputs, known, sampler }: MicroBatch,
  { tokens: { tokens, levels }, named, hidden }: Catalogue,
  { negatives }: Pick<RewardConfig, 'negatives'>,
  { seed, step, micro }: Place,
): Int32Array {
  const width = levels.sizes.length;
  const idOf = (item: number) => tokens.subarray(item * width, (item + 1) * width);
  const items = hidden ? named.filter((item) => hidden[item] === 0) : named;
  const labels = new Int32Array(shape.rows * (1 + negatives) * width);
  for (let row = 0; row < shape.rows; row++) {
    if (users[row] < 0) continue;
    const target = inputs.labels.subarray(row * width, (row + 1) * width);
    const random = new Random(seed, step, `negatives/${micro}/${row}`);
    const at = row * (1 + negatives) * width;
    labels.set(target, at);
    const fits = (item: number) =>
      idOf(item)[0] > 0 && idOf(item).join() !== target.join() && !known?.knows(users[row], item);
    for (let negative = 1; negative <= negatives; negative++) {
      const draw = () => sampler?.draw(random) ?? items[random.below(items.length)];
      let item = draw();
      for (let again = 0; again < MOST_DRAWS && !fits(item); again++) item = draw();
      if (fits(item)) labels.set(idOf(item), at + negative * width);
    }
  }
  return labels;
}

/** The start token and all tokens but the last of each ID: as `labels`, int32 [IDs, levels]. */
export function teachersOf(labels: Int32Array, levels: number): Int32Array {
  const tokens = new Int32Array(labels.length);
  for (let at = 0; at < labels.length; at += levels) tokens.set(labels.subarray(at, at + levels - 1), at + 1);
  return tokens;
}
