/** Estimates what a scaling study would take, from some seconds of training at each of its sizes. */
import type { SizeEstimate, StudyEstimate, StudyProbeProgress } from '../../../core/api/studies.ts';
import { CancelledError, messageOf } from '../../../core/errors.ts';
import { totalMemory } from '../../../core/memory.ts';
import type { CountedStudy, StudyPoint } from '../../../core/studies/analysis.ts';
import type { WorkContext } from '../../workers/progress.ts';
import type { ProbeRequest, ProbeService } from './probes.ts';

interface Context extends WorkContext<StudyProbeProgress> {
  /** Sizes that need more bytes are not probed but scaled from the others. Default: half of the machine's memory. */
  memory?: number;
}

/**
 * Trains every size for some seconds on its largest share of the users; nothing is kept. A size that does not fit
 * into memory, fails or is too slow for a probe is scaled by FLOPs from the largest that was measured.
 * Throws CancelledError when the signal fires.
 */
export async function measureStudy(
  probes: Pick<ProbeService, 'measure'>,
  { spec, cells, points }: CountedStudy,
  { signal, onProgress, memory = totalMemory() / 2 }: Context = {},
): Promise<StudyEstimate> {
  const { dataset, device, threads } = spec;
  const estimates: SizeEstimate[] = [];
  for (const [size, { label }] of spec.sizes.entries()) {
    onProgress?.({ done: size, total: spec.sizes.length, label });
    const point = largestOf(points, size);
    const cell = cells.find((one) => one.cell.size === size && one.cell.share === point.share);
    const fits = point.stateBytes <= memory;
    const request = cell && fits ? { ...cell, dataset: dataset.id, device, threads } : null;
    estimates.push(await probed(probes, point, request, signal));
  }
  const flopsOf = ({ size }: SizeEstimate) => largestOf(points, size).flops;
  const measured = estimates
    .filter(({ basis }) => basis === 'measured')
    .sort((a, b) => flopsOf(a) - flopsOf(b))
    .at(-1);
  const sizes = estimates.map((estimate) => scaled(estimate, measured, flopsOf));
  return { sizes, ...totalsOf(sizes, points) };
}

const largestOf = (points: readonly StudyPoint[], size: number) =>
  points
    .filter((point) => point.size === size)
    .reduce((best, point) => (point.share > best.share ? point : best));

/** What a probe shows of a size; `request` is null where it does not fit. */
async function probed(
  probes: Pick<ProbeService, 'measure'>,
  { size, label, stateBytes }: StudyPoint,
  request: ProbeRequest | null,
  signal: AbortSignal | undefined,
): Promise<SizeEstimate> {
  const about = { size, label, memoryBytes: stateBytes };
  const unknown = (note: string): SizeEstimate => ({ ...about, seconds: null, basis: 'unknown', note });
  if (request === null) return unknown('too large for half of the memory of this machine');
  try {
    const { seconds, memoryBytes, device } = await probes.measure(request, signal);
    if (seconds === null) return unknown('slower than a probe');
    const note = `on ${device}`;
    return { size, label, seconds, memoryBytes: memoryBytes ?? stateBytes, basis: 'measured', note };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return unknown(messageOf(error));
  }
}

/** Scales the seconds of the measured size, if there is one, by FLOPs. */
function scaled(
  estimate: SizeEstimate,
  measured: SizeEstimate | undefined,
  flopsOf: (estimate: SizeEstimate) => number,
): SizeEstimate {
  if (estimate.seconds !== null || !measured || measured.seconds === null) return estimate;
  const ratio = flopsOf(estimate) / flopsOf(measured);
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
