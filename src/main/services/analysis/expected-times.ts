/** What runs will take, before they have begun: from runs alike, else from others of the model, else from what it took elsewhere. */
import type { Estimate } from '../../../core/api/models.ts';
import type { ExpectedTime } from '../../../core/clock/clock.ts';
import type { DatasetSummary } from '../../../core/data/types.ts';
import type { Model } from '../../../core/families/model.ts';
import { allModels, findModel } from '../../../core/families/registry.ts';
import { isOwn } from '../../../core/store/runs/run-kinds.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { Config } from '../../../core/training/config.ts';
import { machineFactor, positionWork, usualSeconds, type Work } from './usual-times.ts';

/** By how much a time may be off, either way: with other settings on the same data, on other data, and on a machine that has trained nothing alike. */
const MARGINS = { settings: 1.3, data: 2, model: 3 };

interface TimeRequest extends Work {
  /** The host that trains it; null for this machine. */
  place: string | null;
  device: string;
}

export type TimeEstimate = Pick<Estimate, 'time' | 'basis'>;

/** Of every model with its defaults, or where these do not suffice with the config of its newest run. */
export function modelTimes(
  store: Store,
  { dataset }: { dataset: string },
): Record<string, ExpectedTime | null> {
  const { fingerprint, statistics } = store.datasets.find(dataset);
  const known = new KnownRuns(store);
  return Object.fromEntries(
    allModels().map((model) => {
      const config = model.configSchema.safeParse({}).data ?? known.on(model, fingerprint)[0]?.config ?? {};
      const request = { model, place: null, device: 'auto', config, statistics };
      return [model.id, timeOf(known, fingerprint, request).time];
    }),
  );
}

/** Of each of these runs; null where the data set has been deleted, or nothing is known of the model. */
export function expectedTimes(
  store: Store,
  { runs }: { runs: string[] },
): Record<string, ExpectedTime | null> {
  const known = new KnownRuns(store);
  const datasets = new Map(store.datasets.list().map((one) => [one.id, one.statistics]));
  return Object.fromEntries(
    store.runs
      .named(runs, { metrics: [] })
      .filter(isOwn)
      .map(({ id, model, dataset, place, requestedDevice: device, config }) => {
        const statistics = dataset.id === null ? undefined : datasets.get(dataset.id);
        if (!statistics) return [id, null];
        const request = { model: findModel(model), place, device, config, statistics };
        return [id, timeOf(known, dataset.fingerprint, request).time];
      }),
  );
}

export const estimatedTime = (store: Store, fingerprint: string, request: TimeRequest): TimeEstimate =>
  estimator(store)(fingerprint, request);

/** Of many: what it reads of the home it reads once. */
export function estimator(store: Store): (fingerprint: string, request: TimeRequest) => TimeEstimate {
  const known = new KnownRuns(store);
  return (fingerprint, request) => timeOf(known, fingerprint, request);
}

/** As many of a model on a data set are looked at for one that is alike, and of all models for how fast a machine is. */
const [ALIKE, OF_ALL] = [40, 2];

/** Completed trainings, each read once. */
class KnownRuns {
  readonly #store: Store;
  readonly #of = new Map<string, OwnRun[]>();
  #all: OwnRun[] | null = null;
  #statistics: Map<string, DatasetSummary['statistics']> | null = null;
  readonly #factors = new Map<string | null, number | null>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Of a model, newest first. */
  of({ id }: Model): OwnRun[] {
    const runs = this.#of.get(id) ?? this.#store.runs.trained(id, ALIKE);
    this.#of.set(id, runs);
    return runs;
  }

  on(model: Model, fingerprint: string): OwnRun[] {
    return this.of(model).filter(({ dataset }) => dataset.fingerprint === fingerprint);
  }

  /** With the run that a config goes on from, where it is there. */
  policyOf({ policy }: Config): Work['policy'] {
    const isNamed = typeof policy === 'string' && policy !== '';
    return isNamed && this.#store.runs.exists(policy) ? this.#store.runs.own(policy) : undefined;
  }

  /** What a run did. */
  asWork(run: OwnRun, model: Model, statistics: Work['statistics']): Work {
    return { model, config: asItRan(run), statistics, policy: this.policyOf(run.config) };
  }

  /** What it was trained on; undefined once that has been deleted. */
  statisticsOf({ dataset }: OwnRun): DatasetSummary['statistics'] | undefined {
    this.#statistics ??= new Map(this.#store.datasets.list().map((one) => [one.fingerprint, one.statistics]));
    return this.#statistics.get(dataset.fingerprint);
  }

  /** How many times as long as usual runs took at a place, in the middle of all models; null where none did. */
  factorAt(place: string | null): number | null {
    const known = this.#factors.get(place);
    if (known !== undefined) return known;
    this.#all ??= this.#store.runs.trained(null, OF_ALL);
    const all = this.#all
      .filter((run) => run.place === place)
      .flatMap((run) => this.#factorOf(run) ?? [])
      .sort((a, b) => a - b);
    const factor = all.length === 0 ? null : all[Math.floor(all.length / 2)];
    this.#factors.set(place, factor);
    return factor;
  }

  #factorOf(run: OwnRun): number | null {
    const statistics = this.statisticsOf(run);
    const model = allModels().find(({ id }) => id === run.model);
    const usual = model && statistics && usualSeconds(this.asWork(run, model, statistics));
    return usual ? wholeSeconds(run) / usual : null;
  }
}

function timeOf(known: KnownRuns, fingerprint: string, given: TimeRequest): TimeEstimate {
  const request = { ...given, policy: known.policyOf(given.config) };
  const fits = (run: OwnRun) =>
    run.place === request.place && (request.device === 'auto' || run.device === request.device);
  const runs = known.of(request.model).filter(fits);
  const differing = (run: OwnRun) =>
    // What a run of an earlier version does not say was as it is by default.
    Object.keys(request.config).filter(
      (key) => key !== 'epochs' && key in run.config && request.config[key] !== run.config[key],
    );
  const [like] = runs
    .filter(({ dataset }) => dataset.fingerprint === fingerprint)
    .toSorted((a, b) => differing(a).length - differing(b).length);
  if (like) return fromRun(known, like, differing(like), request);
  return fromOtherData(known, runs, request) ?? fromOthers(known, request);
}

/** By the arithmetic of both, and as many epochs as that one had. */
function fromRun(
  known: KnownRuns,
  like: OwnRun,
  others: readonly string[],
  request: TimeRequest,
): TimeEstimate {
  const { config, place } = request;
  const epochs = epochsLike(like, config);
  const scale = like.epochs ? epochs / like.epochs : 1;
  const more =
    others.length === 0
      ? 1
      : arithmetic(request) / arithmetic(known.asWork(like, request.model, request.statistics));
  const unlike = others.length === 0 ? '' : `, which differs in ${others.slice(0, 4).join(', ')}`;
  const rest = others.length > 4 ? ` and ${others.length - 4} more` : '';
  const trained = like.seconds ?? 0;
  const seconds = trained * scale * more + (wholeSeconds(like) - trained);
  const isEarly = typeof config.epochs === 'number' && epochs < config.epochs;
  return {
    time: { ...around(seconds, more === 1 ? 1 : MARGINS.settings), epochs: isEarly ? epochs : null },
    basis: `run ${like.name} on ${place ?? like.device ?? 'an unknown device'}${unlike}${rest}`,
  };
}

/** From the newest run of the model on another data set, by what both take usually. */
function fromOtherData(known: KnownRuns, runs: readonly OwnRun[], request: TimeRequest): TimeEstimate | null {
  const usual = usualSeconds(request);
  for (const run of runs) {
    const statistics = known.statisticsOf(run);
    const itsUsual = statistics && usualSeconds(known.asWork(run, request.model, statistics));
    if (usual === null || !itsUsual) continue;
    const seconds = (wholeSeconds(run) * usual) / itsUsual;
    return {
      time: { ...around(seconds, MARGINS.data), epochs: null },
      basis: `run ${run.name} on ${run.dataset.name}`,
    };
  }
  return null;
}

/** From what the model takes on a usual machine, and how fast this one is: nothing is known of other machines. */
function fromOthers(known: KnownRuns, request: TimeRequest): TimeEstimate {
  const factor = known.factorAt(request.place) ?? (request.place === null ? machineFactor() : null);
  const usual = usualSeconds(request);
  if (usual === null || factor === null) return { time: null, basis: null };
  return {
    time: { ...around(usual * factor, MARGINS.model), epochs: null },
    basis: 'the size of the data set and the speed of the machine',
  };
}

const around = (seconds: number, margin: number) => ({ low: seconds / margin, high: seconds * margin });

/** The config of a run with the epochs that it had; a fit in one go has none that could be set. */
const asItRan = ({ config, epochs }: OwnRun): Config =>
  epochs && 'epochs' in config ? { ...config, epochs } : config;

/** With the start of its trainer and the test, where it was trained in one go. */
function wholeSeconds({ seconds, startedAt, endedAt }: OwnRun): number {
  const trained = seconds ?? 0;
  const whole = startedAt && endedAt ? (endedAt - startedAt) / 1000 : 0;
  return whole > trained && whole < 2 * trained + 60 ? whole : trained;
}

/** Epochs that a run with this config will have, if it stops early where that one did. */
function epochsLike({ epochs, config: { epochs: most } }: OwnRun, config: Config): number {
  const trained = epochs ?? 0;
  const wanted = typeof config.epochs === 'number' ? config.epochs : trained;
  // With minSteps a training may have more epochs than its config says.
  const stoppedEarly = typeof most === 'number' && trained < most;
  return stoppedEarly ? Math.min(trained, wanted) : wanted === most ? trained : wanted;
}

/** Operations of an epoch by the model's own count, else its parameters, else 1: good for ratios alone. */
function arithmetic(work: Work): number {
  const { model, config, statistics } = work;
  const { users, interactions } = statistics;
  if (model.epochWork !== null) return model.epochWork(config);
  if (model.scaling === null) return model.parameterCount(config, statistics) ?? positionWork(work) ?? 1;
  const most = typeof config.maxLength === 'number' ? config.maxLength : 1;
  const meanLength = Math.min(most, interactions / Math.max(1, users));
  return model.scaling(config, statistics).epochFlops({ positions: users * meanLength, meanLength });
}
