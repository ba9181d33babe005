/**
 * What the processors of the machine take, by the counters that Linux has of them (RAPL, of Intel's and AMD's): of the whole machine, whoever uses
 * it, and without its GPU, disks and fans.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/sys/class/powercap';
/** A package, or a part of one; what another driver has of the same packages is left out. */
const ZONE = /^intel-rapl:\d+(:\d+)?$/;
/** Of one package or its memory: more is a counter that began anew, as after the machine slept. */
const MOST_WATTS = 2000;

interface Zone {
  path: string;
  /** Microjoules at which its counter begins again from 0. */
  range: number;
  last: number;
}

/**
 * Joules since it was asked the time before, or since it began; null where nothing can be read, or could not once: then nobody knows the rest.
 * `now` in milliseconds, of a clock that nobody sets.
 */
export function watchEnergy({ folder = FOLDER, now = () => performance.now() } = {}): () => number | null {
  let zones = openZones(folder);
  let before = now();
  return () => {
    const time = now();
    const most = MOST_WATTS * 1e3 * Math.max(1, time - before);
    before = time;
    let sum = 0;
    for (const zone of zones ?? []) {
      const counter = numberIn(zone.path, 'energy_uj');
      const taken = counter === null ? Number.NaN : since(zone, counter);
      if (!(taken <= most)) zones = null;
      zone.last = counter ?? 0;
      sum += taken;
    }
    return zones === null ? null : sum / 1e6;
  };
}

/** In microjoules; NaN where the counter fell and nobody knows its range. */
function since({ last, range }: Zone, counter: number): number {
  if (counter >= last) return counter - last;
  return range > last ? range - last + counter : Number.NaN;
}

/** Packages, and memory where it is counted apart; null where there is none, or one of them cannot be read. */
function openZones(folder: string): Zone[] | null {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => ZONE.test(name));
  } catch {
    return null;
  }
  const zones: Zone[] = [];
  for (const path of names.map((name) => join(folder, name))) {
    const kind = textIn(path, 'name');
    // Cores and graphics are parts of their package, and "psys" is the whole of all.
    if (!kind?.startsWith('package') && kind !== 'dram') continue;
    const last = numberIn(path, 'energy_uj');
    if (last === null) return null;
    zones.push({ path, last, range: numberIn(path, 'max_energy_range_uj') ?? 0 });
  }
  return zones.some(({ path }) => textIn(path, 'name') !== 'dram') ? zones : null;
}

function textIn(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'utf8').trim();
  } catch {
    return null;
  }
}

function numberIn(folder: string, name: string): number | null {
  const text = textIn(folder, name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
