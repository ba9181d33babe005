import { beforeAll, expect, test } from 'vitest';
import type { QueueState } from '../../src/core/api/queue.ts';
import { CommandLine, SMALL, TRAIN } from './command-line.ts';

const cli = new CommandLine();
const endless = ['--set', 'epochs=5000', '--set', 'patience=0', '--json'];
const long = [...TRAIN, '--dataset', 'sample', '--model', 'sasrec', ...SMALL, ...endless];

beforeAll(() => cli.importSample());

interface Shown {
  status: string;
  metrics: Record<string, number>;
  message: string | null;
}

const shown = (run: string) => cli.json<Shown>('runs', 'show', run);
const queue = () => cli.json<QueueState>('queue');
const refusal = async (...args: string[]) => (await cli.run('queue', ...args)).stderr;

/** A training in a process of its own that has a checkpoint. */
async function training(name: string) {
  const started = cli.start(...long, '--name', name);
  await started.line('"type":"checkpoint"');
  return started;
}

test('what another process trains is listed, finished, held and cancelled from here, each once', async () => {
  const [finished, held, cancelled] = await Promise.all(['finished', 'held', 'cancelled'].map(training));
  const { running } = await queue();
  expect(running.map(({ run, state }) => [run.name, state]).sort()).toEqual([
    ['cancelled', 'training'],
    ['finished', 'training'],
    ['held', 'training'],
  ]);
  await expect.poll(async () => (await queue()).running[0]?.progress?.epochs).toBe(5000);
  expect(await cli.text('queue')).toMatch(/finished +cpu +training +\w+, epoch \d+\/5000/);

  await cli.text('queue', 'finish', 'finished');
  await cli.text('queue', 'hold', 'held');
  expect(await cli.text('queue', 'cancel', 'cancelled')).toContain('saves a checkpoint and stops');
  await cli.text('queue', 'cancel', 'cancelled');
  expect(await refusal('finish', 'cancelled')).toContain('is stopping already');

  const ends = await Promise.all([finished, held, cancelled].map((one) => one.finished));
  expect(ends.map(({ code }) => code)).toEqual([0, 1, 130]);
  expect(ends[1].stderr).toMatch(
    /held \(\w+\) was stopped, and waits in the queue; the checkpoint of step \d+ is kept/,
  );
  expect(ends[2].stderr).toMatch(/was cancelled; the checkpoint of step \d+ is kept/);
  expect(await shown('finished')).toMatchObject({
    status: 'completed',
    message: expect.stringMatching(/ended after epoch \d+ of 5000, as requested/),
    metrics: { 'test/ndcg@10': expect.any(Number) },
  });
  expect((await shown('cancelled')).status).toBe('cancelled');
  expect((await queue()).waiting).toMatchObject([{ held: true, run: { name: 'held' } }]);
  await cli.text('queue', 'cancel', 'held');
});

test.skipIf(process.platform === 'win32')(
  'a trainer whose host is gone hears itself that it is cancelled',
  async () => {
    const lost = await training('lost');
    lost.child.kill('SIGKILL');
    await lost.finished;
    expect((await queue()).running.map(({ run }) => run.name)).toEqual(['lost']);
    await cli.text('queue', 'cancel', 'lost');
    await expect.poll(async () => (await shown('lost')).status).toBe('cancelled');
  },
);

test('what waits is held, released, moved and cancelled, and the whole queue paused', async () => {
  expect(await cli.text('queue')).toBe('Nothing trains or waits.\n');
  await cli.text(...long, '--seed', '1-3', '--name', 'a', '--queue');
  const names = async () =>
    (await queue()).waiting.map(({ run, held }) => `${run.name.slice(-1)}${held ? ' held' : ''}`);
  expect(await names()).toEqual(['1', '2', '3']);
  await cli.text('queue', 'move', 'a-seed3', '--front');
  await cli.text('queue', 'move', 'a-seed1', '--after', 'a-seed2');
  expect(await names()).toEqual(['3', '2', '1']);
  await cli.text('queue', 'move', 'a-seed3', '--back');
  await cli.text('queue', 'move', 'a-seed1', '--before', 'a-seed2');
  await cli.text('queue', 'hold', 'a-seed2');
  expect(await names()).toEqual(['1', '2 held', '3']);
  await cli.text('queue', 'release', 'a-seed2');
  await cli.text('queue', 'pause');
  expect(await cli.text('queue')).toContain('The queue is paused');
  await cli.text('queue', 'resume');
  expect(await cli.text('queue')).toContain('Nobody works through the queue');
  expect((await cli.run('host', 'pause', 'nowhere')).stderr).toContain('no host "nowhere" has been added');
  await cli.text('host', 'pause');
  expect(await cli.text('queue')).toMatch(/This machine is paused: .*host resume/);
  expect((await queue()).pausedMachines).toEqual(['']);
  await cli.text('host', 'resume');
  expect((await queue()).pausedMachines).toEqual([]);

  for (const [args, line] of [
    [['hold', 'nonsense'], 'there is no run "nonsense"'],
    [['finish', 'a-seed1'], 'waits: it does not train'],
    [['here', 'a-seed1'], 'is for this machine already'],
    [['move', 'a-seed1'], 'give one of --front'],
    [['move', 'a-seed1', '--after', 'a-seed1'], 'cannot be moved beside itself'],
    [['move', 'finished', '--front'], 'does not wait'],
    [['cancel', 'a-seed1', 'finished'], 'is completed: it neither waits nor trains'],
  ] as const) {
    expect(await refusal(...args), args.join(' ')).toContain(line);
  }
  expect(await names()).toEqual(['1', '2', '3']);
  expect(await cli.json('queue', 'cancel', 'a-seed1', 'a-seed2')).toEqual({
    cancelled: [expect.any(String), expect.any(String)],
  });
  await cli.text('queue', 'release', 'a-seed2');
  expect(await names()).toEqual(['2', '3']);
});
