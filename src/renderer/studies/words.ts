/** What scaling studies and sweeps are called, which share their list, page and report. */
import type { SearchTemplate } from '../new-run/searches.ts';

export interface StudyWords {
  kind: 'study' | 'sweep';
  screen: 'scaling' | 'sweeps';
  noun: 'study' | 'sweep';
  /** Of the list. */
  title: string;
  create: string;
  keywords: string;
  /** What a new run varies that becomes one. */
  varies: SearchTemplate['varies'];
  empty: { title: string; text: string };
}

export const SWEEPS: StudyWords = {
  kind: 'sweep',
  screen: 'sweeps',
  noun: 'sweep',
  title: 'Sweeps',
  create: 'New sweep',
  keywords: 'hyper-parameters grid random search tune settings trials',
  varies: 'setting',
  empty: {
    title: 'No sweeps yet',
    text: 'A sweep trains one model with several settings varied, in every combination or drawn at random, and shows which settings are best on the validation items.',
  },
};

export const STUDIES: StudyWords = {
  kind: 'study',
  screen: 'scaling',
  noun: 'study',
  title: 'Scaling',
  create: 'New scaling study',
  keywords: 'law parameters size',
  varies: 'size',
  empty: {
    title: 'No scaling studies yet',
    text: 'A study trains one model at several sizes and on several shares of the users, with everything else fixed, and fits the law that its loss follows; or several models as base and as Large, and tests whether they get better.',
  },
};
