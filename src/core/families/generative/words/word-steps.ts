/** Training of a model with codes as words: what it begins with, and what its checkpoints keep. */

import type { MicroBatch } from '../../../data/batches/sequence-batches.ts';
import { decoderParameters } from '../../../decoders/decoder.ts';
import type { DeviceContext, HostArrays } from '../../../engine/index.ts';
import { namedTensors, type StoredTensor } from '../../../files/safetensors.ts';
import type { StepTrainer } from '../../../training/ranking/train-ranking.ts';
import type { ParameterStore, StepInfo } from '../../../training/step-loop.ts';
import type { StepRunner } from '../../../training/step-runner.ts';
import { mergedValues } from './starting-values.ts';
import type { WordIds } from './word-ids.ts';
import type { WordConfig } from './words-config.ts';

/** What a checkpoint to go on from calls the frozen parameters, so that nobody takes them for those of the whole model. */
const FROZEN = 'frozen/';

export interface WordStepsOptions {
  model: WordIds;
  config: WordConfig;
  device: DeviceContext;
  start(): HostArrays;
}

/** Best checkpoints are of the whole model, its adapters worked in, so that every run's is read alike. */
export class WordSteps implements StepTrainer {
  readonly startsValidated = false;
  readonly store: ParameterStore;
  readonly #runner: StepRunner;
  readonly #options: WordStepsOptions;

  constructor(runner: StepRunner, options: WordStepsOptions) {
    this.#runner = runner;
    this.#options = options;
    this.store = this.#store();
  }

  #store(): ParameterStore {
    const runner = this.#runner;
    const { model, config, device } = this.#options;
    const frozen = Object.keys(model.persistent?.specs ?? {});
    return {
      keepsParts: frozen.length > 0,
      get draws() {
        return runner.draws;
      },
      set draws(draws) {
        runner.draws = draws;
      },
      lossScale: runner.lossScale,
      initialise: () => runner.initialise(),
      load: (values) => runner.load(renamed(values, (name) => name.replace(FROZEN, ''))),
      measures: () => runner.measures(),
      tensors: async (what): Promise<Record<string, StoredTensor>> => {
        if (what === 'all') {
          const all = await runner.tensors('all');
          return renamed(all, (name) => (frozen.includes(name) ? FROZEN + name : name));
        }
        if (!model.persistent) return runner.tensors('parameters');
        const merged = mergedValues(model, config, await device.read(Object.keys(model.whole)));
        return namedTensors({ ...decoderParameters(model.language.config), ...model.rows }, merged);
      },
    };
  }

  async prepare(): Promise<void> {
    await this.#runner.load(this.#options.start());
  }

  async step({ step, learningRate }: StepInfo, batches: readonly MicroBatch[]) {
    return { 'train/loss': await this.#runner.step(step, learningRate, batches) };
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

const renamed = <T>(values: Record<string, T>, nameOf: (name: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [nameOf(name), value]));
