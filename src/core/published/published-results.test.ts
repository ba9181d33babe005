import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findSource, footnotesOf, matchDataset, matchResult, readPublished } from './published-results.ts';

const published = readPublished();
const folder = mkdtempSync(join(tmpdir(), 'tessera-published-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATA = resolve(import.meta.dirname, '../../../../shared/published/results.csv');

/** "metric value" by source order, data set and model, so that spelling of sources does not matter. */
function publishedValues(sources = published.sources): string[] {
  return sources.flatMap(({ metrics, results }) =>
    Object.entries(results).flatMap(([dataset, rows]) =>
      rows.flatMap(({ model, values }) =>
        values.map((value, at) => `${published.datasets[dataset].title} ${model} ${metrics[at]} ${value}`),
      ),
    ),
  );
}

describe('published results', () => {
  it('holds every value of its sources, as printed', () => {
    const [fuxi] = findSource(published, 'fuxi-alpha').results['ml-1m'].slice(-1);
    expect(fuxi).toEqual({
      model: 'FuXi-alpha-Large',
      id: 'fuxi-alpha',
      blocks: 8,
      values: [0.1934, 0.2518, 0.3359, 0.5983, 0.1651],
    });
    expect(publishedValues()).toHaveLength(408);
    expect(findSource(published, 'bars').results['criteo-x1'][0].values).toEqual([0.813804, 0.438155]);
    for (const value of published.sources.flatMap(({ results }) =>
      Object.values(results).flatMap((rows) => rows.flatMap(({ values }) => values)),
    )) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1);
    }
  });

  it.skipIf(!existsSync(DATA))('equals the table it was made from', () => {
    const lines = readFileSync(DATA, 'utf8').trim().split(/\r?\n/).slice(1);
    const values = lines.map((line) => {
      const [, dataset, , model, metric, value] = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,"]*))/g)].map(
        (match) => match[1] ?? match[2],
      );
      return `${dataset} ${model} ${metric.toLowerCase()} ${Number(value)}`;
    });
    // The table has none of the results of click logs, and not those that came after it.
    const later = ['bert4rec-replicability', 'cornac', 'esasrec', 'rpg', 'tiger-5m'];
    const tabled = published.sources.filter(({ id }) => !later.includes(id));
    const ranked = publishedValues(tabled).filter((value) => !/ (auc|logloss) /.test(value));
    expect(ranked.sort()).toEqual(values.sort());
  });

  it('says what to know about a number, in the order of the numbers', () => {
    const { marked, general } = footnotesOf(findSource(published, 'fuxi-alpha'), 'ml-1m');
    expect(marked.at(-1)).toMatchObject({ models: ['SASRec-Large'], metrics: ['mrr'] });
    expect(marked.map(({ text }) => text).join(' ')).toMatch(
      /settings.*\.1648.*No code.*Knows the time.*misprint/,
    );
    expect(general.map(({ text }) => text)).toEqual([expect.stringContaining('without validation')]);
    const kuairand = footnotesOf(findSource(published, 'fuxi-alpha'), 'kuairand');
    expect(kuairand.general[0].text).toContain('cut from KuaiRand');
    for (const { results, footnotes } of published.sources) {
      const models = new Set(Object.values(results).flatMap((rows) => rows.map(({ model }) => model)));
      for (const note of footnotes) {
        for (const model of note.models ?? []) expect(models, note.text).toContain(model);
        for (const dataset of note.datasets ?? []) expect(Object.keys(results), note.text).toContain(dataset);
      }
    }
  });

  it('knows a data set by its counts before its name, and says where counts differ', () => {
    const ml1m = { users: 6040, interactions: 1_000_209 };
    expect(matchDataset(published, { name: 'films', ...ml1m })).toMatchObject({
      id: 'ml-1m',
      how: expect.stringContaining('numbers of users'),
    });
    expect(matchDataset(published, { name: 'ML-1M shuffled' })?.how).toContain('by its name');
    expect(matchDataset(published, { name: 'ml1m', users: 6040, interactions: 999_611 })?.how).toContain(
      'has 6,040 users and 999,611 interactions instead of 6,040 users and 1,000,209',
    );
    expect(matchDataset(published, { name: 'kuairand-own', users: 5, interactions: 9 })).toMatchObject({
      id: 'kuairand',
    });
    expect(matchDataset(published, { name: 'ml-10m' })).toBeNull();
    const log = (interactions?: number) =>
      matchDataset(published, { name: 'criteo', users: 0, interactions })?.id ?? null;
    expect([log(200), log(45_840_617), log(45_000_000), log()]).toEqual([
      null,
      'criteo-x1',
      'criteo-x1',
      'criteo-x1',
    ]);
  });

  it('tells the large variant of a model by its blocks', () => {
    const results = findSource(published, 'fuxi-alpha').results['ml-1m'];
    expect(matchResult(results, { model: 'hstu', blocks: 8 })?.model).toBe('HSTU-Large');
    expect(matchResult(results, { model: 'hstu', blocks: 4 })?.model).toBe('HSTU');
    expect(matchResult(results, { model: 'bprmf' })?.model).toBe('BPRMF');
    expect(matchResult(results, { model: 'popularity' })).toBeNull();
  });

  it('refuses what is not as it should be, in one line', () => {
    expect(() => findSource(published, 'fuxi')).toThrow(
      'choose one of: bars, bert4rec-replicability, cornac, esasrec, fuxi-alpha, generative-recommenders',
    );
    writeFileSync(join(folder, 'datasets.json'), '{"a": {"title": "A", "names": ["a"]}}');
    const source = {
      id: 's',
      name: 'S',
      venue: 'V',
      link: 'https://example.org',
      title: 'S',
      where: 'w',
      protocol: 'p',
      states: { split: 'time' },
      metrics: ['mrr'],
      footnotes: [],
    };
    const write = (results: unknown) =>
      writeFileSync(join(folder, 's.json'), JSON.stringify({ ...source, results }));
    write({ a: [{ model: 'm', id: null, values: [0.1, 0.2] }] });
    expect(() => readPublished(folder)).toThrow(/s\.json: .*one value for each metric/);
    write({ b: [{ model: 'm', id: null, values: [0.1] }] });
    expect(() => readPublished(folder)).toThrow(/s\.json: "b" is none of the data sets/);
    write({ a: [{ model: 'm', id: null, values: [0.1] }] });
    expect(readPublished(folder).sources).toHaveLength(1);
  });
});
