import { beforeAll, expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

const cli = new CommandLine();
const SMALL = ['maxLength=10', 'loss=full-softmax', 'epochs=1'].flatMap((setting) => ['--set', setting]);
const GRID = [
  '--sizes',
  '2x1x1,4x1x1,8x1x1,16x1x1,32x1x1',
  '--shares',
  '1',
  '--device',
  'cpu',
  '--threads',
  '1',
  ...SMALL,
];

beforeAll(async () => {
  await cli.importSample();
});

interface Point {
  label: string;
  share: number;
  run: { id: string; status: string } | null;
  nonEmbedding: number;
  positions: number;
  crossEntropy: number | null;
}

interface Law {
  axis: string;
  fit: object | null;
  heldOut: { inside: boolean } | null;
  problems: string[];
}

test('a study shows what it costs, survives a kill in the middle, and is fitted', async () => {
  const study = ['study', 'run', '--dataset', 'sample', '--name', 'sizes', ...GRID];
  const [plan, half] = await Promise.all(
    [[], ['--shares', '0.5']].map((more) => cli.json<{ points: Point[] }>(...study, ...more, '--dry-run')),
  );
  expect(plan.points).toHaveLength(5);
  expect(await cli.json<object[]>('study', 'list')).toEqual([]);
  const counts = plan.points.map(({ nonEmbedding }) => nonEmbedding);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  const share = half.points[0].positions / plan.points[0].positions;
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.65);

  const begun = cli.start(...study);
  await begun.line('4x1x1-100pct');
  begun.child.kill('SIGKILL');
  await begun.finished;
  const before = await cli.json<{ points: Point[] }>('study', 'show', 'sizes');
  const done = before.points.filter(({ run }) => run?.status === 'completed');
  expect(done.length).toBeGreaterThanOrEqual(2);
  expect(done.length).toBeLessThan(5);

  expect(await cli.text('study', 'resume', 'sizes')).toContain('L(N) = ');
  const after = await cli.json<{ points: Point[]; laws: Law[] }>('study', 'fit', 'sizes');
  expect(after.points.map(({ run }) => run?.status)).toEqual(Array(5).fill('completed'));
  for (const { label, run } of done) {
    expect(after.points.find((point) => point.label === label)?.run).toEqual(run);
  }
  const byParameters = after.laws.filter(({ axis }) => axis === 'parameters');
  expect(byParameters.every(({ fit, heldOut }) => fit !== null && heldOut !== null)).toBe(true);
  expect(await cli.text('study', 'show', 'sizes', '--format', 'md')).toMatch(
    /Fitted without 32x1x1, the law predicts .*(in|out)side/,
  );
  const byData = after.laws.filter(({ axis }) => axis === 'data');
  expect(byData.every(({ fit, problems }) => fit === null && problems[0].includes('at least 4 sizes'))).toBe(
    true,
  );
});

interface BaseLarge {
  points: Point[];
  baseLarge: {
    models: { model: string; cells: { percent: number | null; significance: object | null }[] }[];
    published: { dataset: string; steps: { model: string }[] }[];
    warnings: string[];
  };
}

test('bases against Larges run through the queue and stand beside the published steps', async () => {
  const pairs = ['study', 'base-large', '--dataset', 'sample', '--models', 'hstu,sasrec', '--blocks', '1,2'];
  const short = ['maxLength=10', 'epochs=1'].flatMap((setting) => ['--set', setting]);
  const asked = [...pairs, ...short, '--device', 'cpu', '--threads', '1'];
  const plan = await cli.json<{ estimate: { sizes: { label: string; basis: string; seconds: number }[] } }>(
    ...[...asked, '--dry-run', '--measure'],
  );
  expect(plan.estimate.sizes.map(({ label, basis }) => `${label} ${basis}`)).toEqual(
    ['hstu-base', 'sasrec-base', 'hstu-large', 'sasrec-large'].map((label) => `${label} measured`),
  );
  expect(await cli.text(...asked)).toContain('FuXi-α, table of overall results');
  const html = await cli.text('study', 'show', 'base-large-sample', '--format', 'html');
  expect(html).toMatch(/<figcaption>.*Figure \d\.<\/span> NDCG@10 of base and Large/);
  expect(html.replaceAll(/<\/?span>/g, '')).toContain(
    'tessera study base-large --dataset sample --models hstu,sasrec --settings ml-1m --blocks 1,2',
  );
  const { points, baseLarge } = await cli.json<BaseLarge>('study', 'show', 'base-large-sample');
  expect(points.map(({ run }) => run?.status)).toEqual(Array(4).fill('completed'));
  expect(baseLarge.models.map(({ model }) => model)).toEqual(['hstu', 'sasrec']);
  for (const { cells } of baseLarge.models)
    expect(cells.every(({ significance }) => significance)).toBe(true);
  expect(baseLarge.published[0].steps.map(({ model }) => model)).toEqual(['hstu', 'sasrec']);
  expect(baseLarge.warnings.join(' ')).toContain('epochs 1 in place of 101');
});

test('a study that cannot be is refused before anything exists', async () => {
  const run = ['study', 'run', '--dataset', 'sample'];
  const wrong = [
    [['--sizes', '8y1'], '"8y1" is no size'],
    [['--sizes', '8x1,8x1'], '8x1 is in the study twice'],
    [['--sizes', '9x1x2'], 'heads must divide dim'],
    [['--sizes', '8x1x2x16', '--model', 'hstu'], 'no feed-forward width'],
    [['--shares', '1.5'], 'a share of the users'],
    [['--model', 'popularity'], 'popularity is not scaled by studies'],
    [['--model', 'bprmf'], 'no width and depth'],
  ] as const;
  const refused = await Promise.all(wrong.map(([options]) => cli.run(...run, ...options)));
  refused.forEach(({ code, stderr }, at) => {
    expect(code).toBe(1);
    expect(stderr).toContain(wrong[at][1]);
  });
  const pairs = [
    [['--models', 'gru4rec'], 'gru4rec has no published base and Large'],
    [['--blocks', '8,2'], 'Large needs more blocks than base'],
    [['--settings', 'beauty'], 'no published settings "beauty"'],
    [['--measure'], '--measure belongs to --dry-run'],
  ] as const;
  const unpaired = await Promise.all(
    pairs.map(([options]) => cli.run('study', 'base-large', '--dataset', 'sample', ...options)),
  );
  unpaired.forEach(({ code, stderr }, at) => {
    expect(code).toBe(1);
    expect(stderr).toContain(pairs[at][1]);
  });
  const { stderr } = await cli.run('study', 'show', 'none');
  expect(stderr).toContain('there is no study "none"');
});
