import { beforeAll, expect, test } from 'vitest';
import { CommandLine, SMALL } from './command-line.ts';

const cli = new CommandLine();
const RUN = ['sweep', 'run', '--dataset', 'sample', '--model', 'sasrec'];
const FAST = [...SMALL.slice(0, -2), '--set', 'epochs=1', '--device', 'cpu', '--threads', '1'];
const GRID = ['--vary', 'learningRate=0.001,0.01', '--vary', 'dropout=0.1,0.3'];

interface Trial {
  number: number;
  settings: Record<string, number>;
  rank: number | null;
  value: { mean: number } | null;
  status: string | null;
  runs: { id: string; name: string }[];
}

beforeAll(async () => {
  await cli.importSample();
});

test('a sweep is planned, survives a kill in the middle, is resumed, and ranks its trials', async () => {
  const asked = [...RUN, ...FAST, ...GRID, '--name', 'rates'];
  const plan = await cli.json<{ trials: object[]; metric: string }>(...asked, '--dry-run');
  expect(plan.trials).toHaveLength(4);
  expect(plan.metric).toBe('valid/ndcg@10');
  expect(await cli.json<object[]>('sweep', 'list')).toEqual([]);

  const begun = cli.start(...asked);
  await begun.line('rates-trial1-seed1:');
  begun.child.kill('SIGKILL');
  await begun.finished;
  expect(await cli.text('sweep', 'resume', 'rates')).toContain('test results of the others are not used');

  const { trials, test: tested } = await cli.json<{ trials: Trial[]; test: { metric: string } }>(
    'sweep',
    'show',
    'rates',
  );
  expect(trials.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
  const values = trials.map(({ value }) => value?.mean ?? 0);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  const [best] = trials;
  const [{ id }] = best.runs;
  const run = await cli.json<{ metrics: Record<string, number>; config: object }>('runs', 'show', id);
  expect(run.metrics['valid/ndcg@10']).toBe(best.value?.mean);
  expect(run.config).toMatchObject(best.settings);
  expect(tested.metric).toBe('test/ndcg@10');
  expect(await cli.text('sweep', 'show', 'rates', '--format', 'md')).toContain('| Trial | Status |');
  expect((await cli.text('sweep', 'show', 'rates', '--format', 'csv')).split('\r\n')).toContainEqual(
    expect.stringMatching(/^table,Trial,Status,learningRate,dropout/),
  );

  const tagged = await cli.json<{ name: string }[]>('runs', 'list');
  expect(tagged).toHaveLength(4);
  expect(await cli.json<object[]>('study', 'list')).toEqual([]);
  expect((await cli.run('study', 'show', 'rates')).stderr).toContain('there is no study "rates"');
  expect(await cli.text('sweep', 'delete', 'rates')).toContain('its runs stay');
  expect(await cli.json<object[]>('sweep', 'list')).toEqual([]);
});

test('a random search on a model without epochs draws what its seed says', async () => {
  const asked = ['sweep', 'run', '--dataset', 'sample', '--model', 'ease', '--vary', 'l2=log:1..1000'];
  const drawn = (...more: string[]) => cli.json<{ trials: object[] }>(...asked, ...more, '--dry-run');
  const [first, again, other] = await Promise.all([
    drawn('--trials', '3'),
    drawn('--trials', '3'),
    drawn('--draw', '2'),
  ]);
  expect(again.trials).toEqual(first.trials);
  expect(other.trials).toHaveLength(20);
  expect(other.trials.slice(0, 3)).not.toEqual(first.trials);
  expect(await cli.text(...asked, '--trials', '2')).toMatch(
    /The best trial, l2=\S+, was chosen on validation data, by validation NDCG@10/,
  );
});

test('a search stops trials early, survives a kill, and trains the promoted one as if it had not stopped', async () => {
  const fast = [...SMALL.slice(0, -2), '--set', 'epochs=2', '--device', 'cpu', '--threads', '1'];
  const space = [
    '--vary',
    'learningRate=log:1e-3..1e-1',
    '--search',
    'tpe',
    '--trials',
    '2',
    '--asha',
    '1',
    '--eta',
    '2',
  ];
  const begun = cli.start(...RUN, ...fast, ...space, '--name', 'early');
  await begun.line('early-trial1-seed1: stopped');
  begun.child.kill('SIGKILL');
  await begun.finished;
  expect(await cli.text('sweep', 'resume', 'early')).toMatch(/^2 +(completed|stopped)/m);
  const { trials } = await cli.json<{ trials: (Trial & { rungs: object[] })[] }>('sweep', 'show', 'early');
  expect(trials.map(({ status, rungs }) => [status, rungs.length])).toEqual([
    ['completed', 2],
    ['stopped', 1],
  ]);
  const [{ settings, value }] = trials;
  const set = ['--set', `learningRate=${settings.learningRate}`, '--seed', '1', '--name', 'whole'];
  await cli.text('train', '--dataset', 'sample', '--model', 'sasrec', ...fast, ...set);
  const whole = await cli.json<{ metrics: Record<string, number> }>('runs', 'show', 'whole');
  expect(whole.metrics['valid/ndcg@10']).toBe(value?.mean);
});

test('a sweep that cannot be is refused before anything exists', async () => {
  const before = await cli.json<object[]>('runs', 'list');
  const wrong = [
    [['--vary', 'dropout=0.1,1.5'], '"dropout": 1.5 is not possible'],
    [['--vary', 'dim=16,17'], 'heads must divide dim (in the trial dim=17)'],
    [['--vary', 'droput=0.1'], 'no config key "droput"'],
    [['--vary', 'historyFilter=all,none'], 'trials would not be comparable'],
    [['--vary', 'dropout=0.1,0.2', '--set', 'dropout=0.3'], 'both varied and set'],
    [['--vary', 'dropout=0.1,0.2', '--set', 'protocol=paper'], 'holds out no validation items'],
    [['--vary', 'dim=1..4', '--trials', '1001'], 'at most 1,000 trials'],
    [['--vary', 'dropout=0.1', '--seeds', '1,1'], '1 is in the sweep twice'],
    [['--vary', 'dropout=0.1,0.2', '--asha', '200'], 'begin sooner, or train longer'],
  ] as const;
  const refused = await Promise.all(wrong.map(([options]) => cli.run(...RUN, ...options)));
  refused.forEach(({ code, stderr }, at) => {
    expect(code).toBe(1);
    expect(stderr).toContain(wrong[at][1]);
  });
  expect(await cli.json<object[]>('runs', 'list')).toEqual(before);
});

test('a trial that diverged is at its end: the sweep is done, and nothing is left to resume', async () => {
  const asked = ['--dataset', 'sample', '--model', 'bprmf', '--vary', 'learningRate=0.01,1e30'];
  const small = ['--set', 'epochs=1', '--set', 'dim=8', '--device', 'cpu', '--threads', '1'];
  const { code, stdout, stderr } = await cli.run('sweep', 'run', ...asked, ...small, '--name', 'wild');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^wild-trial2-seed1: diverged \(.*the run has diverged/m);
  const again = await cli.run('sweep', 'resume', 'wild');
  expect([again.code, again.stderr]).toEqual([0, '']);
  expect(again.stdout).not.toContain('wild-trial2-seed1: ');
});
