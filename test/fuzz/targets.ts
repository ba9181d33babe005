/** What is fuzzed: for every accepted format files as they are met, and how the program reads one that was damaged. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { studyRequest } from '../../src/core/api/studies.ts';
import { readIdLines, readRowFile, VECTORS } from '../../src/core/content/vector-files.ts';
import { Duck, literal, pathLiteral } from '../../src/core/data/duck.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { checkpointConfig } from '../../src/core/decoders/pretrained/checkpoint.ts';
import { readTokenizerFile, TextTokenizer, trainTokenizer } from '../../src/core/decoders/text/tokenizer.ts';
import { UserError } from '../../src/core/errors.ts';
import { parseTemplate, templates } from '../../src/core/families/language/text/template.ts';
import { models, resolveConfig } from '../../src/core/families/registry.ts';
import { parseJson } from '../../src/core/files/json.ts';
import { readSafetensors, writeSafetensors } from '../../src/core/files/safetensors.ts';
import { Random } from '../../src/core/math/random.ts';
import { importIds } from '../../src/core/semantic-ids/import-ids.ts';
import { checkGrid, sizeOfText } from '../../src/core/studies/study.ts';
import { readChoice } from '../../src/main/data-folder/choice.ts';
import { npyFile } from '../fixtures/npy-file.ts';
import { foreignTargets } from './foreign.ts';
import { checkImport, checkTables } from './tables.ts';

export interface Target {
  name: string;
  /** How many of a hundred inputs. */
  share: number;
  /** Files that are met in practice, by name. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Whether damage is done to what a gzip file holds, and not to its own bytes. */
  inside?: boolean;
  /** Reads the damaged file. Anything thrown that is no UserError is a fault. */
  read(path: string, folder: string): Promise<void> | void;
}

const IDS = Array.from({ length: 12 }, (_, item) => `i${item}`);

/** Makes the files of all formats in `folder`. */
export async function targetsIn(folder: string): Promise<Target[]> {
  mkdirSync(folder, { recursive: true });
  const tables = await tableFiles(folder);
  const some = (...names: string[]) => new Map([...tables].filter(([name]) => names.includes(name)));
  const text = [...tables.keys()].filter((name) => !/parquet|gz|items|users/.test(name));
  const packed = new Map(text.map((name) => [`${name}.gz`, gzipSync(tables.get(name) ?? '')]));
  return [
    { name: 'tables', share: 30, files: some(...text), read: (path, work) => checkTables([path], work) },
    { name: 'gzip', share: 4, files: packed, inside: true, read: (path, work) => checkTables([path], work) },
    { name: 'damaged gzip', share: 2, files: packed, read: (path, work) => checkTables([path], work) },
    { name: 'parquet', share: 3, files: some('r.parquet'), read: (path, work) => checkTables([path], work) },
    {
      name: 'side files',
      share: 4,
      files: some('items.csv', 'users.jsonl', 'items.jsonl'),
      read: withRatings(tables),
    },
    { name: 'imports', share: 3, files: some(...text), read: (path, work) => checkImport([path], work) },
    ...vectorTargets(await vectorFiles(folder)),
    ...textTargets(),
    ...(await foreignTargets(join(folder, 'foreign'), join(folder, 'sample', 'ratings.csv'))),
  ];
}

/** Ratings, clicks, sequences and side files in every layout. */
async function tableFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const [ratings, items] = writeSample(join(folder, 'sample'), { users: 10, items: 50 });
  const csv = readFileSync(ratings, 'utf8').split('\n').slice(0, 80).join('\n');
  const rows = csv
    .split('\n')
    .slice(1)
    .filter((line) => line !== '');
  const cells = rows.map((line) => line.split(','));
  const json = cells.map(([user, item, rating, time]) =>
    JSON.stringify({ user, item, rating: +rating, time: +time, tags: [item] }),
  );
  const clicks = cells.map(
    ([user, item, rating, time], at) => `${at % 2},${user},${item},${rating},a|b,${time}`,
  );
  const users = [...new Set(cells.map(([user]) => user))];
  const files: Record<string, string> = {
    'ratings.csv': csv,
    'quoted.csv': `user,item,review\n${cells.map(([user, item], at) => `"${user}",${item},"it's ""${at}"",\nreally"`).join('\n')}\n`,
    'words.csv': `user,item,rating\n${cells.map(([user, item, rating]) => `Zoë${user},${item}é,${rating}`).join('\n')}\n`,
    'table.tsv': csv.replaceAll(',', '\t'),
    'semicolons.csv': csv.replaceAll(',', ';'),
    'pipes.txt': csv.replaceAll(',', '|'),
    'ratings.dat': rows.join('\n').replaceAll(',', '::'),
    'u.data': rows.join('\n').replaceAll(',', '\t'),
    'bare.txt': `${cells.map(([user, item]) => `${user} ${item}`).join('\n')}\n`,
    'set.inter': `user_id:token\titem_id:token\trating:float\ttimestamp:float\n${rows.join('\n').replaceAll(',', '\t')}\n`,
    'lines.jsonl': `${json.join('\n')}\n`,
    'sequences.txt': `${users.map((user) => [user, ...cells.filter((row) => row[0] === user).map((row) => row[1])].join(' ')).join('\n')}\n`,
    'clicks.csv': `label,user,item,price,tags,time\n${clicks.join('\n')}\n`,
    'dates.csv': `user,item,date\n${cells.map(([user, item], at) => `${user},${item},2020-01-${String((at % 28) + 1).padStart(2, '0')}`).join('\n')}\n`,
    'items.csv': readFileSync(items, 'utf8').split('\n').slice(0, 30).join('\n'),
    'items.jsonl': cells
      .slice(0, 20)
      .map(
        ([, item]) =>
          `${JSON.stringify({ item, title: `T ${item}`, price: 3.5, categories: [['a', 'b']] })}\n`,
      )
      .join(''),
    'users.jsonl': users.map((user) => `${JSON.stringify({ user, age: 30, city: 'Köln' })}\n`).join(''),
  };
  const made = new Map<string, Uint8Array>(
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]),
  );
  made.set(
    'r.parquet',
    await parquet(join(folder, 'r.parquet'), `SELECT * FROM read_csv(${pathLiteral(ratings)}) LIMIT 500`),
  );
  return made;
}

async function parquet(path: string, query: string): Promise<Buffer> {
  const duck = await Duck.open();
  await duck.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
  duck.close();
  return readFileSync(path);
}

function withRatings(tables: ReadonlyMap<string, Uint8Array>) {
  return (path: string, work: string) => {
    const ratings = join(work, 'ratings.csv');
    writeFileSync(ratings, tables.get('ratings.csv') ?? '');
    return checkTables([ratings, path], work);
  };
}

/** The ids of the items as NumPy strings. */
function npyIds(): Uint8Array {
  const points = Uint32Array.from(IDS.flatMap((id) => [0, 1, 2].map((at) => id.codePointAt(at) ?? 0)));
  return npyFile('<U3', [IDS.length], points);
}

async function vectorFiles(folder: string): Promise<Map<string, Buffer>> {
  const random = new Random(1);
  const values = Float32Array.from({ length: IDS.length * 4 }, () => random.uniform());
  const vectors = Buffer.from(npyFile('<f4', [IDS.length, 4], values));
  const safetensors = join(folder, 'v.safetensors');
  writeSafetensors(safetensors, {
    vectors: { spec: { shape: [IDS.length, 4], dtype: 'float32' }, data: values },
  });
  const rows = IDS.map((id, row) => [id, ...values.subarray(row * 4, row * 4 + 4)].join(','));
  const lists = IDS.map(
    (id, row) => `('${id}', [${values.subarray(row * 4, row * 4 + 4).join(', ')}]::FLOAT[])`,
  );
  return new Map([
    ['v.npy', vectors],
    ['v.npz', Buffer.from(zipSync({ 'vectors.npy': vectors, 'ids.npy': npyIds() }))],
    ['v.safetensors', readFileSync(safetensors)],
    ['v.csv', Buffer.from(`item,a,b,c,d\n${rows.join('\n')}\n`)],
    [
      'v.parquet',
      await parquet(
        join(folder, 'v.parquet'),
        `SELECT * FROM (VALUES ${lists.join(', ')}) AS t(item, vector)`,
      ),
    ],
  ]);
}

function vectorTargets(files: Map<string, Buffer>): Target[] {
  const checked = async (path: string) => {
    const { ids, data, dim } = await readRowFile(path, VECTORS);
    if (!(dim >= 0) || (dim > 0 && !Number.isInteger(data.length / dim)))
      throw new Error(`${data.length} numbers, ${dim} wide`);
    if (ids?.some((id) => typeof id !== 'string')) throw new Error('an id that is no text');
  };
  const some = (...ends: string[]) =>
    new Map([...files].filter(([name]) => ends.some((end) => name.endsWith(end))));
  return [
    { name: 'vectors', share: 12, files: some('npy', 'npz', 'safetensors'), read: checked },
    { name: 'vector tables', share: 3, files: some('csv', 'v.parquet'), read: checked },
    {
      name: 'checkpoints',
      share: 6,
      files: some('safetensors'),
      read: (path) => void readSafetensors(path),
    },
    {
      name: 'id lines',
      share: 1,
      files: new Map([['ids.txt', Buffer.from(`${IDS.join('\n')}\n`)]]),
      read: (path) => void readIdLines(path),
    },
  ];
}

/** Files of JSON. */
function textTargets(): Target[] {
  const json = (name: string, value: unknown): [string, Buffer] => [
    name,
    Buffer.from(JSON.stringify(value, null, 1)),
  ];
  const codes = Object.fromEntries(IDS.map((id, at) => [id, [at % 4, at % 3, at]]));
  const tokens = Object.fromEntries(IDS.map((id, at) => [id, [`<a_${at % 4}>`, `<b_${at % 3}>`]]));
  const pairs = Int32Array.from(IDS.flatMap((_, at) => [at % 4, at % 3]));
  const exported = Object.fromEntries(IDS.map((id, at) => [id, { title: id, codes: [at % 4, at % 3] }]));
  const sasrec = {
    dim: 16,
    blocks: 2,
    heads: 2,
    epochs: 3,
    dropout: 0.1,
    loss: 'sampled-softmax',
    coldItems: 0.1,
  };
  const law = {
    kind: 'law',
    model: 'sasrec',
    dataset: 'films',
    sizes: ['16x1', '32x2x4'],
    shares: [0.5, 1],
    seeds: [1, 2],
    overrides: sasrec,
  };
  const baseLarge = {
    kind: 'base-large',
    dataset: 'films',
    seeds: [1],
    blocks: [2, 8],
    overrides: { epochs: 2 },
  };
  const llama = {
    model_type: 'llama',
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 128,
    vocab_size: 300,
    rope_theta: 10000,
    rms_norm_eps: 1e-6,
    max_position_embeddings: 128,
    tie_word_embeddings: true,
    hidden_act: 'silu',
  };
  return [
    {
      name: 'Semantic IDs',
      share: 12,
      files: new Map([
        ...[json('ids.json', codes), json('tokens.json', tokens), json('exported.json', exported)],
        [
          'ids.csv',
          Buffer.from(
            `item,codes\n${Object.entries(codes)
              .map(([id, own]) => `${id},"[${own}]"\n`)
              .join('')}`,
          ),
        ],
        [
          'ids.npz',
          Buffer.from(zipSync({ 'codes.npy': npyFile('<i4', [IDS.length, 2], pairs), 'item.npy': npyIds() })),
        ],
      ]),
      read: async (path) => {
        for (const dropLast of [false, true]) {
          const options = { codebookSize: 0, dropLast, itemsFile: '' };
          const { codes: found, codebookSizes } = await importIds(path, IDS, options);
          if (found.length !== IDS.length * codebookSizes.length) throw new Error('codes of another shape');
        }
      },
    },
    {
      name: 'templates',
      share: 6,
      files: new Map(Object.entries(templates).map(([name, template]) => json(`${name}.json`, template))),
      read: (path) => void parseTemplate(parseJson(readFileSync(path, 'utf8')), path),
    },
    {
      name: 'tokenizers',
      share: 3,
      files: new Map([
        json('tokenizer.json', trainTokenizer(['a film about a man', 'one more film', 'man on film'], 280)),
      ]),
      read: (path) => void new TextTokenizer(readTokenizerFile(path), path).encode('a film, é'),
    },
    {
      name: 'checkpoint configs',
      share: 2,
      files: new Map([json('config.json', llama)]),
      read: (path) => void checkpointConfig(dirname(path)),
    },
    {
      name: 'configs',
      share: 5,
      files: new Map([
        json('config.json', sasrec),
        json('tiger.json', { beams: 10, source: 'r', dim: 128 }),
        json('text.json', { template: '{}', context: 64 }),
      ]),
      read: readConfigs,
    },
    {
      name: 'studies',
      share: 3,
      files: new Map([json('law.json', law), json('large.json', baseLarge)]),
      read: readStudy,
    },
    {
      name: 'chosen folders',
      share: 1,
      files: new Map([
        json('data-folder.json', { home: '/tmp/x', move: { from: '/a', to: '/b', copied: null } }),
      ]),
      read: (path) => void readChoice(path),
    },
  ];
}

/** A config for every model. */
function readConfigs(path: string): void {
  const overrides = parseJson(readFileSync(path, 'utf8'));
  if (typeof overrides !== 'object' || overrides === null) return;
  for (const { id } of models) {
    try {
      resolveConfig(id, { overrides: { ...overrides } });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
}

function readStudy(path: string): void {
  const parsed = studyRequest.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (!parsed.success) return;
  const { overrides, seeds } = parsed.data;
  if (parsed.data.kind !== 'law') return;
  const { model, preset, sizes, shares } = parsed.data;
  checkGrid({ sizes: sizes.map((size) => sizeOfText(size, null)), shares, seeds });
  resolveConfig(model, { preset, overrides });
}

/** The bytes that are to be damaged, and how the damaged ones become a file again. */
export function openFile(
  target: Target,
  bytes: Uint8Array,
): { plain: Buffer; pack(damaged: Buffer): Uint8Array } {
  if (!target.inside) return { plain: Buffer.from(bytes), pack: (damaged) => damaged };
  return { plain: gunzipSync(bytes), pack: (damaged) => gzipSync(damaged, { level: 1 }) };
}
