/** The family of language models: one stage of training, its held-out loss, and the test of its answers. */
import { type HostArrays, sizeOf } from '../../engine/index.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { auc } from '../../evaluation/classification.ts';
import type { LanguageProtocol } from '../../evaluation/types.ts';
import { PackedRows, type Sequence } from '../../language/packing.ts';
import { initialise } from '../../layers/index.ts';
import { adaptersOf, type BrewConfig, brewSchema } from '../../models/brew.ts';
import { Decoder, mergeAdapters } from '../../models/decoder.ts';
import type { DefinitionOf } from '../../models/types.ts';
import { Random } from '../../random.ts';
import type { NamedTensor } from '../../safetensors.ts';
import { CheckpointKeeper } from '../checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from '../checkpoints.ts';
import type { RunResult } from '../events.ts';
import type { FamilyContext } from '../families.ts';
import { Progress } from '../progress.ts';
import { tiesOf } from '../protocol.ts';
import { learningRateAt } from '../schedule.ts';
import { SeriesBuffer } from '../series-buffer.ts';
import { StepRunner } from '../step-runner.ts';
import { answerMetrics, answerQuestions, itemGuesses, likeQuestions, testUsers } from './answers.ts';
import { type PreparedLanguage, prepareLanguage, valuesOf } from './prepare.ts';
import { writeLanguageRun } from './run-files.ts';
import { LanguageScorer } from './scorer.ts';

/** A long epoch is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;
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
  await training.begin();
  await training.run();
  return training.test();
}

class LanguageTraining {
  readonly #config: BrewConfig;
  readonly #prepared: PreparedLanguage;
  readonly #context: FamilyContext;
  readonly #decoder: Decoder;
  readonly #runner: StepRunner;
  readonly #progress: Progress;
  readonly #series: SeriesBuffer;
  readonly #keeper: CheckpointKeeper;
  readonly #heldOut: Sequence[];
  readonly #scorer: LanguageScorer;
  #state: TrainerState = { epoch: 0, step: 0, bestValue: null, bestEpoch: 0, stale: 0, seconds: 0 };
  #begun = performance.now();
  #savedAt = performance.now();
  /** Real tokens and cells of the steps so far, to say how full the rows are. */
  #filled = { tokens: 0, cells: 0 };

  constructor(config: BrewConfig, prepared: PreparedLanguage, context: FamilyContext) {
    const { spec, device, emit } = context;
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
    this.#progress = new Progress(emit, config.epochs);
    this.#series = new SeriesBuffer(emit);
    this.#keeper = new CheckpointKeeper(spec.runDir, emit);
    this.#heldOut = examples.heldOut(testUsers(split, config.heldOutUsers), split.validIndex);
    this.#scorer = new LanguageScorer(this.#decoder, device, SCORED_ROWS);
  }

  /** Loads the parameters it starts from, or the checkpoint to continue from. */
  async begin(): Promise<void> {
    const { spec, started } = this.#context;
    const { run, tokenizerFile } = this.#prepared;
    writeLanguageRun(spec.runDir, run, tokenizerFile);
    if (spec.resumeFrom) {
      const { tensors, state } = readCheckpoint(spec.resumeFrom);
      this.#state = state;
      this.#keeper.resumeFrom(spec.resumeFrom, state);
      await this.#runner.load(valuesIn(tensors));
    } else {
      const fresh = this.#decoder.carried ? initialise(this.#decoder.parameters, spec.seed) : {};
      const values: HostArrays = { ...this.#prepared.parameters(), ...fresh };
      await this.#runner.load(values);
    }
    const count = Object.values(this.#decoder.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    started(count, this.#state.step);
    this.#begun = performance.now() - this.#state.seconds * 1000;
  }

  async run(): Promise<void> {
    const { epochs, patience } = this.#config;
    if (this.#state.step === 0) await this.#measure();
    const stops = () => patience > 0 && this.#state.stale >= patience;
    while (this.#state.epoch < epochs && !stops()) {
      await this.#epoch();
      const better = await this.#measure();
      if (better) this.#keeper.saveBest(await this.#checkpoint(), this.#stateNow());
      await this.#saveLast();
    }
    this.#series.flush();
  }

  async #epoch(): Promise<void> {
    const { stepsPerEpoch, epochs } = this.#config;
    const { epoch } = this.#state;
    const total = stepsPerEpoch * epochs;
    for (let index = this.#state.step - epoch * stepsPerEpoch; index < stepsPerEpoch; index++) {
      throwIfCancelled(this.#context.signal);
      const step = this.#state.step + 1;
      const batch = this.#batch(step);
      const users = new Int32Array(batch.rows).fill(-1);
      const shape = { rows: batch.rows, length: batch.length };
      const rate = learningRateAt(this.#config, step, total);
      const loss = await this.#runner.step(step, rate, [
        { shape, users, tokens: batch.tokens, inputs: batch.inputs },
      ]);
      this.#state.step = step;
      this.#series.add('train/loss', step, step / stepsPerEpoch, loss);
      const report = { epoch: epoch + 1, done: index + 1, total: stepsPerEpoch, unit: 'steps', loss };
      this.#progress.report('train', { ...report, share: step / total });
      const due = performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000;
      if (due && index + 1 < stepsPerEpoch) await this.#saveLast();
    }
    this.#state.epoch = epoch + 1;
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

  /** The held-out loss; whether it is the lowest so far. */
  async #measure(): Promise<boolean> {
    const { epoch, step } = this.#state;
    const onProgress = (done: number, total: number) =>
      this.#progress.report('validate', { epoch, done, total, unit: 'prompts' });
    const { loss } = await this.#scorer.loss(this.#heldOut, { signal: this.#context.signal, onProgress });
    this.#series.add('valid/loss', step, epoch, loss);
    this.#series.flush();
    const better = this.#state.bestValue === null || loss < this.#state.bestValue;
    // The loss before any training counts only as the mark to beat.
    if (better) Object.assign(this.#state, { bestValue: loss, bestEpoch: epoch, stale: 0 });
    else this.#state.stale++;
    return better && epoch > 0;
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

  async #saveLast(): Promise<void> {
    this.#series.flush();
    const { slots } = this.#runner.programs;
    const specs = { ...this.#decoder.parameters, ...slots };
    const values = await this.#context.device.read(Object.keys(specs));
    this.#keeper.saveLast(named(values, specs), this.#stateNow());
    this.#savedAt = performance.now();
  }

  #stateNow(): TrainerState {
    return { ...this.#state, seconds: (performance.now() - this.#begun) / 1000 };
  }

  /** The answers of the best epoch to the test questions, beside guesses that look at the item alone. */
  async test(): Promise<RunResult> {
    const { summary, device, signal, emit } = this.#context;
    const { verbaliser, split, run } = this.#prepared;
    const { bestEpoch, epoch } = this.#state;
    const best =
      bestEpoch > 0 ? valuesOf(this.#keeper.bestPath(bestEpoch), run.decoder) : this.#prepared.parameters();
    await this.#scorer.release();
    const decoder = new Decoder(run.decoder);
    const specs = decoder.parameters;
    await device.load(named(best, specs));
    if (bestEpoch === 0) this.#keeper.saveBest(named(best, specs), { ...this.#stateNow(), epoch: 0 });
    const scorer = new LanguageScorer(decoder, device, SCORED_ROWS);
    const users = testUsers(split, this.#config.testUsers);
    const questions = likeQuestions(verbaliser, split, { users, which: 'test' });
    const onProgress = (done: number, total: number) =>
      this.#progress.report('test', { epoch, done, total, unit: 'prompts' });
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
      seconds: this.#stateNow().seconds,
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

function valuesIn(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}
