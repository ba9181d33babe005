import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../../../core/api/models.ts';
import type { ChosenDevice } from '../../../core/engine/types.ts';
import { CancelledError, UserError } from '../../../core/errors.ts';
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

/** Runs trainings for some seconds to measure what they take; nothing is kept. */
export class ProbeService {
  readonly #store: Store;
  readonly #executor: Executor;
  readonly #autoDevice: () => Promise<ChosenDevice>;
  readonly #workers = new Set<TrainerWorker>();

  /** `autoDevice`: a trainer cannot find it out itself, as one of the packaged program may start no process. */
  constructor(store: Store, executor: Executor, autoDevice: () => Promise<ChosenDevice>) {
    this.#store = store;
    this.#executor = executor;
    this.#autoDevice = autoDevice;
  }

  /** Throws UserError if the run itself would fail at its start, and CancelledError when the signal fires. */
  async measure({ dataset, ...request }: ProbeRequest, signal?: AbortSignal): Promise<Measurement> {
    const { datasets } = this.#store;
    const found = datasets.find(dataset);
    const config = resolveSources(this.#store, request.config, found);
    const auto = request.device === 'auto' ? await this.#autoDevice() : undefined;
    const runDir = mkdtempSync(join(tmpdir(), 'tessera-probe-'));
    const spec: TrainSpec = {
      ...request,
      config,
      auto,
      sources: sourceRuns(this.#store, config),
      plugins: pluginsFor(this.#store.home, versionsIn({ ...request, config })),
      runId: 'probe',
      seed: 1,
      runDir,
      resumeFrom: null,
      datasetDir: datasets.folder(found.id),
    };
    const probe = new Probe();
    // Nothing is kept of a probe: it has no journal.
    const worker = this.#executor.start(spec, {
      onReport: ({ events }) => probe.handleEvents(events),
      onPlace: () => {},
    });
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
      return probe.measurement();
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
  readonly #begun = performance.now();
  #started: Extract<TrainerEvent, { type: 'started' }> | null = null;
  #firstStep: number | null = null;
  /** Of the whole run, by the latest estimate of the time left. */
  #seconds: number | null = null;
  #validated = false;
  #finished = false;
  #memory: number | null = null;

  handleEvents(events: readonly TrainerEvent[]): void {
    for (const event of events) {
      if (event.type === 'started') this.#started = event;
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
    if (this.#finished || now - this.#begun > MAX_PROBE_MS) return true;
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
