/** Steps of ours against those of a peer in PyTorch: the same parameters and batches, eager and compiled, in turns. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './median.ts';
import { child, type StepTime, torchEnvironment } from './processes.ts';

/** How a peer computes a step (torch/peer.py). */
export const MODES = ['eager', 'apart', 'compiled'] as const;
export type Mode = (typeof MODES)[number];

/** Steps whose batches the peer gets; it begins again after the last one. */
const EXCHANGED = 8;
/** Relative difference of losses that counts as the same arithmetic. */
const TOLERANCE = 1e-4;

export interface Peer {
  /** Scripts in this folder and in torch/. */
  ours: string;
  torch: string;
  /** Arguments of ours. */
  args(threads: number, steps: number): string[];
  modes?: readonly Mode[];
}

export interface Comparison {
  /** Steps timed. */
  steps: number;
  threads: number;
  time: keyof StepTime;
  /** Of one step, medians. */
  seconds: number;
  torchSeconds: Partial<Record<Mode, number>>;
  /** The quicker way of the peer, by its median. */
  better: Mode | null;
  /** Median of the ratios to it. */
  ratio: number | null;
  ratios: number[];
  /** Of the first steps, without dropout, and what the peer made of the same parameters and batches. */
  losses: number[];
  torchLosses: number[];
}

export interface Timing {
  threads: number;
  time: keyof StepTime;
  steps: number;
  alternations: number;
  /** Of the peer's ways those that are tried. Default: all. */
  modes?: readonly Mode[];
}

/** A folder for what both sides read, while `use` runs. */
export function withFolder<T>(use: (folder: string) => T): T {
  const work = join(import.meta.dirname, 'work');
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'peer-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Losses of ours and of the peer, from the same parameters, batches and negatives. Writes the exchange into the folder. */
export function compareLosses(
  { ours, torch, args }: Peer,
  folder: string,
  python: string | null,
): { losses: number[]; torchLosses: number[] } {
  const script = join(import.meta.dirname, ours);
  const told = [script, ...args(1, EXCHANGED), '--exchange', folder];
  const { losses } = child<{ losses: number[] }>(process.execPath, told);
  if (!python) return { losses, torchLosses: [] };
  const peer = [join(import.meta.dirname, 'torch', torch), folder, '1', '0', 'check'];
  const { losses: torchLosses } = child<{ losses: number[] }>(python, peer, torchEnvironment(1));
  return { losses, torchLosses };
}

/** Throws where the peer computes something else. */
export function comparePeer(
  peer: Peer,
  python: string | null,
  { threads, time, steps, alternations, modes: asked }: Timing,
): Comparison {
  return withFolder((folder) => {
    const checked = compareLosses(peer, folder, python);
    for (const [at, loss] of checked.torchLosses.entries()) {
      if (Math.abs(loss - checked.losses[at]) > TOLERANCE * Math.abs(loss))
        throw new Error(
          `${peer.torch}: the loss of step ${at + 1} is ${loss}, of ours ${checked.losses[at]}`,
        );
    }
    const ourScript = join(import.meta.dirname, peer.ours);
    const torchScript = join(import.meta.dirname, 'torch', peer.torch);
    const modes = python ? (peer.modes ?? MODES).filter((mode) => asked?.includes(mode) ?? true) : [];
    const ours: number[] = [];
    const torch: Partial<Record<Mode, number[]>> = Object.fromEntries(modes.map((mode) => [mode, []]));
    for (let turn = 0; turn < alternations; turn++) {
      ours.push(child(process.execPath, [ourScript, ...peer.args(threads, steps)])[time]);
      for (const mode of modes) {
        const told = [torchScript, folder, String(threads), String(steps), mode];
        torch[mode]?.push(child(python as string, told, torchEnvironment(threads))[time]);
      }
      const last = modes.map((mode) => `${mode} ${torch[mode]?.at(-1)?.toFixed(3)}`);
      console.error(`${peer.torch}, turn ${turn + 1}: ours ${ours.at(-1)?.toFixed(3)} s, ${last.join(', ')}`);
    }
    const medians = modes.map((mode): [Mode, number] => [mode, median(torch[mode] ?? [])]);
    const better = medians.reduce<[Mode, number] | null>(
      (best, one) => (best === null || one[1] < best[1] ? one : best),
      null,
    );
    const ratios = better === null ? [] : ours.map((value, turn) => value / (torch[better[0]]?.[turn] ?? 0));
    return {
      ...{ steps, threads, time, seconds: median(ours), torchSeconds: Object.fromEntries(medians) },
      ...{ better: better?.[0] ?? null, ratio: better && median(ratios), ratios, ...checked },
    };
  });
}
