import { beforeAll, expect, test } from 'vitest';
import { CommandLine, SMALL } from './command-line.ts';

const cli = new CommandLine({ apart: true });
const train = ['train', '--dataset', 'sample', '--device', 'cpu', '--threads', '1'];
const long = [
  ...train,
  '--model',
  'sasrec',
  ...SMALL,
  '--set',
  'epochs=5000',
  '--set',
  'patience=0',
  '--json',
];

beforeAll(async () => {
  await cli.importSample();
  await cli.text(...train, '--model', 'popularity', '--name', 'first');
});

interface Listed {
  id: string;
  name: string;
  status: string;
}

test.skipIf(process.platform === 'win32')(
  'while one process trains, others list, compare, and train; Ctrl-C cancels, and the run can go on',
  async () => {
    const started = cli.start(...long, '--name', 'long');
    await started.line('"type":"checkpoint"');
    const statusOfLong = async () => {
      const runs = await cli.json<Listed[]>('runs', 'list');
      return runs.find(({ name }) => name === 'long')?.status;
    };
    const [status, table, trained, refused] = await Promise.all([
      statusOfLong(),
      cli.text('compare', 'first'),
      cli.json(
        'train',
        '--dataset',
        'sample',
        '--model',
        'popularity',
        '--device',
        'cpu',
        '--name',
        'second',
      ),
      cli.run('runs', 'delete', 'long'),
    ]);
    expect(status).toBe('running');
    expect(table).toContain('first');
    expect(trained).toMatchObject({ status: 'completed' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is running: cancel it') });
    expect(await statusOfLong()).toBe('running');

    started.child.kill('SIGINT');
    const ended = await started.finished;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(
      /^tessera: run long \(\w+\) was cancelled; the checkpoint of step \d+ is kept; resume it with: .*\n$/,
    );
    expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      status: 'cancelled',
      metrics: {},
    });
    expect(await statusOfLong()).toBe('cancelled');

    const resumed = cli.start('train', '--resume', 'long', '--json');
    const reached = / step (\d+) is kept/.exec(ended.stderr)?.[1];
    expect(JSON.parse(await resumed.line('"type":"run"')).fromStep).toBe(Number(reached));
    await resumed.line('"type":"series"');
    resumed.child.kill('SIGTERM');
    expect((await resumed.finished).code).toBe(143);
  },
);

test.skipIf(process.platform === 'win32')(
  'a data set deleted while a run trains on it harms neither',
  async () => {
    await cli.text('datasets', 'import', `${cli.folder}/sample`, '--name', 'short-lived');
    const options = ['--model', 'sasrec', ...SMALL, '--set', 'epochs=5000', '--set', 'patience=0', '--json'];
    const started = cli.start(
      ...['train', '--dataset', 'short-lived', '--device', 'cpu', '--threads', '1'],
      ...options,
    );
    await started.line('"type":"checkpoint"');
    await cli.text('datasets', 'delete', 'short-lived', '--force');
    started.child.kill('SIGINT');
    const { code, stderr } = await started.finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^tessera: run \S+ \(\w+\) was cancelled.*\n$/);
  },
);

test('a reader that closes the pipe early is no error, and does not stop a training', async () => {
  const list = cli.start('models', '--json');
  list.child.stdout?.destroy();
  expect(await list.finished).toMatchObject({ code: 0, stderr: '' });
  const training = cli.start(
    ...train,
    '--model',
    'bprmf',
    '--set',
    'epochs=2',
    '--name',
    'unheard',
    '--json',
  );
  await training.line('"type":"run"');
  training.child.stdout?.destroy();
  expect(await training.finished).toMatchObject({ code: 0, stderr: '' });
  expect(await cli.json('runs', 'show', 'unheard')).toMatchObject({ status: 'completed' });
});
