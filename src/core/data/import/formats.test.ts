import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importHome } from '../../../../test/fixtures/imports.ts';
import { Duck, literal } from '../duck.ts';
import {
  findUser,
  openInteractions,
  readAllItemCards,
  readItemCards,
  readItemIds,
  readItemTitles,
  readSummary,
} from '../read.ts';
import { importDataset } from './import.ts';
import { previewImport } from './preview.ts';

const SHARED = join(import.meta.dirname, '../../../../../shared/data');
const { home, write, imported, sequences } = importHome();

describe.skipIf(!existsSync(SHARED))('real data sets (skipped where ../shared/data is absent)', () => {
  it('imports ml-latest-small', async () => {
    const { summary, directory } = await imported(join(SHARED, 'ml-latest-small'));
    expect(summary.statistics).toMatchObject({
      users: 610,
      items: 9724,
      interactions: 100836,
      hasTitles: true,
    });
    const cards = await readAllItemCards(directory);
    const card = cards.find(({ title }) => title === 'Toy Story (1995)');
    expect(card?.originalId).toBe('1');
    expect(card?.side.genres).toBe('Adventure|Animation|Children|Comedy|Fantasy');
    expect(readSummary(directory)).toEqual(summary);
  });

  it('imports ml-1m: gzip, "::", Latin-1, catalogue-only items, user columns', async () => {
    const { summary, directory } = await imported(join(SHARED, 'ml-1m'));
    const { statistics } = summary;
    expect(statistics).toMatchObject({
      users: 6040,
      items: 3706,
      catalogueItems: 3883,
      interactions: 1000209,
    });
    expect(await readItemTitles(directory)).toContain('Misérables, Les (1995)');
    const [unseen] = await readItemCards(directory, [3706]);
    expect(unseen.title).not.toBeNull();
    const again = await imported(join(SHARED, 'ml-1m'), { ties: 'shuffle', seed: 7 });
    expect(again.summary.fingerprint).not.toBe(summary.fingerprint);
  });

  it('imports amazon-beauty: one user a line and an items file', async () => {
    const { summary, directory } = await imported(join(SHARED, 'amazon-beauty'));
    expect(summary.statistics).toMatchObject({
      users: 22363,
      items: 12101,
      catalogueItems: 12101,
      interactions: 198502,
    });
    expect(summary.statistics.timeSpan).toBeNull();
    const { times, ratings, itemIds } = await openInteractions(directory);
    expect([times, ratings]).toEqual([null, null]);
    expect(Array.from(itemIds.subarray(0, 5))).toEqual([0, 1, 2, 3, 4]);
    const [card] = await readItemCards(directory, [0]);
    expect(card).toMatchObject({
      originalId: '1',
      title: 'OPI Nail Lacquer, Simmer and Shimmer, 0.5-Fluid Ounce',
    });
    expect(card.side.brand).toBe('OPI');
  });
});

describe('formats', () => {
  const rows = [
    ['b', 'x', 3, 20],
    ['a', 'y', 4, 10],
    ['a', 'x', 5, 5],
    ['a', 'z', 1, 30],
    ['b', 'z', 2, 10],
  ];
  const expected = ['a: x y z', 'b: z x'];
  const table = (separator: string, header?: string) =>
    `${header === undefined ? '' : `${header}\n`}${rows.map((row) => row.join(separator)).join('\n')}\n`;

  it.each([
    ['ratings.csv', table(',', 'userId,movieId,rating,timestamp')],
    ['semicolons.csv', table(';', 'user_id;item_id;score;ts')],
    ['crlf.csv', table(',', 'user,item,rating,timestamp').replaceAll('\n', '\r\n')],
    ['mixed-ends.csv', table(',', 'user,item,rating,timestamp').replace('\n', '\r\n')],
    ['bom.csv', `\ufeff${table(',', 'user,item,rating,timestamp')}`],
    ['table.tsv', table('\t', 'user\titem\trating\ttimestamp')],
    ['set.inter', table('\t', 'user_id:token\titem_id:token\trating:float\ttimestamp:float')],
    ['colons.dat', table('::').replaceAll(/::(\d+)\n/g, (_, time) => `::${900000000 + Number(time)}\n`)],
    [
      'lines.jsonl',
      rows
        .map(([u, i, r, t]) => JSON.stringify({ t: 'é', user_id: u, asin: i, rating: r, timestamp: t }))
        .join('\n'),
    ],
    ['ordered.txt', 'b z x\na  x\ty z \n\n'],
    ['pairs.txt', 'b z\nb x\na x\na y\na z\n'],
  ])('%s', async (name, content) => {
    expect(await sequences(write(name, content))).toEqual(expected);
    expect(await sequences(write(`${name}.gz`, gzipSync(content)))).toEqual(expected);
  });

  it('parquet', async () => {
    const path = join(home, 'in', 'log.parquet');
    const duck = await Duck.open();
    const values = rows
      .map(([u, i, r, t]) => `('${u}', '${i}', ${r}, make_timestamp(${t}::BIGINT * 1000000))`)
      .join(', ');
    await duck.run(
      `COPY (SELECT * FROM (VALUES ${values}) v(user_id, item_id, rating, timestamp)) TO ${literal(path)}`,
    );
    duck.close();
    expect(await sequences(path)).toEqual(expected);
    const { directory } = await imported(path);
    expect(Array.from((await openInteractions(directory)).times ?? [])).toEqual([5, 10, 30, 10, 20]);
  });

  it.skipIf(process.platform === 'win32')(
    'odd file names, and a column of row numbers without a name',
    async () => {
      const text = 'user,item,ts\n1,a,1\n1,b,2\n1,c,3\n2,a,1\n';
      const numbered = ',user,item,ts\n0,1,a,1\n1,1,b,2\n2,1,c,3\n3,2,a,1\n';
      write('names/r1.csv', 'user,item,ts\n7,x,1\n7,y,2\n7,z,3\n8,x,1\n');
      const files = { 'r[1].csv': text, 'r*.csv': text, 'plain.csv.gz': text, 'numbered.csv': numbered };
      for (const [name, content] of Object.entries(files)) {
        expect(await sequences(write(`names/${name}`, content)), name).toEqual(['1: a b c', '2: a']);
      }
    },
  );

  it('reads milliseconds, ISO dates and headerless ratings', async () => {
    const base = 1_400_000_000;
    const timesOf = async (name: string, time: (t: number) => string, header = 'user,item,rating,time\n') => {
      const text = rows.map(([u, i, r, t]) => `${u},${i},${r},${time(base + Number(t))}`).join('\n');
      const { directory } = await imported(write(name, `${header}${text}\n`));
      return Array.from((await openInteractions(directory)).times ?? [], (t) => t - base);
    };
    expect(await timesOf('ms.csv', (t) => `${t}000`)).toEqual([5, 10, 30, 10, 20]);
    expect(await timesOf('iso.csv', (t) => new Date(t * 1000).toISOString())).toEqual([5, 10, 30, 10, 20]);
    expect(await timesOf('ratings_Beauty.csv', String, '')).toEqual([5, 10, 30, 10, 20]);
  });
});

describe('folders', () => {
  const base = 'kuairand/data';

  it('are remembered by what their files hold, below the folder that was named', async () => {
    write('hashed/log/ratings.csv', 'user,item,timestamp\nu,a,1\nu,b,2\nu,c,3\nv,a,1\n');
    write('hashed/log/items.csv', 'item,title\na,A\n');
    const { summary, directory } = await imported(join(home, 'in', 'hashed'));
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(summary.sourceFiles).toEqual([
      {
        name: 'log/ratings.csv',
        bytes: 44,
        sha256: hash('user,item,timestamp\nu,a,1\nu,b,2\nu,c,3\nv,a,1\n'),
      },
      { name: 'log/items.csv', bytes: 15, sha256: hash('item,title\na,A\n') },
    ]);
    expect(readSummary(directory)).toEqual(summary);
    const lone = await imported(join(home, 'in', 'hashed/log/ratings.csv'));
    expect(lone.summary.sourceFiles).toMatchObject([{ name: 'ratings.csv', bytes: 44 }]);
  });

  it('KuaiRand: several logs, users, videos; other files are left alone', async () => {
    const log = (lines: string) => `user_id,video_id,date,hourmin,time_ms,is_click\n${lines}`;
    write(
      `${base}/log_standard_4_08_to_4_21_1k.csv`,
      log('0,10,20220408,1,1649390000000,1\n0,11,20220408,1,1649390001000,0\n'),
    );
    write(
      `${base}/log_standard_4_22_to_5_08_1k.csv`,
      log('0,12,20220422,1,1650590000000,1\n1,10,20220422,1,1650590000000,1\n'),
    );
    write(`${base}/log_random_4_22_to_5_08_1k.csv`, log('0,13,20220422,1,1650590000000,1\n'));
    write(`${base}/user_features_1k.csv`, 'user_id,user_active_degree,age\n0,high,033\n1,low,7\n');
    write(
      `${base}/video_features_basic_1k.csv`,
      'video_id,video_type,duration\n10,AD,7.5\n11,NORMAL,\n12,AD,3\n99,AD,4\n',
    );
    const { summary, directory } = await imported(join(home, 'in', 'kuairand'));
    expect(summary.statistics).toMatchObject({ users: 2, items: 3, catalogueItems: 4, interactions: 4 });
    expect(await readItemCards(directory, [0, 3])).toMatchObject([
      { originalId: '10', title: null, side: { video_type: 'AD', duration: 7.5 } },
      { originalId: '99', side: { duration: 4 } },
    ]);
  });

  it('KuaiRand-27K: logs in parts, its own cut, actions as bits, the random log only where it is named', async () => {
    const folder = 'KuaiRand-27K/data';
    const head =
      'user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,is_hate,long_view,' +
      'play_time_ms,duration_ms,profile_stay_time,comment_stay_time,is_profile_enter,is_rand,tab\n';
    const row = (user: number, video: number, time: number, actions: string, random = 0) => {
      const [click, like, view, profile] = actions;
      const flags = [click, like, 0, 0, 0, 0, view];
      return [
        user,
        video,
        20220408,
        900,
        1649390000000 + time,
        ...flags,
        5000,
        9000,
        0,
        0,
        profile,
        random,
        1,
      ].join();
    };
    // Two videos seen 18 times by 20 users each, one seen too rarely, a user with too few, in two parts.
    const common = Array.from({ length: 20 }, (_, user) =>
      Array.from({ length: 36 }, (_, n) => row(user, 7 + (n % 2), 1000 * n, n === 0 ? '1011' : '0000')),
    ).flat();
    const rare = Array.from({ length: 20 }, (_, user) => row(user, 99, 5, '1000'));
    const few = Array.from({ length: 19 }, (_, n) => row(50, 7, n, '1100'));
    const parts = {
      log_standard_4_08_to_4_21_27k_part1: common.slice(0, 300),
      log_standard_4_08_to_4_21_27k_part2: [...common.slice(300), ...rare],
      log_standard_4_22_to_5_08_27k_part1: few,
      log_random_4_22_to_5_08_27k: [
        row(0, 7, 9e6, '0100', 1),
        row(0, 8, 9e6 + 1, '0000', 1),
        row(1, 8, 9e6, '0000', 1),
      ],
    };
    for (const [name, lines] of Object.entries(parts))
      write(`${folder}/${name}.csv`, `${head}${lines.join('\n')}\n`);
    write(`${folder}/user_features_27k.csv`, 'user_id,user_active_degree,register_days\n0,full_active,107\n');
    write(
      `${folder}/video_features_basic_27k.csv`,
      'video_id,author_id,video_type,upload_dt,tag\n7,1,NORMAL,2022-04-01,"11,12"\n8,2,AD,2022-04-02,3\n',
    );
    write(`${folder}/video_features_statistic_27k_part1.csv`, 'video_id,counts\n7,10\n');

    const path = join(home, 'in', 'KuaiRand-27K');
    const { summary, directory } = await imported(path, { preset: 'kuairand-own-cut' });
    expect(summary.name).toBe('KuaiRand-27K');
    expect(summary.statistics).toMatchObject({ users: 20, items: 2, interactions: 720 });
    expect(summary.options).toMatchObject({
      preset: 'kuairand-own-cut',
      minItem: 350,
      minUser: 20,
      timeUnit: 'milliseconds',
      actions: ['click', 'like', 'follow', 'comment', 'forward', 'hate', 'long-view', 'profile-enter'],
    });
    const { actions, times } = await openInteractions(directory);
    expect(Array.from(actions?.subarray(35, 38) ?? [])).toEqual([0, 1 + 64 + 128, 0]);
    expect(Array.from(times?.subarray(0, 2) ?? [])).toEqual([1649390000, 1649390001]);
    expect((await readItemCards(directory, [0]))[0].side).toMatchObject({
      video_type: 'NORMAL',
      tag: '11|12',
    });

    const random = join(path, 'data', 'log_random_4_22_to_5_08_27k.csv');
    const standard = join(path, 'data', 'log_standard_4_22_to_5_08_27k_part1.csv');
    const both = await importDataset({ paths: [standard, random] }, { home });
    expect(both.statistics.interactions).toBe(19 + 3);
  });

  it('MovieLens-20M: every film of movies.csv is in the catalogue, tags and genome are left alone', async () => {
    const folder = 'ml-20m';
    const ratings = ['1,2,3.5,1112486027', '1,29,3.5,1112484676', '1,32,4.0,1112484819', '2,2,5.0,974820889'];
    write(`${folder}/ratings.csv`, `userId,movieId,rating,timestamp\r\n${ratings.join('\r\n')}\r\n`);
    const movies = [
      '2,Jumanji (1995),Adventure',
      '29,"City of Lost Children, The",Drama',
      '32,X,(no genres listed)',
    ];
    write(
      `${folder}/movies.csv`,
      `movieId,title,genres\r\n${movies.join('\r\n')}\r\n131262,Innocence (2014),Drama\r\n`,
    );
    write(`${folder}/tags.csv`, 'userId,movieId,tag,timestamp\r\n18,4141,Mark Waters,1240597180\r\n');
    write(`${folder}/links.csv`, 'movieId,imdbId,tmdbId\r\n1,0114709,862\r\n');
    write(`${folder}/genome-scores.csv`, 'movieId,tagId,relevance\r\n1,1,0.025\r\n');
    write(`${folder}/genome-tags.csv`, 'tagId,tag\r\n1,007\r\n');
    const { summary, directory } = await imported(join(home, 'in', folder));
    expect(summary.statistics).toMatchObject({ users: 2, items: 3, catalogueItems: 4, interactions: 4 });
    expect(summary.statistics).toMatchObject({ described: 3, hasTitles: true });
    expect(await readItemIds(directory)).toEqual(['2', '29', '32', '131262']);
    expect((await openInteractions(directory)).actions).toBeNull();
    expect((await readItemCards(directory, [1]))[0].title).toBe('City of Lost Children, The');
  });

  it('Amazon reviews with metadata in Python notation', async () => {
    const review = (u: string, i: string, t: number) =>
      JSON.stringify({ reviewerID: u, asin: i, overall: 5, unixReviewTime: t, reviewTime: '01 2, 2013' });
    const lines = [
      review('A', '0001', 3),
      review('A', '0002', 2),
      review('A', '0003', 1),
      review('B', '0001', 4),
    ];
    write('amazon/reviews_Toys_5.json.gz', gzipSync(lines.join('\n')));
    const meta = `{'asin': '0001', 'title': "Bob's \\"big\\" car", 'price': 3.5, 'categories': [['Toys', 'Cars'], ['Red']]}\n`;
    write('amazon/meta_Toys.json.gz', gzipSync(`${meta}{'asin': '0002', 'title': None}\n`));
    const { directory } = await imported(join(home, 'in', 'amazon'));
    expect(await readItemCards(directory, [0])).toEqual([
      {
        item: 0,
        originalId: '0001',
        title: `Bob's "big" car`,
        side: { price: 3.5, categories: 'Toys|Cars|Red' },
      },
    ]);
    expect(await findUser(directory, 'B')).toBe(1);
    expect(await findUser(directory, `B' OR 1=1`)).toBeNull();
  });

  it('RecBole atomic files', async () => {
    write('box/box.inter', 'user_id:token\titem_id:token\n1\ti"1\n1\ti2\n1\ti3\n2\ti2\n');
    write('box/box.item', 'item_id:token\tmovie_title:token_seq\ni"1\tThe "one" film\ni2\tTwo\n');
    write('box/box.user', 'user_id:token\tzip:token\n1\t01234\n2\t99999\n');
    const { summary, directory } = await imported(join(home, 'in', 'box'));
    expect(summary.name).toBe('box');
    expect((await readItemCards(directory, [0]))[0].title).toBe('The "one" film');
  });
});

describe('preview', () => {
  it('shows what was sniffed and obeys overrides', async () => {
    const path = write('odd.csv', 'who|what|when\nann|x|1500000000000\nbob|y|1500000001000\n');
    const sniffed = await previewImport([path]);
    expect(sniffed.problem?.problem).toMatch(/odd\.csv:1: no user column among who, what, when/);
    const [file] = (await previewImport([path], { map: { user: 'who', item: 'what', time: 'when' } })).files;
    expect(file).toMatchObject({
      separator: '|',
      header: true,
      timeUnit: 'milliseconds',
      part: 'interactions',
    });
    expect(file.roles).toEqual({ user: 'who', item: 'what', time: 'when' });
    expect(file.rows[0]).toEqual(['ann', 'x', '1500000000000']);
    await expect(previewImport([path], { map: { user: 'nobody' } })).rejects.toThrow(
      /no column "nobody" for the user/,
    );
  });
});
