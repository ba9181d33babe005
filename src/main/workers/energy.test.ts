import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { watchEnergy } from './energy.ts';

const RANGE = 262_143_328_850;

/** A folder as Linux has it, whose counters can be set, in microjoules. */
function machine(zones: Record<string, [name: string, counter: number]>) {
  const folder = temporaryHome();
  const set = (zone: string, counter: number | string) =>
    writeFileSync(join(folder, zone, 'energy_uj'), `${counter}\n`);
  for (const [zone, [name, counter]] of Object.entries(zones)) {
    mkdirSync(join(folder, zone));
    writeFileSync(join(folder, zone, 'name'), `${name}\n`);
    writeFileSync(join(folder, zone, 'max_energy_range_uj'), `${RANGE}\n`);
    set(zone, counter);
  }
  let time = 0;
  const take = watchEnergy({ folder, now: () => time });
  /** After so many milliseconds. */
  const after = (milliseconds: number) => {
    time += milliseconds;
    return take();
  };
  return { folder, set, after };
}

it('the joules of all packages and their memory are added up, and nothing twice', () => {
  const { set, after } = machine({
    'intel-rapl:0': ['package-0', 5e6],
    'intel-rapl:0:0': ['core', 1e6],
    'intel-rapl:0:1': ['dram', 2e6],
    'intel-rapl:1': ['package-1', 7e6],
    'intel-rapl:2': ['psys', 9e6],
    'intel-rapl-mmio:0': ['package-0', 5e6],
  });
  for (const zone of ['intel-rapl:0:0', 'intel-rapl:2', 'intel-rapl-mmio:0']) set(zone, 90e6);
  set('intel-rapl:0', 25e6);
  set('intel-rapl:0:1', 5e6);
  set('intel-rapl:1', 17.5e6);
  expect(after(2000)).toBeCloseTo(20 + 3 + 10.5, 9);
  expect(after(2000)).toBe(0);
});

it('a counter that has come to its end goes on from 0', () => {
  const { set, after } = machine({ 'intel-rapl:0': ['package-0', RANGE - 30e6] });
  set('intel-rapl:0', 12e6);
  expect(after(2000)).toBeCloseTo(42, 9);
});

it('a counter that began anew is no energy, and nobody knows the rest', () => {
  const { set, after } = machine({ 'intel-rapl:0': ['package-0', 400e6] });
  set('intel-rapl:0', 1e6);
  expect(after(2000)).toBeNull();
  set('intel-rapl:0', 2e6);
  expect(after(2000)).toBeNull();
});

it('it is unknown and never 0 where nothing can be read', () => {
  expect(watchEnergy({ folder: '/none/of/these' })()).toBeNull();
  expect(machine({}).after(1)).toBeNull();
  expect(machine({ 'intel-rapl:0': ['psys', 3] }).after(1)).toBeNull();
  const { folder, set, after } = machine({
    'intel-rapl:0': ['package-0', 3e6],
    'intel-rapl:1': ['package-1', 1],
  });
  set('intel-rapl:0', 4e6);
  expect(after(1000)).toBeCloseTo(1, 9);
  rmSync(join(folder, 'intel-rapl:1', 'energy_uj'));
  expect(after(1000)).toBeNull();
  set('intel-rapl:0', 'xx');
  expect(watchEnergy({ folder })()).toBeNull();
});

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'it is unknown where it is not allowed',
  () => {
    const { folder } = machine({ 'intel-rapl:0': ['package-0', 3] });
    chmodSync(join(folder, 'intel-rapl:0', 'energy_uj'), 0o000);
    expect(watchEnergy({ folder })()).toBeNull();
  },
);
