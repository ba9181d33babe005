import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openStore } from '../../src/core/store/open-store.ts';
import { settleLostRuns } from '../../src/core/store/runs/lost-runs.ts';
import type { ImportedRun } from '../../src/core/store/types.ts';
import { frame } from '../../src/core/training/journal-lines.ts';
import { Hub } from '../../src/main/hub/hub.ts';
import { ForeignWriter } from '../store/foreign-writer.ts';
import { temporaryHome } from '../store/home.ts';

const open = new Set<Hub>();

function started(home: string): Hub {
  const hub = new Hub({ home, shell: 'browser', launch: () => ({ send: () => {}, kill: () => {} }) });
  onTestFinished(() => close(hub));
  hub.start();
  open.add(hub);
  return hub;
}

async function close(hub: Hub): Promise<void> {
  if (open.delete(hub)) await hub.close();
}

const runOf = (hub: Hub, id: string) => hub.store.runs.get(id) as ImportedRun;

describe('a program that writes into a home', () => {
  it('is followed live by whoever has the home open, asked to stop, and left alone when that one ends', async () => {
    const home = temporaryHome();
    const first = started(home);
    const heard: string[] = [];
    first.runs.subscribe((run, { type }) => heard.push(`${run} ${type}`));
    const writer = new ForeignWriter(home);
    first.scheduler.wake();
    await expect.poll(() => first.scheduler.stateOf(writer.id)).toBe('training');
    writer.log('loss', [1, 2]);
    writer.write({ type: 'log', level: 'info', message: 'hello' });
    await expect.poll(() => first.store.series.read(writer.id, 'loss').steps).toEqual([1, 2]);
    expect(heard).toContain(`${writer.id} log`);
    expect(first.scheduler.state().running).toMatchObject([{ run: { id: writer.id }, hostedHere: true }]);
    await close(first);
    expect(existsSync(`${writer.path}.request`)).toBe(false);

    const second = started(home);
    await expect.poll(() => second.scheduler.stateOf(writer.id)).toBe('training');
    second.scheduler.cancel(writer.id);
    await expect.poll(() => existsSync(`${writer.path}.request`)).toBe(true);
    writer.log('loss', [3]);
    // Pressed again it is no reason to kill somebody's program, which is this one.
    second.scheduler.stop();
    writer.write({ type: 'failed', outcome: 'cancelled', message: 'stopped at step 3', log: null });
    await expect.poll(() => runOf(second, writer.id).status).toBe('cancelled');
    expect(runOf(second, writer.id).message).toBe('stopped at step 3');
    expect(second.store.series.read(writer.id, 'loss').steps).toEqual([1, 2, 3]);
    expect(second.scheduler.state().resumable).toEqual([]);
  });

  it('is given up by a second Cancel, and left to go on as it likes', async () => {
    const home = temporaryHome();
    const first = started(home);
    const writer = new ForeignWriter(home);
    first.scheduler.wake();
    await expect.poll(() => first.scheduler.stateOf(writer.id)).toBe('training');
    first.scheduler.cancel(writer.id);
    expect(first.scheduler.stateOf(writer.id)).toBe('stopping');
    await close(first);

    const second = started(home);
    await expect.poll(() => second.scheduler.stateOf(writer.id)).toBe('stopping');
    second.scheduler.cancel(writer.id);
    await expect.poll(() => runOf(second, writer.id).status).toBe('cancelled');
    expect(runOf(second, writer.id).message).toContain('given up here');
    writer.log('loss', [1]);
    second.scheduler.wake();
    second.store.trash.put('run', [writer.id]);
    await second.store.trash.purgeAll();
    expect(second.store.runs.exists(writer.id)).toBe(false);
    expect(existsSync(writer.path)).toBe(false);
  });

  it('may have written much: others have their turns between the parts that are read', async () => {
    const home = temporaryHome();
    const hub = started(home);
    const writer = new ForeignWriter(home);
    const record = (step: number) =>
      `{"type":"series","points":[{"metric":"loss","steps":[${step}],"values":[1]}]}`;
    const records = Array.from({ length: 40_000 }, (_, step) => frame(Buffer.from(record(step))));
    appendFileSync(writer.path, Buffer.concat(records));
    writer.write({ type: 'finished', metrics: {} });
    let turns = 0;
    let over = false;
    const count = () => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    const transactions = vi.spyOn(hub.store, 'transaction');
    setImmediate(count);
    hub.scheduler.wake();
    await expect.poll(() => runOf(hub, writer.id).status).toBe('completed');
    over = true;
    expect(hub.store.series.list(writer.id)).toMatchObject([{ points: 40_000 }]);
    const parts = statSync(writer.path).size / 2 ** 18;
    expect(turns).toBeGreaterThan(parts / 2);
    expect(transactions.mock.calls.length).toBeGreaterThan(parts / 4);
  });

  it('takes no turn from the runs that wait', async () => {
    const home = temporaryHome();
    const hub = started(home);
    for (let at = 0; at < 3; at++) new ForeignWriter(home);
    hub.scheduler.wake();
    await expect.poll(() => hub.scheduler.training).toBe(3);
    const { running } = hub.scheduler.state();
    expect(running.map(({ run }) => run.kind)).toEqual(['imported', 'imported', 'imported']);
  });
});

const PYTHON = ['python3', 'python'].find((name) => spawnSync(name, ['-c', '']).status === 0);

/** A training with docs/tessera_log.py; it ends as `end` says, in Python. */
function python(home: string, end: string): ChildProcess {
  const program = `
import sys, time
sys.path.insert(0, ${JSON.stringify(resolve('docs'))})
from tessera_log import Run
with Run(${JSON.stringify(home)}, "PyTorch 2.6", name=${JSON.stringify(end)}, model="BERT4Rec", config={"dim": 64, "ü": None}, seed=3) as run:
    run.message("begins")
    for step in range(1, 201):
        run.log(step, {"loss": 1 / step, "odd": float("nan") if step % 2 else float("inf")}, epoch=step // 50)
        run.progress(step, 200)
    ${end}
`;
  const child = spawn(PYTHON ?? '', ['-c', program], { stdio: ['ignore', 'inherit', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe.skipIf(PYTHON === undefined)('the Python writer of the docs', () => {
  it('logs 200 steps live; finished, failed, stopped and killed are told apart', async () => {
    const home = temporaryHome();
    openStore(home).close();
    const hub = started(home);
    const ends = {
      'run.finish({"test/ndcg@10": 0.25, "loss": float("nan")})': 'completed',
      'raise ValueError("no such item\\nat all")': 'failed',
      'time.sleep(600)': 'interrupted',
      'run.log(201, {"loss": 0}); exec("while not run.wants_stop(): time.sleep(0.05)"); run.fail("stopped", "cancelled")':
        'cancelled',
    };
    const children = Object.keys(ends).map((end) => python(home, end));
    const runs = () => hub.store.runs.list() as ImportedRun[];
    const named = (end: string) => runs().find(({ name }) => name === end);
    await expect
      .poll(() => {
        hub.scheduler.wake();
        return runs().filter(({ id }) => hub.store.series.read(id, 'loss').steps.length >= 200).length;
      })
      .toBe(4);
    const [finished, failed, killed, stopped] = Object.keys(ends);
    expect([named(killed)?.status, named(stopped)?.status]).toEqual(['running', 'running']);
    expect(hub.scheduler.progressOf(named(killed)?.id ?? '')).toMatchObject({ done: 200, total: 200 });
    children[2].kill('SIGKILL');
    hub.scheduler.cancel(named(stopped)?.id ?? '');
    for (const [end, status] of Object.entries(ends))
      await expect.poll(() => named(end)?.status).toBe(status);
    const run = named(finished);
    expect(run).toMatchObject({
      program: 'PyTorch 2.6',
      model: 'BERT4Rec',
      seed: 3,
      config: { dim: 64, ü: null },
    });
    expect(run?.stated).toEqual({ 'test/ndcg@10': 0.25, loss: Number.NaN });
    expect(named(failed)?.message).toBe('ValueError: no such item');
    expect(named(killed)?.message).toBe('the process that trained it ended without a word');
    const odd = hub.store.series.read(run?.id ?? '', 'odd');
    expect(odd.values.slice(0, 2)).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
    expect(hub.store.logs.list(run?.id ?? '').map(({ message }) => message)).toEqual(['begins']);
  });

  it('takes what people pass, and never ends their training', () => {
    const home = temporaryHome();
    openStore(home).close();
    const program = `
import sys
sys.path.insert(0, ${JSON.stringify(resolve('docs'))})
from tessera_log import Run
HOME = ${JSON.stringify(home)}
class Scalar:  # as NumPy's: no kind of int or float, and JSON does not know it
    def __init__(self, value): self.value = value
    def __float__(self): return float(self.value)
    def __int__(self): return int(self.value)
    def tolist(self): return self.value
class Broken:
    def __str__(self): raise ValueError("no")
    __repr__ = __float__ = __str__
deep = []
for _ in range(20000): deep = [deep]
cycle = {}
cycle["again"] = cycle
for name, facts in {
    "nothing": dict(model=None, dataset=None, seed=None, config=None),
    "numpy": dict(seed=Scalar(1), config={"lr": Scalar(0.1), "layers": Scalar([64, 32]), "bias": Scalar(True)}),
    "inf": dict(config={"max_depth": float("inf"), "tiny": float("-inf"), "odd": float("nan")}),
    "long" * 60: dict(seed=2**60),
    "two\\nlines": dict(model="", config={("a", 1): {1, }, "o": object, "broken": Broken()}),
    "deep": dict(config={"deep": deep, "cycle": cycle, "b": 1}),
}.items():
    with Run(HOME, "Python", name=name, **facts) as run:
        run.log(Scalar(1), {"loss": Scalar(0.5), "none": None, "text": "x", "broken": Broken()}, epoch=None)
        run.log("one", {"loss": 2})
        run.log(2, None)
        run.progress(None, 1)
        run.progress(1, 0)
        run.message(Broken())
        run.message(b"bytes", level=3)
        assert run.wants_stop() is False
        run.finish({"hr": Scalar(0.25), "bad": None})
for gone in (Run("/nowhere", "Python"), Run(None, None, 1, 2, 3), Run(HOME, "Python", config=Broken())):
    gone.log(1, {"a": 1})
    gone.finish()
# The training draws what it would draw without its log.
import random
random.seed(1)
alone = random.random()
random.seed(1)
Run(HOME, "Python", name="seeded").finish()
assert random.random() == alone
try:
    with Run(HOME, Broken(), name="raises") as run:
        raise KeyError(Broken())
except KeyError:
    print("ended")
`;
    const { stdout, status } = spawnSync(PYTHON ?? '', ['-c', program], { encoding: 'utf8' });
    expect([stdout.trim(), status]).toEqual(['ended', 0]);
    const store = openStore(home);
    onTestFinished(() => store.close());
    while (store.lifecycle.lost().length > 0) settleLostRuns(store);
    const shown = new Map((store.runs.list() as ImportedRun[]).map((run) => [run.name, run]));
    const config = (name: string) => shown.get(name)?.config;
    const completed = [...shown.values()].filter(({ status }) => status === 'completed');
    expect(completed.map(({ stated }) => stated.hr).filter((hr) => hr === 0.25)).toHaveLength(6);
    expect(shown.get('nothing')).toMatchObject({ model: null, seed: null, config: null });
    expect(shown.get('numpy')).toMatchObject({ seed: 1, config: { lr: 0.1, layers: [64, 32], bias: true } });
    expect(config('inf')).toEqual({ max_depth: 'Infinity', tiny: '-Infinity', odd: 'NaN' });
    expect(shown.get('long'.repeat(50))).toMatchObject({ seed: null, config: { seed: `${2n ** 60n}` } });
    expect(config('two lines')).toMatchObject({ "('a', 1)": [1], broken: null });
    expect(config('deep')).toMatchObject({ b: 1 });
    const run = shown.get('numpy')?.id ?? '';
    expect(store.series.list(run)).toMatchObject([{ metric: 'loss', points: 1, last: 0.5 }]);
  });
});
