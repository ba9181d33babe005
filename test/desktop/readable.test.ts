/** What the browser may have read: files that were dropped, whatever procedure names them, nested or varied. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isContractProcedure } from '@orpc/contract';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { contract } from '../../src/core/api/contract.ts';
import { messageOf } from '../../src/core/errors.ts';
import { models } from '../../src/core/families/registry.ts';
import { pathsIn } from '../../src/core/files/path-fields.ts';
import { startShell } from './browser-shell.ts';

const refused = /only dropped files can be read/;
type Shell = Awaited<ReturnType<typeof startShell>>;
let shell: Shell;
let secret = '';

/** A shell with a data set, and a file beside it that nobody dropped. */
async function start(): Promise<void> {
  shell = await startShell();
  const { client, hub } = shell;
  const { paths } = await client.datasets.sample();
  const { id } = await client.datasets.import({ paths, name: 'club' });
  await expect
    .poll(async () => (await client.datasets.imports()).find((one) => one.id === id)?.status)
    .toBe('completed');
  secret = join(hub.store.home, 'secret.csv');
  writeFileSync(secret, 'user,item\n1,2\n');
}

/** A config that names the secret, as overrides, inside a request, and as the values that a sweep varies. */
function hostile(path: string) {
  const overrides = { content: 'vectors', vectorsFile: path };
  const one = { model: 'content-knn', overrides };
  const run = { ...one, dataset: 'club', device: 'cpu' as const };
  const study = { kind: 'law' as const, ...run, seeds: [1], sizes: ['64x2'], shares: [1] };
  const vary = [{ key: 'lastItems', values: '5,10' }];
  const sweep = { kind: 'sweep' as const, ...run, seeds: [1], search: 'grid' as const, vary };
  const varied = {
    ...sweep,
    overrides: { content: 'vectors' },
    vary: [{ key: 'vectorsFile', values: `${path},b.npy` }],
  };
  return { overrides, one, run, study, sweep, varied };
}

/** No model that can be studied at several sizes reads a file: such a config is refused for another reason. */
const ofSizes = (call: () => Promise<unknown>) => Object.assign(call, { refusedOtherwise: true });

/** A call of every procedure that takes a config or a file, with inputs that name a path. */
function calls(client: Shell['client'], path: string): Record<string, (() => Promise<unknown>)[]> {
  const { one, run, study, sweep, varied } = hostile(path);
  const drain = async (iterator: Promise<AsyncIterable<unknown>>) => {
    for await (const _ of await iterator);
  };
  const dropped = join(shell.hub.uploadsFolder, 'ids.json');
  const named = { of: { kind: 'file' as const, path }, data: [] };
  const withData = { of: { kind: 'run' as const, run: 'none' }, data: [path] };
  const bundle = { runs: ['none'], title: 'x', hasLists: false, folder: path };
  const asked = { dataset: 'club', template: '', user: '', task: 'like' as const, shots: 2, context: 256 };
  return {
    'datasets.import': [() => client.datasets.import({ paths: [path], name: 'x' })],
    'datasets.preview': [() => client.datasets.preview({ paths: [path] })],
    'datasets.count': [() => drain(client.datasets.count({ paths: [path], name: 'x' }))],
    'datasets.export': [
      () => drain(client.datasets.export({ dataset: 'club', folder: path, format: 'csv', split: 'time' })),
    ],
    'runs.exportModel': [() => drain(client.runs.exportModel({ run: 'none', folder: path }))],
    'runs.trackers': [() => client.runs.trackers({ paths: [path] })],
    'runs.previewImport': [() => drain(client.runs.previewImport({ paths: [path], from: null, map: {} }))],
    'runs.import': [() => drain(client.runs.import({ paths: [path], from: null, map: {} }))],
    'results.look': [() => client.results.look({ path })],
    'results.preview': [
      () => drain(client.results.preview({ path, dataset: 'club' })),
      () => drain(client.results.preview({ path: dropped, dataset: 'club', manifest: path })),
    ],
    'results.import': [() => drain(client.results.import({ path, dataset: 'club' }))],
    'models.measure': [() => client.models.measure({ ...run, threads: 1 })],
    'models.weigh': [() => client.models.weigh({ ...run, threads: 1 })],
    'models.resolve': [() => client.models.resolve(one)],
    'models.estimate': [() => client.models.estimate(run)],
    'queue.enqueue': [() => client.queue.enqueue({ requests: [{ ...run, seeds: [1] }] })],
    'language.ask': [() => client.language.ask({ ...asked, weights: path })],
    'language.card': [() => client.language.card({ path })],
    'language.keepModel': [() => client.language.keepModel({ path })],
    'language.modelAt': [() => client.language.modelAt({ path })],
    'language.runsOfModel': [() => client.language.runsOfModel({ path })],
    'language.preview': [() => client.language.preview({ ...asked, weights: path })],
    'plans.ofBundle': [() => client.plans.ofBundle({ path })],
    'codebooks.holdsIds': [() => client.codebooks.holdsIds({ paths: [path] })],
    'codebooks.match': [
      () => client.codebooks.match({ dataset: 'club', overrides: { file: path } }),
      () => client.codebooks.match({ dataset: 'club', overrides: { file: dropped, itemsFile: path } }),
    ],
    'reproduce.look': [named, withData].map((asked) => () => client.reproduce.look(asked)),
    'reproduce.start': [named, withData].map(
      (asked) => () => drain(client.reproduce.start({ ...asked, how: 'train' })),
    ),
    'reproduce.saveBundle': [() => drain(client.reproduce.saveBundle(bundle))],
    'studies.measure': [ofSizes(() => drain(client.studies.measure({ ...study })))],
    'studies.plan': [
      ofSizes(() => client.studies.plan(study)),
      () => client.studies.plan(sweep),
      () => client.studies.plan(varied),
    ],
    'studies.create': [
      ofSizes(() => client.studies.create({ name: 'a', request: study })),
      () => client.studies.create({ name: 'a', request: sweep }),
      () => client.studies.create({ name: 'b', request: varied }),
    ],
    'work.start': [
      {
        of: 'dataset-export' as const,
        input: { dataset: 'club', folder: path, format: 'csv' as const, split: 'time' as const },
      },
      { of: 'model-export' as const, input: { run: 'none', folder: path } },
      { of: 'tracker-import' as const, input: { paths: [path], from: 'wandb' as const, map: {} } },
      { of: 'bundle' as const, input: bundle },
      { of: 'reproduction' as const, input: { ...named, how: 'train' as const } },
      { of: 'result-import' as const, input: { path, dataset: 'club' } },
      { of: 'result-import' as const, input: { path: dropped, dataset: 'club', ids: { users: path } } },
    ].map((asked) => () => client.work.start(asked)),
  } as Record<string, (() => Promise<unknown>)[]>;
}

/** Procedures whose input may name a file, in a config or by itself. */
function readers(part: object, path: string[] = []): string[] {
  if (!isContractProcedure(part as never)) {
    return Object.entries(part).flatMap(([key, inner]) => readers(inner, [...path, key]));
  }
  const { inputSchema } = (part as { '~orpc': { inputSchema?: z.ZodType } })['~orpc'];
  if (!inputSchema) return [];
  const text = JSON.stringify(
    z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
  );
  return /"overrides":|"vary":|"path":true/.test(text) ? [path.join('.')] : [];
}

it('no procedure of the contract reads another file, and none is left out here', async () => {
  await start();
  const listed = calls(shell.client, secret);
  // Discarding removes nothing but drops, and looks for itself.
  expect(Object.keys(listed).sort()).toEqual(
    readers(contract)
      .filter((name) => name !== 'datasets.removeUploads')
      .sort(),
  );
  const link = join(shell.hub.uploadsFolder, '11111111-2222-4333-8444-555555555555', 'link.csv');
  mkdirSync(join(link, '..'), { recursive: true });
  symlinkSync(secret, link);
  for (const path of [secret, '/etc/passwd', link]) {
    for (const [name, tries] of Object.entries(calls(shell.client, path))) {
      for (const call of tries) {
        const answer = await call().then((output) => JSON.stringify(output), messageOf);
        expect([name, answer]).toEqual([
          name,
          expect.stringMatching('refusedOtherwise' in call ? /\w/ : refused),
        ]);
      }
    }
  }
  expect(shell.hub.store.runs.ids()).toEqual([]);
});

it('a dropped file may be named', async () => {
  await start();
  const dropped = join(shell.hub.uploadsFolder, '11111111-2222-4333-8444-555555555555', 'vectors.csv');
  mkdirSync(join(dropped, '..'), { recursive: true });
  writeFileSync(dropped, 'id,a\n1,2\n');
  const { one } = hostile(dropped);
  await expect(shell.client.models.resolve(one)).resolves.toMatchObject({ config: { vectorsFile: dropped } });
});

it('every key of a config that names a file or a folder says so in its schema', () => {
  const named = models.flatMap(({ id, configSchema }) =>
    Object.entries(configSchema.shape).flatMap(([key, schema]) => {
      const {
        type,
        description = '',
        ...rest
      } = z.toJSONSchema(schema as z.ZodType, { io: 'input' }) as {
        type?: string;
        description?: string;
        enum?: unknown;
      };
      const isText = type === 'string' && rest.enum === undefined;
      return isText && /\b(file|folder|path)\b/i.test(description) ? [`${id} ${key}`] : [];
    }),
  );
  const marked = models.flatMap(({ id, configSchema }) => {
    const keys = Object.keys(configSchema.shape);
    const everything = Object.fromEntries(keys.map((key) => [key, key]));
    return pathsIn(configSchema, everything).map((key) => `${id} ${key}`);
  });
  expect(named.length).toBeGreaterThan(10);
  expect(marked.sort()).toEqual(named.sort());
});
