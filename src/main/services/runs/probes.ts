import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement, StepMemory } from '../../../core/api/models.ts';
import type { ChosenDevice } from '../../../core/engine/types.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../../core/errors.ts';
import { versionsIn } from '../../../core/plugins/ids.ts';
import type { Store } from '../../../core/store/store.ts';
import type { TrainerEvent, TrainSpec } from '../../../core/training/events.ts';
import type { Executor, TrainerWorker } from '../../executors/executor.ts';
import { pluginsFor } from '../../plugins/agreements.ts';
import { resolveSources, sourceRuns } from './source-runs.ts';

export interface ProbeRequest {
  model: string;
  /** The full config. */
  config: Record<string, unknown>;
  dataset: string;
  device: TrainSpec['device'];
  threads: number;
}

/** How long steps are watched after the tokenizer of the first one. */
const MEASURED_MS = 6_000;
/** The same for trainings without an estimate of the time left, such as a fit in one go. */
const MEASURED_WITHOUT_ETA_MS = 20_000;
const MAX_PROBE_MS = 120_000;
const POLL_MS = 250;
/** What takes longer to prepare its first step is trained without a word on it. */
const MAX_WEIGHING_MS = 60_000;
/** What is free changes meanwhile. */
const KNOWN_MS = 60_000;
const MOST_KNOWN = 50;

/** Runs trainings for some seconds to measure what they take; nothing is kept. */
export class ProbeService {
  readonly #store: Store;
  readonly #executor: Executor;
  readonly #autoDevice: () => Promise<ChosenDevice>;
  readonly #workers = new Set<TrainerWorker>();
  readonly #weighed = new Map<string, { memory: StepMemory | null; time: number }>();
  #weighing: Promise<void> = Promise.resolve();

  /** `autoDevice`: a trainer cannot find it out itself, as one of the packaged program may start no process. */
  constructor(store: Store, executor: Executor, autoDevice: () => Promise<ChosenDevice>) {
    this.#store = store;
    this.#executor = executor;
    this.#autoDevice = autoDevice;
  }

  /** Throws UserError if the run itself would fail at its start, and CancelledError when the signal fires. */
  async measure(request: ProbeRequest, signal?: AbortSignal): Promise<Measurement> {
    const probe = new Probe();
    await this.#watch(this.#specOf(request), { signal, probe });
    return probe.measurement();
  }

  /**
   * What a step takes of this machine's memory, known for a minute; null where it makes none, or on a GPU, whose memory is
   * unknown here. One at a time. Throws as `measure` does.
   */
  async weigh(request: ProbeRequest, signal?: AbortSignal): Promise<StepMemory | null> {
    const key = JSON.stringify(request);
    const before = this.#weighing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#weighing = promise;
    try {
      await before;
      throwIfCancelled(signal);
      const known = this.#weighed.get(key);
      if (known && Date.now() - known.time < KNOWN_MS) return known.memory;
      const memory = await this.#weigh(request, signal);
      this.#weighed.delete(key);
      this.#weighed.set(key, { memory, time: Date.now() });
      if (this.#weighed.size > MOST_KNOWN) this.#weighed.delete(this.#weighed.keys().next().value ?? '');
      return memory;
    } finally {
      resolve();
    }
  }

  async #weigh(request: ProbeRequest, signal?: AbortSignal): Promise<StepMemory | null> {
    const spec = await this.#specOf(request);
    if ((spec.auto?.id ?? spec.device) !== 'cpu') return null;
    const probe = new Probe(MAX_WEIGHING_MS);
    await this.#watch({ ...spec, weigh: true }, { signal, probe });
    return probe.stepMemory;
  }

  async #specOf({ dataset, ...request }: ProbeRequest): Promise<Omit<TrainSpec, 'runDir'>> {
    const { datasets } = this.#store;
    const found = datasets.find(dataset);
    const config = resolveSources(this.#store, request.config, { model: request.model, dataset: found });
    const auto = request.device === 'auto' ? await this.#autoDevice() : undefined;
    return {
      ...request,
      config,
      auto,
      sources: sourceRuns(this.#store, config),
      plugins: pluginsFor(this.#store.home, versionsIn({ ...request, config })),
      runId: 'probe',
      seed: 1,
      resumeFrom: null,
      datasetDir: datasets.folder(found.id),
    };
  }

  async #watch(
    spec: Omit<TrainSpec, 'runDir'> | Promise<Omit<TrainSpec, 'runDir'>>,
    { signal, probe }: { signal?: AbortSignal; probe: Probe },
  ): Promise<void> {
    const asked = await spec;
    const runDir = mkdtempSync(join(tmpdir(), 'tessera-probe-'));
    // Nothing is kept of a probe: it has no journal.
    const worker = this.#executor.start(
      { ...asked, runDir },
      { onReport: ({ events }) => probe.handleEvents(events), onPlace: () => {} },
    );
    this.#workers.add(worker);
    const stop = () => worker.kill('the probe has seen enough');
    const watch = setInterval(() => probe.enough() && stop(), POLL_MS);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      const { kind, message, details } = await worker.ended;
      if (signal?.aborted) throw new CancelledError();
      if (kind !== 'completed' && !probe.enough()) {
        throw new UserError(details ?? message ?? `the probe ended: ${kind}`);
      }
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', stop);
      this.#workers.delete(worker);
      rmSync(runDir, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Ends every probe. */
  close(): void {
    for (const worker of this.#workers) worker.kill('the program ends');
  }
}

/** What one probe has measured so far. */
class Probe {
  stepMemory: StepMemory | null = null;
  readonly #begun = performance.now();
  readonly #longest: number;
  #started: Extract<TrainerEvent, { type: 'started' }> | null = null;
  #firstStep: number | null = null;
  /** Of the whole run, by the latest estimate of the time left. */
  #seconds: number | null = null;
  #validated = false;
  #finished = false;
  #memory: number | null = null;

  constructor(longest = MAX_PROBE_MS) {
    this.#longest = longest;
  }

  handleEvents(events: readonly TrainerEvent[]): void {
    for (const event of events) {
      if (event.type === 'started') this.#started = event;
      if (event.type === 'weighed') {
        this.stepMemory = event.memory;
        this.#finished = true;
      }
      if (event.type === 'usage') this.#memory = Math.max(this.#memory ?? 0, event.peakMemory);
      if (event.type === 'result') {
        this.#finished = true;
        this.#seconds = this.#elapsed();
      }
      if (event.type !== 'progress') continue;
      if (event.phase === 'train') this.#firstStep ??= performance.now();
      else if (event.phase !== 'prepare') this.#validated = true;
      if (event.secondsLeft !== null) this.#seconds = this.#elapsed() + event.secondsLeft;
    }
  }

  enough(): boolean {
    const now = performance.now();
    if (this.#finished || now - this.#begun > this.#longest) return true;
    const watched = this.#firstStep === null ? 0 : now - this.#firstStep;
    return watched > (this.#seconds === null ? MEASURED_WITHOUT_ETA_MS : MEASURED_MS);
  }

  measurement(): Measurement {
    const started = this.#started;
    return {
      device: started?.device ?? 'unknown',
      parameters: started?.parameters || null,
      seconds: this.#seconds,
      validated: this.#validated,
      finished: this.#finished,
      memoryBytes: this.#memory,
    };
  }

  #elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }
}
