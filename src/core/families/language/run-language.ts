/** The family of language models: one stage of training, its held-out loss, and the test of its answers. */

import { existsSync } from 'node:fs';
import { ratingTask } from '../../data/clicks/index.ts';
import { columnHash } from '../../data/fingerprint.ts';
import type { Decoder } from '../../decoders/decoder.ts';
import { adaptersOf } from '../../decoders/lora-config.ts';
import { mergeAdapters } from '../../decoders/merge-adapters.ts';
import { PackedRows, type Sequence } from '../../decoders/packed-rows.ts';
import { adapterBase, baseFingerprint, baseText } from '../../decoders/pretrained/adapter-base.ts';
import { countParameters } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { auc } from '../../evaluation/classification.ts';
import { clickMetrics } from '../../evaluation/predictions.ts';
import { writePredictions } from '../../evaluation/predictions-file.ts';
import { drawnUsers, statedSamples } from '../../evaluation/samples.ts';
import { tasksOf } from '../../evaluation/tasks.ts';
import type { ClickProtocol, LanguageProtocol } from '../../evaluation/types.ts';
import { type NamedTensor, namedTensors } from '../../files/safetensors.ts';
import { initialise } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import type { RunResult } from '../../training/events.ts';
import { tieRule } from '../../training/ranking/protocol.ts';
import type { RunContext } from '../../training/run-context.ts';
import {
  type LoopOutcome,
  type LoopState,
  type LoopTask,
  type MetricValues,
  type ParameterStore,
  runStepLoop,
  type StepInfo,
} from '../../training/step-loop.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { answerQuestions, answersAsPredictions, itemGuesses, likeQuestions } from './answers.ts';
import { type LanguageConfig, languageSchema } from './language-config.ts';
import type { LanguageDefinition } from './language-model.ts';
import { type PreparedLanguage, prepareLanguage, valuesOf } from './prepare-language.ts';
import { writeBase, writeLanguageRun } from './run-files.ts';
import { LanguageScorer } from './sequence-scorer.ts';
import { requireRoom } from './text/room.ts';

/** Where only answers are trained on, at most one token in so many is one: lines of past interactions are longer. */
const SUPERVISED_ONE_IN = 4;
/** Sequences that find no room before a step's rows count as full. */
const MAX_REJECTED = 4;
/** Rows scored at once. */
const SCORED_ROWS = 8;

/** Throws UserError where the data set, the config and what it names do not fit together. */
export async function trainLanguage(definition: LanguageDefinition, context: RunContext): Promise<RunResult> {
  if (context.spec.evaluate) {
    throw new UserError('a language run is measured again by: tessera language evaluate RUN');
  }
  const config = languageSchema.parse(context.config);
  const prepared = await prepareLanguage(config, context.spec);
  if (!context.spec.resumeFrom) {
    requireRoom(prepared.verbaliser, prepared.examples.tasks);
    const { adapter, weights } = config;
    if (adapter !== '') context.emit({ type: 'log', ...baseText(adapterBase(adapter, weights)) });
  }
  writeLanguageRun(context.spec.runDir, prepared.run, prepared.tokenizerFile);
  const run = { ...context, config };
  const training = new LanguageTraining(definition, prepared, run);
  return training.test(await runStepLoop(training, run));
}

class LanguageTraining implements LoopTask {
  readonly better = 'lower';
  readonly validatesFirst = true;
  readonly keepsFirst = true;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly store: ParameterStore;
  readonly #definition: LanguageDefinition;
  readonly #prepared: PreparedLanguage;
  readonly #context: RunContext<LanguageConfig>;
  readonly #decoder: Decoder;
  readonly #runner: StepRunner;
  readonly #heldOut: Sequence[];
  readonly #scorer: LanguageScorer;
  /** Real tokens and cells of the steps so far, to say how full the rows are. */
  #filled = { tokens: 0, cells: 0 };

  constructor(
    definition: LanguageDefinition,
    prepared: PreparedLanguage,
    context: RunContext<LanguageConfig>,
  ) {
    const { spec, device, config } = context;
    const { examples, split, run } = prepared;
    this.#definition = definition;
    this.#prepared = prepared;
    this.#context = context;
    if (config.epochs > 0 && examples.empty) {
      throw new UserError(
        'there is nothing to train on: no user has two interactions besides the ones held out for tests',
      );
    }
    this.#decoder = definition.build(run.decoder, {
      adapters: adaptersOf(config),
      dropout: config.dropout,
      recompute: config.recomputeBlocks,
      supervised: config.stage === 'pretraining' ? undefined : Math.ceil(config.context / SUPERVISED_ONE_IN),
    });
    this.#runner = new StepRunner(this.#decoder, config, device, spec.seed);
    this.stepsPerEpoch = config.stepsPerEpoch;
    this.parameters = countParameters(this.#decoder);
    this.store = this.#store();
    this.#heldOut = examples.heldOut(
      drawnUsers(split.usersWithTargets(), config.heldOutUsers),
      split.validIndex,
    );
    this.#scorer = new LanguageScorer(this.#decoder, device, SCORED_ROWS);
  }

  /** Starts from what was prepared, and keeps best checkpoints without adapters, so that every run's is read alike. */
  #store(): ParameterStore {
    const runner = this.#runner;
    const { persistent, parameters } = this.#decoder;
    return {
      get draws() {
        return runner.draws;
      },
      set draws(draws) {
        runner.draws = draws;
      },
      initialise: () => {
        const { spec, config } = this.#context;
        const fresh = persistent ? initialise(parameters, spec.seed) : {};
        const base = this.#prepared.parameters(persistent?.specs ?? parameters);
        if (persistent && config.weights !== '') writeBase(spec.runDir, baseFingerprint(base));
        return runner.load({ ...base, ...fresh });
      },
      load: (values) => runner.load(values),
      measures: () => runner.measures(),
      tensors: (what) => (what === 'all' ? runner.tensors('all') : this.#merged()),
    };
  }

  async step({ step, learningRate }: StepInfo) {
    const { rows, length, tokens, inputs } = this.#batch(step);
    const users = new Int32Array(rows).fill(-1);
    const batch = { shape: { rows, length }, users, tokens, inputs };
    return { 'train/loss': await this.#runner.step(step, learningRate, [batch]) };
  }

  /** The rows of a step: a function of the seed and the step alone, so that a resumed run repeats them. */
  #batch(step: number): PackedRows {
    const random = new Random(this.#context.spec.seed, step, 'examples');
    const rows = new PackedRows(
      this.#context.config.batchSize,
      this.#context.config.context,
      this.#decoder.supervised,
    );
    for (let rejected = 0; rejected < MAX_REJECTED; ) {
      if (rows.add(this.#prepared.examples.draw(random)) < 0) rejected++;
    }
    this.#filled.tokens += rows.tokens;
    this.#filled.cells += rows.rows * rows.length;
    rows.normalise();
    return rows;
  }

  /** The held-out loss. */
  async validate({ epoch, progress }: LoopState): Promise<MetricValues> {
    const onProgress = (done: number, total: number) =>
      progress.report('validate', { epoch, done, total, unit: 'prompts' });
    const { signal } = this.#context;
    const { loss, tokens } = await this.#scorer.loss(this.#heldOut, { signal, onProgress });
    if (tokens > 0 && !Number.isFinite(loss)) {
      const why = epoch === 0 ? 'its weights hold a value that is not a number' : 'try a lower learningRate';
      throw new UserError(`the held-out loss is ${loss} after epoch ${epoch}: ${why}`);
    }
    return { 'valid/loss': loss };
  }

  selected(values: MetricValues): number {
    return values['valid/loss'];
  }

  async #merged(): Promise<Record<string, NamedTensor>> {
    const { config, persistent, parameters } = this.#decoder;
    const whole = persistent?.specs;
    const values = await this.#context.device.read(Object.keys({ ...parameters, ...whole }));
    const adapters = adaptersOf(this.#context.config);
    const merged = adapters
      ? mergeAdapters(config, adapters, values as Record<string, Float32Array>)
      : values;
    // Adapters stand beside, for other programs to read them.
    return {
      ...namedTensors(whole ?? parameters, merged),
      ...(adapters ? namedTensors(parameters, values) : {}),
    };
  }

  /** The answers of the best epoch to the test questions, beside guesses that look at the item alone. */
  async test(loop: LoopOutcome): Promise<RunResult> {
    const { device, emit } = this.#context;
    const { split, run } = this.#prepared;
    const { bestEpoch, epoch, keeper } = loop;
    const decoder = this.#definition.build(run.decoder);
    const specs = decoder.parameters;
    const path = keeper.bestPath(bestEpoch);
    // Earlier versions did not keep epoch 0.
    const best = existsSync(path) ? valuesOf(path, specs) : this.#prepared.parameters(specs);
    await this.#scorer[Symbol.asyncDispose]();
    await device.load(namedTensors(specs, best));
    const users = drawnUsers(split.usersWithTargets(), this.#context.config.testUsers);
    await using scorer = new LanguageScorer(decoder, device, SCORED_ROWS);
    const metrics = await this.#answerMetrics(scorer, users, loop);
    const { tokens, cells } = this.#filled;
    if (cells > 0) {
      emit({ type: 'log', level: 'info', message: `rows were ${Math.round((100 * tokens) / cells)} % full` });
    }
    return {
      status: 'completed',
      epochs: epoch,
      selectedEpoch: bestEpoch,
      seconds: loop.seconds,
      metrics,
      ranks: [],
      protocol: this.#protocol(users.length),
    };
  }

  /** Of the answers to the test users' questions, beside guesses that look at the item alone. */
  async #answerMetrics(
    scorer: LanguageScorer,
    users: Int32Array,
    { epoch, progress }: LoopOutcome,
  ): Promise<Record<string, number>> {
    const { signal } = this.#context;
    const { verbaliser, split } = this.#prepared;
    const questions = likeQuestions(verbaliser, split, { users, which: 'test' });
    const [task] = tasksOf(this.#protocol(users.length)) ?? [];
    const onProgress = (done: number, total: number) =>
      progress.report('test', { epoch, done, total, unit: 'prompts' });
    const options = { signal, onProgress };
    const { margins } = await answerQuestions(scorer, verbaliser, questions, options);
    const predictions = answersAsPredictions(verbaliser, split, questions, { margins, task });
    writePredictions(this.#context.spec.runDir, predictions);
    const { loss } = await scorer.loss(this.#heldOut, { signal });
    const metrics: Record<string, number> = { 'valid/loss': loss, ...clickMetrics(predictions) };
    const labels = questions.map(({ label }) => label);
    const { popularity, liked } = itemGuesses(verbaliser, split);
    const ofItems = (values: Float64Array) => {
      const scores = questions.map(({ item }) => values[item]);
      return auc(labels, scores);
    };
    metrics['test/auc of popularity'] = ofItems(popularity);
    if (liked) metrics['test/auc of item likes'] = ofItems(liked);
    return metrics;
  }

  /** With ratings that of click models on the last interactions, for the rows and their labels are the same. */
  #protocol(users: number): LanguageProtocol | ClickProtocol {
    const { summary } = this.#context;
    const { split, verbaliser } = this.#prepared;
    const { data, options } = verbaliser;
    const samples = statedSamples('test', users, split.evaluatedUsers);
    const basis = { dataset: summary.fingerprint, target: 'test', ...samples } as const;
    if (!data.ratings)
      return {
        ...{ ...basis, task: 'language', split: 'leave-last-out', ties: tieRule(summary), question: 'like' },
        ...{ labels: 'sampled negatives', users },
      };
    return {
      ...{
        ...basis,
        task: 'ranking',
        labels: 'rating',
        tasks: [ratingTask(options.likeFrom)],
        split: 'last',
      },
      ...{ ratings: columnHash(data.ratings), selection: 'validation' },
    };
  }
}
