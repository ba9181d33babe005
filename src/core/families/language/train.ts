/** The family of language models: one stage of training, its held-out loss, and the test of its answers. */
import { countParameters, type HostArrays } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { auc } from '../../evaluation/classification.ts';
import type { LanguageProtocol } from '../../evaluation/types.ts';
import type { NamedTensor, StoredTensor } from '../../files/safetensors.ts';
import { initialise } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import type { RunResult } from '../../training/events.ts';
import { tiesOf } from '../../training/ranking/protocol.ts';
import { type LoopTask, type Points, StepLoop, type StepPlace } from '../../training/step-loop.ts';
import { StepRunner } from '../../training/step-runner.ts';
import type { FamilyContext } from '../family.ts';
import type { DefinitionOf } from '../model.ts';
import { answerMetrics, answerQuestions, itemGuesses, likeQuestions, testUsers } from './answers.ts';
import { adaptersOf, type BrewConfig, brewSchema } from './brew.ts';
import { Decoder, mergeAdapters } from './decoder.ts';
import { type PreparedLanguage, prepareLanguage, valuesOf } from './prepare.ts';
import { writeLanguageRun } from './run-files.ts';
import { LanguageScorer } from './scorer.ts';
import { PackedRows, type Sequence } from './text/packing.ts';

/** Where answers alone are learnt, one token in so many can be one: lines of past interactions are longer. */
const LEARNT_ONE_IN = 4;
/** Sequences that find no room before a step's rows count as full. */
const MISFITS = 4;
/** Rows scored at once. */
const SCORED_ROWS = 8;

/** Throws UserError where the data set, the config and what it names do not fit together. */
export async function trainLanguage(
  _model: DefinitionOf<'language'>,
  context: FamilyContext,
): Promise<RunResult> {
  if (context.spec.evaluate) {
    throw new UserError('a language run is measured again by: tessera language evaluate RUN');
  }
  const config = brewSchema.parse(context.config);
  const prepared = await prepareLanguage(config, context.spec);
  const training = new LanguageTraining(config, prepared, context);
  await training.run();
  return training.test();
}

class LanguageTraining implements LoopTask {
  readonly better = 'lower';
  readonly validatesFirst = true;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #config: BrewConfig;
  readonly #prepared: PreparedLanguage;
  readonly #context: FamilyContext;
  readonly #decoder: Decoder;
  readonly #runner: StepRunner;
  readonly #loop: StepLoop;
  readonly #heldOut: Sequence[];
  readonly #scorer: LanguageScorer;
  /** Real tokens and cells of the steps so far, to say how full the rows are. */
  #filled = { tokens: 0, cells: 0 };

  constructor(config: BrewConfig, prepared: PreparedLanguage, context: FamilyContext) {
    const { spec, device } = context;
    const { examples, split, run } = prepared;
    this.#config = config;
    this.#prepared = prepared;
    this.#context = context;
    if (config.epochs > 0 && examples.empty) {
      throw new UserError(
        'there is nothing to train on: no user has two interactions besides the ones held out for tests',
      );
    }
    this.#decoder = new Decoder(run.decoder, {
      ...{ adapters: adaptersOf(config), dropout: config.dropout },
      ...(config.stage === 'pretraining' ? {} : { learnt: Math.ceil(config.context / LEARNT_ONE_IN) }),
    });
    this.#runner = new StepRunner(this.#decoder, config, device, spec.seed);
    this.stepsPerEpoch = config.stepsPerEpoch;
    this.parameters = countParameters(this.#decoder);
    this.#loop = new StepLoop(this, config, context);
    this.#heldOut = examples.heldOut(testUsers(split, config.heldOutUsers), split.validIndex);
    this.#scorer = new LanguageScorer(this.#decoder, device, SCORED_ROWS);
  }

  run(): Promise<void> {
    const { run, tokenizerFile } = this.#prepared;
    const { spec, started } = this.#context;
    writeLanguageRun(spec.runDir, run, tokenizerFile);
    return this.#loop.run(started);
  }

  initialise(): Promise<void> {
    const { carried, parameters } = this.#decoder;
    const fresh = carried ? initialise(parameters, this.#context.spec.seed) : {};
    return this.#runner.load({ ...this.#prepared.parameters(), ...fresh });
  }

  load(values: HostArrays): Promise<void> {
    return this.#runner.load(values);
  }

  async step({ step, learningRate }: StepPlace) {
    const { rows, length, tokens, inputs } = this.#batch(step);
    const users = new Int32Array(rows).fill(-1);
    const batch = { shape: { rows, length }, users, tokens, inputs };
    return { 'train/loss': await this.#runner.step(step, learningRate, [batch]) };
  }

  /** The rows of a step: a function of the seed and the step alone, so that a resumed run repeats them. */
  #batch(step: number): PackedRows {
    const random = new Random(this.#context.spec.seed, step, 'examples');
    const rows = new PackedRows(this.#config.batchSize, this.#config.context, this.#decoder.learnt);
    for (let misfits = 0; misfits < MISFITS; ) {
      if (rows.add(this.#prepared.examples.draw(random)) < 0) misfits++;
    }
    this.#filled.tokens += rows.tokens;
    this.#filled.cells += rows.rows * rows.length;
    rows.normalise();
    return rows;
  }

  /** The held-out loss. */
  async validate(): Promise<Points> {
    const { epoch } = this.#loop.state;
    const onProgress = (done: number, total: number) =>
      this.#loop.progress.report('validate', { epoch, done, total, unit: 'prompts' });
    const { loss } = await this.#scorer.loss(this.#heldOut, { signal: this.#context.signal, onProgress });
    return { 'valid/loss': loss };
  }

  selected(points: Points): number {
    return points['valid/loss'];
  }

  tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>> {
    return what === 'all' ? this.#runner.tensors('all') : this.#checkpoint();
  }

  /** A whole checkpoint without adapters, so that every run's best one is read alike. */
  async #checkpoint(): Promise<Record<string, NamedTensor>> {
    const { config, carried, parameters } = this.#decoder;
    const values = await this.#context.device.read([
      ...Object.keys(parameters),
      ...Object.keys(carried ?? {}),
    ]);
    const adapters = adaptersOf(this.#config);
    const whole = adapters ? mergeAdapters(config, adapters, values as Record<string, Float32Array>) : values;
    return named(whole, carried ?? parameters);
  }

  /** The answers of the best epoch to the test questions, beside guesses that look at the item alone. */
  async test(): Promise<RunResult> {
    const { summary, device, signal, emit } = this.#context;
    const { verbaliser, split, run } = this.#prepared;
    const { bestEpoch, epoch } = this.#loop.state;
    const best =
      bestEpoch > 0
        ? valuesOf(this.#loop.keeper.bestPath(bestEpoch), run.decoder)
        : this.#prepared.parameters();
    await this.#scorer.release();
    const decoder = new Decoder(run.decoder);
    const specs = decoder.parameters;
    await device.load(named(best, specs));
    if (bestEpoch === 0) this.#loop.keeper.saveBest(named(best, specs), { ...this.#loop.state, epoch: 0 });
    const scorer = new LanguageScorer(decoder, device, SCORED_ROWS);
    const users = testUsers(split, this.#config.testUsers);
    const questions = likeQuestions(verbaliser, split, { users, which: 'test' });
    const onProgress = (done: number, total: number) =>
      this.#loop.progress.report('test', { epoch, done, total, unit: 'prompts' });
    const { margins, probabilities } = await answerQuestions(scorer, verbaliser, questions, {
      signal,
      onProgress,
    });
    const labels = questions.map(({ label }) => label);
    const { loss } = await scorer.loss(this.#heldOut, { signal });
    await scorer.release();
    const metrics: Record<string, number> = { 'valid/loss': loss };
    for (const [name, value] of Object.entries(answerMetrics(labels, margins, probabilities))) {
      metrics[`test/${name}`] = value;
    }
    const guesses = itemGuesses(verbaliser, split);
    const ofItems = (values: Float64Array) =>
      auc(
        labels,
        questions.map(({ item }) => values[item]),
      );
    metrics['test/auc of popularity'] = ofItems(guesses.popularity);
    if (guesses.liked) metrics['test/auc of item likes'] = ofItems(guesses.liked);
    const { tokens, cells } = this.#filled;
    if (cells > 0)
      emit({ type: 'log', level: 'info', message: `rows were ${Math.round((100 * tokens) / cells)} % full` });
    const protocol: LanguageProtocol = {
      task: 'language',
      dataset: summary.fingerprint,
      split: 'leave-last-out',
      target: 'test',
      ties: tiesOf(summary),
      question: 'like',
      labels: verbaliser.data.ratings ? `rating >= ${verbaliser.options.likeFrom}` : 'sampled negatives',
      users: users.length,
    };
    return {
      status: 'completed',
      epochs: epoch,
      selectedEpoch: bestEpoch,
      seconds: this.#loop.state.seconds,
      metrics,
      ranks: [],
      protocol,
    };
  }
}

function named(values: HostArrays, specs: Record<string, NamedTensor['spec']>): Record<string, NamedTensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { spec, data: values[name] }]),
  );
}
