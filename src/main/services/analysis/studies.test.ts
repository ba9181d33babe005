import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { importDataset } from '../../../core/data/import/import.ts';
import { writeSample } from '../../../core/data/sample/sample.ts';
import { studySpecSchema } from '../../../core/studies/study.ts';
import { writeSettings } from '../settings.ts';
import { createStudy, resumeStudy } from './studies.ts';
import { planStudy, type StudyRequest } from './study-plan.ts';

function spec() {
  const { id, name, fingerprint } = datasetSummary('beauty');
  return studySpecSchema.parse({
    model: 'sasrec',
    overrides: {},
    sizes: [1, 2, 3].map((blocks) => ({ label: `64x${blocks}`, config: { dim: 64, blocks } })),
    shares: [1],
    seeds: [1, 2],
    dataset: { id, name, fingerprint },
    device: 'cpu',
    threads: 1,
  });
}

it('two clients that resume a study at once make every missing run once', () => {
  const home = temporaryHome();
  const [first, second] = [temporaryStore(home), temporaryStore(home)];
  first.datasets.add(datasetSummary('beauty'));
  const study = createStudy(first, 'sizes', spec());
  const before = first.studies.runs(study.id);
  first.trash.put(
    'run',
    before.slice(0, 4).map(({ run }) => run),
  );
  const begin = first.transaction.bind(first);
  let made: string[] = [];
  vi.spyOn(first, 'transaction').mockImplementationOnce((work) => {
    // The other client comes between what this one has read and its lock.
    made = resumeStudy(second, study);
    return begin(work);
  });
  expect(resumeStudy(first, study)).toEqual([]);
  expect(made).toHaveLength(4);
  const cells = first.studies.runs(study.id).map(({ run }) => run);
  expect(cells).toHaveLength(6);
  expect(first.queue.list().map(({ run }) => run)).toEqual(expect.arrayContaining(cells));
  expect(first.queue.list()).toHaveLength(6);
});

it('a cell is filled again once its run has been deleted, and never while it has one', () => {
  const store = temporaryStore();
  store.datasets.add(datasetSummary('beauty'));
  const study = createStudy(store, 'sizes', spec());
  const [{ run, ...cell }, other] = store.studies.runs(study.id);
  expect(() => store.studies.setRun(study.id, cell, other.run)).toThrow('has a run of size 0');
  store.trash.put('run', [run]);
  const [made] = resumeStudy(store, study);
  expect(store.studies.runs(study.id)[0]).toEqual({ ...cell, run: made });
});

it('runs of a study have the threads of the settings, unless its request says how many', async () => {
  const store = temporaryStore();
  const dataset = datasetSummary('beauty');
  store.datasets.add(dataset);
  writeSettings(store, { threads: 3 });
  const request: StudyRequest = {
    ...{ kind: 'law', model: 'sasrec', sizes: ['64x1', '64x2'], shares: [1] },
    ...{ dataset: dataset.id, overrides: {}, seeds: [1], device: 'cpu' },
  };
  expect(await planStudy(store, request)).toMatchObject({ threads: 3 });
  expect(await planStudy(store, { ...request, threads: 1 })).toMatchObject({ threads: 1 });
});

it('a reference that fits several studies names them', () => {
  const store = temporaryStore();
  store.datasets.add(datasetSummary('beauty'));
  const ids = ['one', 'two'].map((name) => createStudy(store, name, spec()).id);
  const [shared] = ids[0];
  expect(ids[1].startsWith(shared)).toBe(true);
  expect(() => store.studies.find(shared)).toThrow(/^2 studies fit .*in full$/);
});

it('a sweep that names no settings is over those that the model is usually tuned over', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const paths = writeSample(join(home, 'files'), { users: 60, items: 60 });
  const dataset = await importDataset({ paths, name: 'club' }, { home });
  store.datasets.add(dataset);
  const request = (model: string): StudyRequest => ({
    ...{ kind: 'sweep', model, search: 'grid', vary: [], trials: 20, draw: 1 },
    ...{ dataset: dataset.id, overrides: {}, seeds: [1], device: 'cpu' },
  });
  const { sizes, sweep } = await planStudy(store, request('itemknn'));
  expect(sweep?.vary.map(({ key }) => key)).toEqual(['neighbours', 'shrinkage', 'neighboursOf']);
  expect(sizes).toHaveLength(30);
  await expect(planStudy(store, request('sasrec'))).rejects.toThrow('name some');
});
