import fs, { readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { completeRun, temporaryHome, temporaryStore } from '../../../../../test/store/home.ts';
import { writeSample } from '../../../../core/data/sample/sample.ts';
import type { Store } from '../../../../core/store/store.ts';
import { importInto } from '../../datasets.ts';
import { lockPlan } from '../../plan-lock.ts';
import { AdvancingPlan } from './advance-plan.ts';
import { advancePlan, checkText, readText, savePlan, startPlan, turnPlan } from './home-plans.ts';
import { openPlan, placeOf, planSoFar } from './open-plan.ts';
import { paperView } from './paper-view.ts';
import { planLog } from './plan-log.ts';
import { planAsShown } from './plan-of-runs.ts';
import { planPaper } from './plan-paper.ts';
import { planList, planProgress } from './plan-progress.ts';
import { matching } from './plan-state.ts';

const WHERE = { device: 'cpu' } as const;
const TEXT = `plan: Two models   # a question
tables:
  - data: films
models:
  - popularity
  - ease: { settings: { l2: 300 } }
  - sasrec: { settings: { epochs: 1 } }
seeds: 1-2
metrics: [ndcg@10]
`;

async function homeWithFilms(): Promise<Store> {
  const store = temporaryStore();
  const folder = temporaryHome();
  writeSample(folder, { users: 100, items: 60, seed: 1 });
  await importInto(store, { paths: [join(folder, 'ratings.csv')], name: 'films' });
  return store;
}

const save = async (store: Store) => (await savePlan(store, { text: TEXT })).id;
const states = async (store: Store, plan: string) => {
  const { blocks } = await planProgress(store, { plan });
  return blocks.flatMap(({ cells }) => cells.map(({ seeds }) => seeds.map(({ state }) => state).join()));
};

it('keeps the text of a plan as it was written, and refuses to write over what was changed elsewhere', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  const { text, version, head } = readText(store, { plan });
  expect([text, head.name, head.state, head.heldBy]).toEqual([TEXT, 'Two models', 'draft', null]);
  const renamed = TEXT.replace('Two models', 'Three models');
  await savePlan(store, { plan, text: renamed, version });
  expect(store.plans.find(plan).name).toBe('Three models');
  await expect(savePlan(store, { plan, text: TEXT, version })).rejects.toThrow('outside of this window');
  // What is no plan yet is kept, too, under the name that it had.
  await savePlan(store, { plan, text: 'models: [' });
  expect([store.plans.find(plan).name, readText(store, { plan }).text]).toEqual([
    'Three models',
    'models: [',
  ]);
  await expect(startPlan(store, { plan, where: WHERE })).rejects.toThrow(/^line 1: is no YAML/);
  store.trash.put('plan', [plan]);
  expect(store.plans.list()).toEqual([]);
  store.trash.restore([{ kind: 'plan', id: plan }]);
  expect(readText(store, { plan }).text).toBe('models: [');
  store.trash.put('plan', [plan]);
  await store.trash.purge([{ kind: 'plan', id: plan }]);
  expect(() => readText(store, { plan })).toThrow(`there is no plan ${plan}`);
});

it('does not write over what another program wrote between the look at the file and the write', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  const { version } = readText(store, { plan });
  const { file } = store.plans.find(plan);
  const other = TEXT.replace('Two models', 'Of an editor');
  // The disk takes its time to keep what is written beside the file.
  const sync = fs.fsyncSync;
  fs.fsyncSync = (descriptor) => {
    fs.fsyncSync = sync;
    syncBuiltinESMExports();
    writeFileSync(file, other);
    sync(descriptor);
  };
  syncBuiltinESMExports();
  const saving = savePlan(store, { plan, text: TEXT.replace('Two', 'Three'), version });
  await expect(saving).rejects.toThrow('outside of this window');
  expect(readText(store, { plan }).text).toBe(other);
  expect(store.plans.find(plan).name).toBe('Two models');
  expect(readdirSync(dirname(file))).toEqual([basename(file)]);
});

it('measures a file again that a plan reads otherwise, and tells of a result that no table has', async () => {
  const store = await homeWithFilms();
  const folder = temporaryHome();
  writeSample(folder, { users: 100, items: 60, seed: 1 });
  const [, ...ratings] = readFileSync(join(folder, 'ratings.csv'), 'utf8').trim().split('\n');
  const [users, items] = [0, 1].map((column) => new Set(ratings.map((row) => row.split(',')[column])));
  const rows = [...users].flatMap((user) =>
    [...items].slice(0, 20).map((item, at) => `${user},${item},${at + 1}`),
  );
  const file = join(folder, 'lists.csv');
  writeFileSync(file, ['user,item,score', ...rows].join('\n'));
  const measured = async (more: string) => {
    const text = `${TEXT}results: [{ file: ${JSON.stringify(file)}, program: mine${more} }]\n`;
    const { id } = await savePlan(store, { text });
    const open = await openPlan(store, store.plans.find(id).file, placeOf(store, WHERE));
    const { results } = await planSoFar(store, open, { usesOthers: false, imports: true });
    const [{ runs, problem }] = results;
    return { ids: runs.map((run) => run.id), mrr: runs.map((run) => run.metrics['test/mrr@10']), problem };
  };
  const first = await measured('');
  expect(await measured('')).toEqual(first);
  // Said later, it is of the same file as it was read.
  expect((await measured(', seed: none')).ids).toEqual(first.ids);
  const turned = await measured(', ascending: true');
  expect(turned.ids).not.toEqual(first.ids);
  expect(turned.mrr).not.toEqual(first.mrr);
  expect(await measured('')).toEqual(first);
  const held = await measured(', split: leave-last-out');
  expect([held.ids.length, held.problem]).toEqual([1, null]);
  expect((await measured(', split: time')).problem).toMatch(
    /^.*\.yaml:\d+: .*lists\.csv is of a split that no table of films has; there are leave-last-out/,
  );
});

it('neither starts, continues nor pauses what is put in the trash meanwhile', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  const meanwhile = async (work: Promise<unknown>) => {
    store.trash.put('plan', [plan]);
    await expect(work).rejects.toThrow(`there is no plan ${plan}`);
    store.trash.restore([{ kind: 'plan', id: plan }]);
  };
  await meanwhile(startPlan(store, { plan, where: WHERE }));
  expect(store.plans.find(plan).state).toBe('draft');
  store.plans.change(plan, { state: 'running' });
  await meanwhile(advancePlan(store, { plan, retries: true }));
  expect(store.runs.count()).toBe(0);
  await meanwhile(turnPlan(store, { plan, goesOn: false }));
  expect(store.plans.find(plan).state).toBe('running');
  // What is paused while it is read makes nothing, either.
  const advancing = advancePlan(store, { plan, retries: true });
  store.plans.change(plan, { state: 'paused' });
  expect([await advancing, store.runs.count()]).toEqual([false, 0]);
});

it('checks what can be read of a text, and says which line waits', async () => {
  const store = await homeWithFilms();
  const check = (text: string) => checkText(store, { text, where: WHERE });
  const whole = await check(TEXT);
  expect(whole.problems).toEqual([]);
  expect(whole.plan?.takes).toMatchObject({ done: 0, missing: 4, trials: 0 });
  const bad = await check(TEXT.replace('l2: 300', 'l3: 300').replace('epochs: 1', 'epochs: many'));
  expect(bad.problems).toMatchObject([
    { line: 6, model: 1, text: expect.stringContaining('ease has no config key "l3"') },
    { line: 7, model: 2 },
  ]);
  expect(bad.plan?.models.map(({ name, problem }) => [name, problem?.line])).toEqual([
    ['Popularity', undefined],
    ['EASE', 6],
    ['SASRec', 7],
  ]);
  expect(bad.plan?.blocks.map(({ cells }) => cells.map(({ entry }) => entry))).toEqual([[0]]);
  const one = await check(TEXT.replace('- ease: {', '- ease: { trials: none,'));
  expect([one.problems.map(({ line }) => line), one.plan?.takes.missing]).toEqual([[6], 3]);
  const absent = await check(TEXT.replace('data: films', 'data: { files: [a.csv], name: more }'));
  expect(absent.plan?.tables[0].absent).toEqual({ files: ['a.csv'], fingerprint: null });
  const unknown = TEXT.replace('data: films', 'data: { files: [a.csv], name: more }').replace('ease', 'eese');
  expect((await check(unknown)).problems).toMatchObject([
    { line: 6, text: expect.stringContaining('unknown model "eese"') },
  ]);
  expect((await check(TEXT.replace('[ndcg@10]', '[HR@10, mrr, like/auc, valid/ndcg@5]'))).problems).toEqual(
    [],
  );
  for (const [metric, said] of [
    ['ndcg@7', '"ndcg@7" is not measured; its cut-offs are 5, 10, 20'],
    ['ndcg', '"ndcg" needs a cut-off, such as ndcg@10'],
    ['ncdg@10', 'there is no metric "ncdg@10"'],
  ])
    expect((await check(TEXT.replace('[ndcg@10]', `[HR@10, mrr, ${metric}]`))).problems).toMatchObject([
      { line: 9, text: expect.stringContaining(said) },
    ]);
  expect((await check('')).plan).toBeNull();
});

it('begins, is paused, goes on and ends, and another process cannot run it meanwhile', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  await startPlan(store, { plan, where: WHERE });
  expect(await advancePlan(store, { plan, retries: true })).toBe(true);
  expect(await states(store, plan)).toEqual(['waiting', 'waiting', 'waiting,waiting']);
  const path = store.plans.find(plan).file;
  const lock = lockPlan(store, path);
  expect((await planList(store)).find(({ id }) => id === plan)?.heldBy).toBe(process.pid);
  lock.release();
  const queued = await turnPlan(store, { plan, goesOn: false });
  expect(queued).toHaveLength(4);
  expect(await advancePlan(store, { plan, retries: false })).toBe(false);
  expect(store.plans.find(plan).state).toBe('paused');
  await turnPlan(store, { plan, goesOn: true });
  const { blocks } = await planProgress(store, { plan });
  const runs = blocks.flatMap(({ cells }) => cells.flatMap(({ seeds }) => seeds.map(({ run }) => run ?? '')));
  for (const run of runs.slice(0, 3)) completeRun(store, run);
  store.lifecycle.endWaiting(runs[3], 'failed', 'out of memory');
  store.queue.remove(runs[3]);
  // What failed is not tried again by itself.
  expect(await advancePlan(store, { plan, retries: false })).toBe(false);
  const ended = await planProgress(store, { plan });
  expect([ended.head.state, ended.done, ended.total]).toEqual(['ended', 3, 4]);
  expect(ended.wrong).toMatchObject([
    { run: runs[3], title: 'SASRec on films, seed 2', message: 'out of memory' },
  ]);
  // Saved as a plan, what the window compares has the baseline that it shows.
  expect(planAsShown(store, { runs: runs.slice(0, 3), name: 'p' })).toContain('baseline: sasrec');
  const log = await planLog(store, { plan });
  expect(log.map((event) => event.text)).toEqual(
    expect.arrayContaining(['SASRec on films, seed 1 begins', 'SASRec on films, seed 1: completed']),
  );
  expect(log.find(({ run }) => run === runs[3])).toMatchObject({
    ...{ text: 'SASRec on films, seed 2: failed: out of memory', isBad: true, place: null },
  });
  const bare = await paperView(store, { plan, style: 'acm', without: ['zero', 'measured'] });
  expect(bare.tables[0].lines.flat().some(({ text }) => /^0\./.test(text))).toBe(false);
  expect(bare.parts.filter(({ isShown }) => isShown)).toEqual([]);
  expect(bare.parts.find(({ part }) => part === 'spread')?.absent).toBe('one seed each');
  const { tables, numbers, text, missing, parts } = await paperView(store, { plan, style: 'acm' });
  const [{ lines, source }] = tables;
  expect(parts.flatMap(({ part, isShown }) => (isShown ? [part] : []))).toEqual(['zero', 'measured']);
  const row = lines.findIndex(([name]) => name.text === 'SASRec');
  const [, first] = lines[row];
  expect(first.text).toMatch(/^\d\.\d{4}$/);
  expect(text.split('\n')[source[row] ?? -1]).toContain(first.text);
  expect(numbers[first.number ?? -1]).toMatchObject({
    ...{ row: 'SASRec', column: 'NDCG@10', block: 'films, leave-last-out', runs: [runs[2]] },
    facts: expect.arrayContaining([['Chosen by', 'as given', 'not tuned']]),
  });
  expect(missing).toEqual([expect.stringMatching(/^SASRec on films, .*seed 2: failed/)]);
  await startPlan(store, { plan, where: WHERE });
  expect(await advancePlan(store, { plan, retries: true })).toBe(true);
  expect((await states(store, plan)).at(-1)).toBe('done,waiting');
});

it('uses no run of other data, were they the same sequences', async () => {
  const store = temporaryStore();
  const folder = temporaryHome();
  const paths = writeSample(folder, { users: 100, items: 60, seed: 1 });
  await importInto(store, { paths, name: 'films' });
  const trainOn = async (data: string) => {
    const text = `plan: P\ntables: [{ data: ${data} }]\nmodels: [popularity, { itemknn: { trials: 2 } }]\n`;
    const { id: plan } = await savePlan(store, { text });
    const open = await openPlan(store, store.plans.find(plan).file, placeOf(store, WHERE));
    const { state } = await planSoFar(store, open, { usesOthers: false });
    const found = state.flatMap(({ rows }) =>
      rows.map(({ runs, searched }) => [searched?.study?.name, ...runs.map(({ match }) => match.state)]),
    );
    await startPlan(store, { plan, where: WHERE });
    await advancePlan(store, { plan, retries: true });
    return found;
  };
  const none = [[undefined, 'missing'], [undefined]];
  expect(await trainOn('films')).toEqual(none);
  await importInto(store, { paths, name: 'copy' });
  const [popularity, search] = await trainOn('copy');
  expect([popularity, search[0]]).toEqual([[undefined, 'active'], expect.stringContaining('films')]);
  // Titles are in no fingerprint, and models and measures read them.
  writeFileSync(paths[1], readFileSync(paths[1], 'utf8').replaceAll('Comedy', 'Tragedy'));
  const { fingerprint } = await importInto(store, { paths, name: 'retitled' });
  expect(fingerprint).toBe(store.datasets.find('films').fingerprint);
  expect(await trainOn('retitled')).toEqual(none);
  // In the trash it is still known what a run was trained on, afterwards nobody knows.
  const { id } = store.datasets.find('films');
  store.trash.put('dataset', [id]);
  expect((await trainOn('copy'))[0]).toEqual([undefined, 'active']);
  await store.trash.purge([{ kind: 'dataset', id }]);
  expect((await trainOn('copy'))[0]).toEqual([undefined, 'missing']);
});

it('is one plan and held by one process, whatever links lead to its home', async () => {
  const home = temporaryHome();
  const link = join(temporaryHome(), 'link');
  symlinkSync(home, link, 'junction');
  const store = temporaryStore(link);
  const plan = await save(store);
  const file = join(realpathSync(home), 'plans', `${plan}.yaml`);
  expect(store.plans.remember(file, 'Two models').id).toBe(plan);
  const lock = lockPlan(store, file);
  expect(readText(store, { plan }).head.heldBy).toBe(process.pid);
  lock.release();
});

it('can be paused where its text cannot be read any more', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  await startPlan(store, { plan, where: WHERE });
  writeFileSync(store.plans.find(plan).file, 'models: [');
  expect(await turnPlan(store, { plan, goesOn: false })).toEqual([]);
  expect(store.plans.find(plan).state).toBe('paused');
  await expect(turnPlan(store, { plan, goesOn: true })).rejects.toThrow('is no YAML');
  expect(store.plans.find(plan).state).toBe('paused');
});

it('trains once what two tables have', async () => {
  const store = await homeWithFilms();
  const twice = TEXT.replace(
    '  - data: films\n',
    '  - data: films\n  - data: films\n    slices: [popularity]\n',
  );
  const { id: plan } = await savePlan(store, { text: twice });
  const { plan: checked } = await checkText(store, { plan, text: twice, where: WHERE });
  expect(checked?.takes).toMatchObject({ missing: 4 });
  await startPlan(store, { plan, where: WHERE });
  await advancePlan(store, { plan, retries: true });
  expect(store.queue.list()).toHaveLength(4);
  expect(await planProgress(store, { plan })).toMatchObject({ total: 4, waiting: 4 });
  expect((await states(store, plan)).slice(3)).toEqual((await states(store, plan)).slice(0, 3));
});

it('lists what a command has run by its path, and what cannot be read', async () => {
  const store = temporaryStore();
  const file = join(temporaryHome(), 'paper.yaml');
  writeFileSync(file, TEXT);
  const { id } = store.plans.remember(file, 'Two models');
  expect(store.plans.remember(file, 'Two models').id).toBe(id);
  await expect(savePlan(store, { plan: id, text: 'x' })).rejects.toThrow('was run from a terminal');
  writeFileSync(file, 'plan: x\nmodels: 3\n');
  const entry = (await planList(store)).find((one) => one.id === id);
  expect(entry).toMatchObject({ isOwn: false, unreadable: expect.stringMatching(/^line \d: /), seeds: [] });
});

it('says which runs of an earlier text wait, and neither those that it still asks for nor those of another plan', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  await startPlan(store, { plan, where: WHERE });
  await advancePlan(store, { plan, retries: true });
  const notes = async () => (await planProgress(store, { plan })).notes;
  expect(await notes()).toEqual([]);
  await savePlan(store, { plan, text: TEXT.replace('epochs: 1', 'epochs: 2') });
  await advancePlan(store, { plan, retries: false });
  const old = store.runs.withModel(['sasrec']).filter(({ config }) => config.epochs === 1);
  expect(await notes()).toEqual([
    `2 runs of an earlier text of it in the queue: ${old
      .toReversed()
      .map(({ name }) => name)
      .join(', ')}; cancel what nobody needs`,
  ]);
  // Nothing is said where a mistake hides what the text asks for.
  writeFileSync(store.plans.find(plan).file, TEXT.replace('ease:', 'eas:'));
  expect((await notes()).join()).not.toContain('earlier text');
  await savePlan(store, { plan, text: TEXT.replace('epochs: 1', 'epochs: 2') });
  store.table.annotate(old[0].id, { tags: ['plan:Two models', 'plan:Another'] });
  store.lifecycle.endWaiting(old[1].id, 'cancelled', null);
  expect(await notes()).toEqual([]);
});

it('knows its runs after it was given another name, and what waits of an earlier text', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  await startPlan(store, { plan, where: WHERE });
  await advancePlan(store, { plan, retries: true });
  const before = await states(store, plan);
  const renamed = TEXT.replace('Two models', 'Three models');
  await savePlan(store, { plan, text: renamed });
  await advancePlan(store, { plan, retries: true });
  expect([await states(store, plan), store.runs.count()]).toEqual([before, 4]);
  expect(store.table.annotations(store.queue.list()[0].run).tags).toEqual(['plan:Three models']);
  const { file } = store.plans.find(plan);
  writeFileSync(file, renamed.replace('Three', 'Four').replace('epochs: 1', 'epochs: 2'));
  await advancePlan(store, { plan, retries: true });
  expect((await planProgress(store, { plan })).notes).toEqual([
    expect.stringMatching(/^2 runs of an earlier text of it in the queue: /),
  ]);
  // Of a name that another plan has, too, nobody knows whose the runs are.
  await savePlan(store, { text: TEXT.replace('Two', 'Four') });
  store.plans.remember(file, 'Five models');
  expect(store.table.annotations(store.queue.list()[0].run).tags).toEqual(['plan:Four models']);
});

it('knows what diverged, says so in its tables, and trains it again only where that is asked', async () => {
  const store = await homeWithFilms();
  const plan = await save(store);
  await startPlan(store, { plan, where: WHERE });
  await advancePlan(store, { plan, retries: true });
  const queued = store.queue.list().map(({ run }) => run);
  const diverge = (run: string, step: number) => {
    store.lifecycle.begin(run, null);
    store.lifecycle.end(run, 'diverged', `the loss is NaN at step ${step}: the run has diverged`);
    store.queue.remove(run);
  };
  for (const run of queued.slice(0, 3)) completeRun(store, run);
  diverge(queued[3], 7);
  await startPlan(store, { plan, where: WHERE });
  expect(await advancePlan(store, { plan, retries: true })).toBe(false);
  expect([store.runs.count(), store.queue.list()]).toEqual([4, []]);
  const open = await openPlan(store, store.plans.find(plan).file, placeOf(store, WHERE));
  const paper = async () => planPaper(store, await planSoFar(store, open, { usesOthers: false }));
  const said = 'SASRec on films, leave-last-out, seed 2: the loss is NaN at step 7: the run has diverged';
  expect(await paper()).toMatchObject({ missing: [], diverged: [said] });
  const view = await paperView(store, { plan, style: 'acm' });
  expect([view.missing, view.warnings[0]]).toEqual([[], `Diverged: ${said}`]);
  expect(view.prose[0].text).toContain('SASRec diverged on films, leave-last-out, from seed 2.');
  expect(view.text).toContain(`% Diverged: ${said}.`);
  const { plan: checked } = await checkText(store, { plan, text: TEXT, where: WHERE });
  expect(checked?.takes).toMatchObject({ done: 3, missing: 0, diverged: 1, time: { low: 0, high: 0 } });
  expect((await planProgress(store, { plan })).wrong).toMatchObject([{ run: queued[3], status: 'diverged' }]);
  expect((await states(store, plan)).at(-1)).toBe('done,diverged');
  const again = () =>
    new AdvancingPlan(store, 'Two models', open.blocks, matching(false), placeOf(store, WHERE), {
      retriesDiverged: true,
    });
  const advancing = again();
  expect([advancing.advance(), store.queue.list().map(({ run }) => run)]).toEqual([true, [queued[3]]]);
  diverge(queued[3], 7);
  expect(advancing.advance()).toBe(false);
  // Of a row without any values its cells say it.
  store.trash.put('run', [queued[2]]);
  expect([again().advance(), store.runs.count()]).toEqual([true, 4]);
  for (const { run } of store.queue.list()) diverge(run, 8);
  const { tables } = await paperView(store, { plan, style: 'acm' });
  const [{ lines, caption }] = tables;
  expect(lines.find(([name]) => name.text === 'SASRec')?.[1].text).toBe('diverged');
  expect(caption).toContain('diverged: its loss or a score was not finite');
});

it('says that a search diverged as a whole, and neither that one of its trials was tested nor that they are to come', async () => {
  const store = await homeWithFilms();
  const text = TEXT.replace('{ epochs: 1 }', '{ epochs: 1 }, space: { dropout: [0.1, 0.2] }, trials: 2');
  const { id: plan } = await savePlan(store, { text });
  await startPlan(store, { plan, where: WHERE });
  await advancePlan(store, { plan, retries: true });
  for (const { run } of store.queue.list()) {
    if (store.runs.own(run).model !== 'sasrec') completeRun(store, run);
    else {
      store.lifecycle.begin(run, null);
      store.lifecycle.end(run, 'diverged', 'the loss is NaN');
    }
    store.queue.remove(run);
  }
  expect(await advancePlan(store, { plan, retries: true })).toBe(false);
  const { tables, missing, prose } = await paperView(store, { plan, style: 'acm' });
  const line = tables[0].lines.find(([name]) => name.text === 'SASRec');
  expect(line?.map((cell) => cell.text)).toEqual(['SASRec', '2', 'diverged']);
  expect(missing).toEqual([expect.stringMatching(/^SASRec on films, .*every trial of its search diverged/)]);
  expect(prose.map((one) => one.text).join(' ')).not.toContain('was tested');
});

it('gives nothing to a host that is removed once its plan has begun', async () => {
  const store = await homeWithFilms();
  const file = join(temporaryHome(), 'paper.yaml');
  writeFileSync(file, TEXT);
  for (const name of ['gone', 'lab']) store.hosts.put({ name, folder: null, job: {} } as never);
  const place = placeOf(store, { device: 'cpu', hosts: ['gone', 'lab'] });
  const { blocks } = await openPlan(store, file, place);
  const advancing = new AdvancingPlan(store, 'Two models', blocks, matching(false), place);
  store.hosts.remove('gone');
  expect(advancing.advance()).toBe(true);
  const places = store.queue.list().map(({ run }) => store.runs.own(run).place);
  expect(places).toEqual(['lab', 'lab', 'lab', 'lab']);
});
