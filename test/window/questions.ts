/** Every question of the contract, as windows ask it of a small home. */

export interface Asked {
  /** Such as "runs.table". */
  path: string;
  input: unknown;
}

/** What is asked about: ids of runs, a data set, a study and a plan of the home. */
export interface AskedOf {
  run: string;
  other: string;
  dataset: string;
  study: string;
  tokeniser: string;
  language: string;
  clicks: string;
  plan: string;
}

/** Questions whose answer is of a file that is no part of the home, of the machine, or of this moment. */
export const NOT_COMPARED: Readonly<Record<string, string>> = {
  'datasets.preview': 'reads files that are no part of the home',
  'datasets.count': 'reads files that are no part of the home',
  'results.look': 'reads a file that is no part of the home',
  'results.preview': 'reads a file that is no part of the home',
  'runs.trackers': 'reads files that are no part of the home',
  'runs.previewImport': 'reads files that are no part of the home',
  'codebooks.holdsIds': 'reads a file that is no part of the home',
  'codebooks.match': 'reads a file that is no part of the home',
  'hosts.offered': 'reads the ssh config of the user',
  'devices.list': 'is of the machine',
  'settings.system': 'has the free space of the disk',
  'settings.checkHome': 'has the free space of the disk',
  'models.weigh': 'is of the memory that the machine has',
  'settings.log': 'changes with every line, which no event tells of',
  'work.list': 'carries the time since when it works',
};

export function questionsOf(ids: AskedOf): Asked[] {
  const { run, other, dataset, study, tokeniser, language, clicks, plan } = ids;
  const runs = [run, other];
  const view = { run: tokeniser, step: null, category: null };
  const whole = { ...view, pattern: [] };
  const second = { run: tokeniser, step: null };
  const sweep = {
    ...{ kind: 'sweep', model: 'sasrec', dataset, seeds: [1], device: 'cpu' },
    ...{ search: 'grid', vary: [{ key: 'dim', values: '8,16' }] },
  };
  const config = { model: 'sasrec', overrides: {} };
  const asked: Record<string, readonly unknown[]> = {
    'codebooks.beside': [{ ...view, other: second }],
    'codebooks.categories': [whole],
    'codebooks.codeCard': [{ ...view, prefix: [1] }],
    'codebooks.codeMap': [{ ...view, root: [] }],
    'codebooks.collisions': [whole],
    'codebooks.dead': [{ ...view, level: 0 }],
    'codebooks.facts': [{ run: tokeniser }],
    'codebooks.generators': [{ run: tokeniser }],
    'codebooks.heat': [{ ...whole, kind: 'levels', down: 0, across: 1, order: 'use' }],
    'codebooks.item': [{ ...view, item: 2 }],
    'codebooks.itemStates': [{ run: tokeniser, item: 2 }],
    'codebooks.items': [whole],
    'codebooks.list': [undefined],
    'codebooks.moved': [{ ...whole, other: second }],
    'codebooks.peek': [whole],
    'codebooks.strips': [whole],
    'codebooks.timeline': [{ run: tokeniser }],
    'codebooks.tree': [{ ...whole, weight: 'items' }],
    'compare.beside': [undefined],
    'compare.curves': [{ runs, pixels: 50 }],
    'compare.intervals': [{ run }],
    'compare.leaderboard': [{ dataset }],
    'compare.leaderboards': [{ datasets: [dataset] }],
    'compare.reliability': [{ runs: [clicks] }],
    'compare.report': [
      { runs, format: 'md' },
      { runs: [run], format: 'csv' },
    ],
    'compare.slices': [{ runs, baseline: other }],
    'compare.table': [{ runs }, { runs: [run] }],
    'compare.toBaseline': [{ run, metric: 'test/ndcg@10' }],
    'comparisons.list': [undefined],
    'datasets.activity': [{ dataset }],
    'datasets.imports': [undefined],
    'datasets.items': [{ dataset }],
    'datasets.list': [undefined],
    'datasets.show': [{ dataset }],
    'datasets.users': [{ dataset }, { dataset, runs }],
    'hosts.activity': [undefined],
    'hosts.list': [undefined],
    'hosts.script': [{ run }],
    'language.ask': [{ dataset, template: '', user: '', shots: 2, context: 512, weights: '/none' }],
    'language.baselines': [{ run: language }],
    'language.card': [{ path: '/none' }],
    'language.evaluations': [{ run: language }],
    'language.ladder': [{ run: language }],
    'language.modelAt': [{ path: '/none' }],
    'language.models': [undefined],
    'language.pipeline': [undefined],
    'language.runsOfModel': [{ path: '/none' }],
    'language.preview': [{ dataset, template: '', user: '', task: 'like', shots: 2, context: 512 }],
    'models.columns': [{ dataset }],
    'models.estimate': [{ ...config, dataset, device: 'cpu' }],
    'models.expected': [{ runs }],
    'models.list': [undefined],
    'models.obstacles': [{ dataset }],
    'models.plugins': [undefined],
    'models.resolve': [config, { ...config, dataset }],
    'models.sources': [{ key: 'tokeniser', model: 'tiger', dataset }],
    'models.times': [{ dataset }],
    'plans.check': [{ text: 'plan: x\ntables: [{ data: sample }]\nmodels: [popularity]' }, { text: '' }],
    'plans.list': [undefined],
    'plans.ofRuns': [{ runs, name: 'x' }],
    'plans.paper': [{ plan }],
    'plans.log': [{ plan }],
    'plans.progress': [{ plan }],
    'plans.read': [{ plan }],
    'projects.list': [undefined],
    'published.board': [{ dataset: 'beauty', metric: 'test/ndcg@10' }],
    'published.datasets': [undefined],
    'queue.show': [undefined],
    'recommend.groups': [{ run }],
    'recommend.show': [{ run, user: 'u1' }],
    'recommend.tree': [{ run, user: 'u1' }],
    'runs.annotations': [{ runs }],
    'runs.deletion': [{ runs }],
    'runs.fields': [undefined],
    'runs.logs': [{ run }],
    'runs.places': [{ groupBy: 'model', fold: true }],
    'runs.series': [{ run, metrics: ['train/loss'], pixels: 50 }],
    'runs.show': [{ run }, { run: other }],
    'runs.slices': [{ run }],
    'runs.system': [{ run, pixels: 50 }],
    'runs.table': [{}, { fold: true, sort: [{ field: 'name', descending: false }] }, { runs }],
    'runs.totals': [undefined],
    'settings.read': [undefined],
    'settings.readView': [{ key: 'runs:current' }],
    'reproduce.look': [{ of: { kind: 'run', run: other } }],
    'reproduce.lookAtBundle': [{ runs: [run, other], title: 'Two', hasLists: false }],
    'reproduce.outcomes': [{ runs: [run] }],
    'reproduce.statements': [{ runs }],
    'studies.budgets': [{ study }],
    'studies.list': [{}],
    'studies.plan': [sweep],
    'studies.report': [{ study, format: 'md' }],
    'studies.show': [{ study }],
    'trash.backups': [undefined],
    'trash.kept': [{ kind: 'run' }],
    'trash.list': [undefined],
  };
  return Object.entries(asked).flatMap(([path, inputs]) => inputs.map((input) => ({ path, input })));
}
