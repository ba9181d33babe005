import { beforeAll, expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

const cli = new CommandLine();

beforeAll(async () => {
  await cli.importSample();
  const train = [
    'train',
    '--dataset',
    'sample',
    '--device',
    'cpu',
    '--threads',
    '1',
    '--set',
    'protocol=paper',
  ];
  await cli.text(...train, '--model', 'bprmf', '--set', 'epochs=2', '--name', 'ours');
});

test('published lists the sources, and one with its results', async () => {
  const { sources } = await cli.json<{ sources: { id: string }[] }>('published');
  expect(sources.map(({ id }) => id)).toEqual([
    ...[
      'bars',
      'bert4rec-replicability',
      'cornac',
      'esasrec',
      'fuxi-alpha',
      'generative-recommenders',
      'rectools',
    ],
    ...['rpg', 'tiger-5m', 'tiger', 'torchrec'],
  ]);
  expect(await cli.text('published', 'fuxi-alpha')).toMatch(/HSTU-Large +hstu +0\.1844/);
  expect(await cli.run('published', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/choose one of: bars, bert4rec-replicability, cornac, esasrec/),
  });
});

test('a run trained as the papers do stands under its published result, with its last epoch', async () => {
  const compare = ['compare', 'ours', '--published', 'fuxi-alpha'];
  const text = await cli.text(...compare, '--published-dataset', 'ml-1m');
  expect(text).toMatch(
    /BPRMF .*0\.0607.*\n ?ours: ours +0\.\d{4} \(.\d+\.\d %\).*\n ?ours: ours, last epoch +0\./,
  );
  expect(text).toContain('checkpoint selection: test items (optimistic)');
  const refused = await cli.run(...compare);
  expect(refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/say which one they are of with --published-dataset/),
  });
});
