/** Estimates what a study would take, from some seconds of training at each of its sizes. */
import type { SizeEstimate, StudyEstimate, StudyTrialProgress } from '../../core/api/studies.ts';
import { CancelledError, messageOf } from '../../core/errors.ts';
import { totalMemory } from '../../core/memory.ts';
import type { CountedStudy, StudyPoint } from '../../core/scaling/analysis.ts';
import type { PlannedCell, StudySpec } from '../../core/scaling/study.ts';
import type { TrialRequest, TrialService } from './trials.ts';

interface Context {
  signal?: AbortSignal;
  onProgress?(progress: StudyTrialProgress): void;
  /** Sizes that need more bytes are not tried but scaled from the others. Default: half of the machine's memory. */
  memory?: number;
}

/**
 * Trains every size for some seconds on its largest share of the users; nothing is kept. A size that does not fit
 * into memory, fails or is too slow for a trial is scaled by FLOPs from the largest that was measured.
 * Throws CancelledError when the signal fires.
 */
export async function measureStudy(
  trials: Pick<TrialService, 'measure'>,
  { spec, cells, points }: CountedStudy,
  { signal, onProgress, memory = totalMemory() / 2 }: Context = {},
): Promise<StudyEstimate> {
  const estimates: SizeEstimate[] = [];
  for (const [size, { label }] of spec.sizes.entries()) {
    onProgress?.({ done: size, total: spec.sizes.length, label });
    const point = largestOf(points, size);
    const cell = cells.find((one) => one.cell.size === size && one.cell.share === point.share);
    const bytes = point.bytes.state + point.bytes.activations;
    const outcome =
      cell && bytes <= memory
        ? await trial(trials, requestOf(spec, cell), signal)
        : { problem: 'too large for half of the memory of this machine' };
    estimates.push(estimateOf(point, outcome));
  }
  const flopsOf = ({ size }: SizeEstimate) => largestOf(points, size).flops;
  const measured = estimates
    .filter(({ basis }) => basis === 'measured')
    .sort((a, b) => flopsOf(a) - flopsOf(b))
    .at(-1);
  const sizes = estimates.map((estimate) => scaled(estimate, measured, points));
  return { sizes, ...totalsOf(sizes, points) };
}

const largestOf = (points: readonly StudyPoint[], size: number) =>
  points
    .filter((point) => point.size === size)
    .reduce((best, point) => (point.share > best.share ? point : best));

function requestOf({ dataset, device, threads }: StudySpec, { model, config }: PlannedCell): TrialRequest {
  return { model, config, dataset: dataset.id, device, threads };
}

type TrialOutcome =
  | { problem: string }
  | { problem: null; seconds: number; memoryBytes: number | null; device: string };

async function trial(
  trials: Pick<TrialService, 'measure'>,
  request: TrialRequest,
  signal: AbortSignal | undefined,
): Promise<TrialOutcome> {
  try {
    const { seconds, memoryBytes, device } = await trials.measure(request, signal);
    if (seconds === null) return { problem: 'slower than a trial' };
    return { problem: null, seconds, memoryBytes, device };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return { problem: messageOf(error) };
  }
}

function estimateOf({ size, label, bytes }: StudyPoint, outcome: TrialOutcome): SizeEstimate {
  const estimated = bytes.state + bytes.activations;
  if (outcome.problem !== null) {
    return { size, label, seconds: null, memoryBytes: estimated, basis: 'unknown', note: outcome.problem };
  }
  const { seconds, memoryBytes, device } = outcome;
  return {
    size,
    label,
    seconds,
    memoryBytes: memoryBytes ?? estimated,
    basis: 'measured',
    note: `on ${device}`,
  };
}

/** Scales the seconds of the measured size, if there is one, by FLOPs. */
function scaled(
  estimate: SizeEstimate,
  measured: SizeEstimate | undefined,
  points: readonly StudyPoint[],
): SizeEstimate {
  if (estimate.seconds !== null || !measured || measured.seconds === null) return estimate;
  const ratio = largestOf(points, estimate.size).flops / largestOf(points, measured.size).flops;
  const note = `${estimate.note}; scaled from ${measured.label} by FLOP`;
  return { ...estimate, seconds: measured.seconds * ratio, basis: 'scaled', note };
}

/** Totals of all cells, one after the other; smaller shares take less in proportion to their FLOPs. */
function totalsOf(
  sizes: readonly SizeEstimate[],
  points: readonly StudyPoint[],
): Pick<StudyEstimate, 'seconds' | 'memoryBytes'> {
  const seconds = points.map((point) => {
    const perRun = sizes.find(({ size }) => size === point.size)?.seconds ?? null;
    return perRun === null ? null : (perRun * point.flops) / largestOf(points, point.size).flops;
  });
  const known = seconds.flatMap((one) => one ?? []);
  return {
    seconds: known.length === points.length ? known.reduce((sum, one) => sum + one, 0) : null,
    memoryBytes: Math.max(...sizes.map(({ memoryBytes }) => memoryBytes)),
  };
}
