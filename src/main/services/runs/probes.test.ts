import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeExecutor } from '../../../../test/store/fake-executor.ts';
import { addRun, completeRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { writeSample } from '../../../core/data/sample/sample.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { estimate, modelList } from '../../analyst/model-info.ts';
import { LocalExecutor } from '../../executors/local.ts';
import { watchEnergy } from '../../workers/energy.ts';
import { importInto } from '../datasets.ts';
import { ProbeService } from './probes.ts';
import { RunService } from './runs.ts';

async function storeWithSample() {
  const store = temporaryStore();
  const paths = writeSample(temporaryHome(), { users: 100, items: 60 });
  const { statistics } = await importInto(store, { paths, name: 'club' });
  return { store, statistics };
}

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tessera-probe-'));
afterEach(() => vi.unstubAllEnvs());
const common = { dataset: 'club', device: 'cpu', threads: 1 } as const;

const onCpu = async () => ({ id: 'cpu' as const, reason: 'not cuda (no driver)' });

describe('a probe', () => {
  it('is told what "auto" stands for, as a trainer of the packaged program may start no process', async () => {
    const { store } = await storeWithSample();
    const told: TrainSpec[] = [];
    const executor = fakeExecutor((spec) => {
      told.push(spec);
      const ended = Promise.resolve({ kind: 'completed' as const, message: null, log: null });
      return { ended, stopAfterEpoch() {}, cancel() {}, kill() {} };
    });
    const probes = new ProbeService(store, executor, onCpu);
    const config = resolveConfig('popularity');
    await probes.measure({ ...common, device: 'auto', model: 'popularity', config });
    await probes.measure({ ...common, model: 'popularity', config });
    expect(told.map(({ auto }) => auto)).toEqual([await onCpu(), undefined]);
  });

  it('tells what a run would take from its first seconds, and keeps nothing', async () => {
    const { store, statistics } = await storeWithSample();
    // Tests beside this one probe as well.
    const own = temporaryHome();
    for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, own);
    const probes = new ProbeService(store, new LocalExecutor(), onCpu);
    const config = resolveConfig('bprmf', { overrides: { epochs: 1_000_000, dim: 8, patience: 0 } });
    const long = await probes.measure({ ...common, model: 'bprmf', config });
    expect(long).toMatchObject({ device: 'cpu', finished: false, validated: true });
    expect(long.parameters).toBe(8 * (statistics.users + statistics.items));
    expect(long.seconds).toBeGreaterThan(60);
    if (process.platform === 'linux') expect(long.memoryBytes).toBeGreaterThan(20e6);

    const short = await probes.measure({
      ...common,
      model: 'popularity',
      config: resolveConfig('popularity'),
    });
    expect(short).toMatchObject({ finished: true, parameters: null });
    expect(short.seconds).toBeLessThan(60);
    expect([leftovers(), existsSync(`${store.home}/runs`) ? readdirSync(`${store.home}/runs`) : []]).toEqual([
      [],
      [],
    ]);
  });

  it('ends when nobody waits for it, and says why a run would fail', async () => {
    const { store } = await storeWithSample();
    const probes = new ProbeService(store, new LocalExecutor(), onCpu);
    const config = resolveConfig('bprmf', { overrides: { epochs: 1_000_000 } });
    const abort = new AbortController();
    const cancelled = probes.measure({ ...common, model: 'bprmf', config }, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toThrow('cancelled');
    await expect(probes.measure({ ...common, dataset: 'none', model: 'bprmf', config })).rejects.toThrow(
      'no data set "none"',
    );
  });
});

describe('a weighing', () => {
  it('tells what a step takes, once for all who ask, and lets the next begin where one is given up', async () => {
    const { store } = await storeWithSample();
    const local = new LocalExecutor();
    const started: TrainSpec[] = [];
    const executor = fakeExecutor((spec, listener) => {
      started.push(spec);
      return local.start(spec, listener);
    });
    const probes = new ProbeService(store, executor, async () => ({ id: 'webgpu', reason: 'first' }));
    const asked = { ...common, model: 'bprmf', config: resolveConfig('bprmf', { overrides: { dim: 8 } }) };
    const abort = new AbortController();
    const given = probes.weigh(asked, abort.signal);
    const [first, second] = [probes.weigh(asked), probes.weigh(asked)];
    abort.abort();
    await expect(given).rejects.toThrow('cancelled');
    expect(await first).toMatchObject({ bytes: expect.any(Number), free: expect.any(Number), problem: null });
    expect(await second).toEqual(await first);
    expect(started.filter(({ weigh }) => weigh).length).toBeLessThan(3);
    expect(await probes.weigh({ ...asked, device: 'auto' })).toBeNull();
    const simple = { ...asked, model: 'popularity', config: resolveConfig('popularity') };
    expect(await probes.weigh(simple)).toBeNull();
    await expect(probes.weigh({ ...asked, dataset: 'none' })).rejects.toThrow('no data set "none"');
  });
});

describe('an estimate', () => {
  it('is scaled from the completed run that is most like it, and names what differs', async () => {
    const { store, statistics } = await storeWithSample();
    const service = new RunService(store, new LocalExecutor());
    const config = (overrides: Record<string, unknown>) => resolveConfig('bprmf', { overrides });
    const asked = { model: 'bprmf', dataset: 'club', device: 'auto' as const };
    expect(estimate(store, { ...asked, overrides: { dim: 8 } })).toMatchObject({
      parameters: 8 * (statistics.users + statistics.items),
      time: { low: expect.any(Number), high: expect.any(Number) },
    });
    const start = (dim: number) =>
      service.startNew({
        ...common,
        model: 'bprmf',
        config: config({ epochs: 2, dim }),
        seed: 1,
        name: `wide-${dim}`,
      });
    const { id, seconds } = await start(8).ended;
    // Told by the trainer itself.
    expect(store.samples.list(id, 1)).toEqual([
      {
        time: expect.any(Number),
        cpu: expect.any(Number),
        memory: expect.any(Number),
        gpu: null,
        gpuMemory: null,
        // Where the machine says none.
        energy: watchEnergy()() === null ? null : expect.any(Number),
      },
    ]);
    await start(16).ended;
    const same = estimate(store, { ...asked, overrides: { dim: 8, epochs: 20 } });
    expect(same.basis).toBe('run wide-8 on cpu');
    // Its trainer starts once.
    expect(same.time?.low).toBeGreaterThanOrEqual(10 * (seconds ?? Number.NaN));
    expect(same.time?.low).toBe(same.time?.high);
    const unlike = estimate(store, { ...asked, overrides: { dim: 8, epochs: 2, l2: 0.1 } });
    expect(unlike.basis).toBe('run wide-8 on cpu, which differs in l2');
  });
});

it('a run that stopped early tells when others like it will', () => {
  const store = temporaryStore();
  const dataset = datasetSummary('beauty');
  store.datasets.add(dataset);
  const request = { model: 'sasrec', dataset: dataset.name, device: 'auto' as const };
  const { id } = addRun(store, { config: resolveConfig('sasrec', { overrides: { epochs: 60 } }) });
  completeRun(store, id, { epochs: 5, seconds: 10 });
  const time = (epochs: number) => estimate(store, { ...request, overrides: { epochs } }).time;
  expect([3, 60, 100].map((epochs) => time(epochs)?.low)).toEqual([6, 10, 10]);
  expect([3, 60, 100].map((epochs) => time(epochs)?.epochs)).toEqual([null, 5, 5]);
});

describe('the list of models', () => {
  it('puts every config key into a group', () => {
    const sasrec = modelList().find(({ id }) => id === 'sasrec');
    expect(Object.keys(sasrec?.groups ?? {})).toEqual(Object.keys(sasrec?.configSchema.properties ?? {}));
    expect(sasrec?.groups).toMatchObject({ dim: 'model', epochs: 'training', historyFilter: 'protocol' });
  });
});
