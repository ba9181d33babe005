import { describe, expect, it } from 'vitest';
import { temporaryStore } from '../../../../test/store/home.ts';
import type { ComparisonContent } from './comparisons.ts';

const content = (name: string): ComparisonContent => ({ name, notes: '', runs: ['a', 'b'], project: null });

describe('saved comparisons', () => {
  it('are listed by name, with what was chosen and nothing else', () => {
    const { comparisons, projects } = temporaryStore();
    const project = projects.create('Histories').id;
    const full = {
      ...content('Paper'),
      notes: 'TIGER leads',
      baseline: null,
      metrics: ['test/mrr'],
      labels: { someRun: 'Ours' },
      project,
    };
    const saved = comparisons.save(full);
    comparisons.save(content('appendix'));
    expect(comparisons.list().map(({ name }) => name)).toEqual(['appendix', 'Paper']);
    const [appendix, paper] = comparisons.list();
    expect(paper).toEqual(saved);
    expect(paper).toMatchObject(full);
    expect(appendix).not.toHaveProperty('baseline');
  });

  it('are written over by id alone: a name that is taken is refused', () => {
    const { comparisons } = temporaryStore();
    const paper = comparisons.save(content('Paper'));
    const other = comparisons.save(content('Other'));
    comparisons.save({ ...content('Paper 2'), runs: ['c'] }, paper.id);
    expect(comparisons.list().map(({ name, runs }) => [name, runs.length])).toEqual([
      ['Other', 2],
      ['Paper 2', 1],
    ]);
    for (const id of [undefined, paper.id])
      expect(() => comparisons.save(content('Other'), id)).toThrow(
        'there is a saved comparison "Other" already: choose another name',
      );
    expect(comparisons.list().find(({ id }) => id === other.id)?.name).toBe('Other');
    expect(() => comparisons.save({ ...content('New'), project: 'gone' })).toThrow(
      'there is no project gone',
    );
  });

  it('are not written over once they are deleted', () => {
    const { comparisons, trash } = temporaryStore();
    const { id } = comparisons.save(content('Paper'));
    trash.put('comparison', [id]);
    for (const known of [id, 'never there'])
      expect(() => comparisons.save(content('Paper'), known)).toThrow('this comparison has been deleted');
    trash.restore([{ kind: 'comparison', id }]);
    expect(comparisons.save({ ...content('Paper'), notes: 'kept' }, id).notes).toBe('kept');
  });

  it('are seen by another process at once', () => {
    const store = temporaryStore();
    const other = temporaryStore(store.home);
    store.comparisons.save(content('Paper'));
    other.comparisons.save(content('Appendix'));
    expect(store.comparisons.list().map(({ name }) => name)).toEqual(['Appendix', 'Paper']);
  });
});
