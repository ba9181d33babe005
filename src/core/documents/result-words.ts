/** What a file of recommendations came to, in words. */

import { metricDecimals, metricLabel } from '../evaluation/metrics-table.ts';
import type { MeasuredResult } from '../foreign/results/result.ts';
import { fixed, grouped } from './format.ts';

const MAIN = [/ndcg@10$/, /hr@10$/, /mrr$/];

/** The main metrics, as text. */
export const mainFigures = (metrics: MeasuredResult['metrics']): [title: string, value: string][] =>
  MAIN.flatMap((main) => Object.entries(metrics).filter(([name]) => main.test(name))).map(([name, value]) => [
    metricLabel(name),
    fixed(value, metricDecimals(name)),
  ]);

/** What of the file could be used and what could not, and how that was resolved. */
export function resultFacts(facts: MeasuredResult['facts']): [name: string, texts: string[]][] {
  const { rows, format, columns, testUsers, withoutList, listLength, withHistory } = facts;
  const some = (count: number, text: string) => (count === 0 ? [] : [`${grouped(count)} ${text}`]);
  const listed = `${grouped(testUsers - withoutList)} of ${grouped(testUsers)} with a held-out item have a list`;
  return [
    ['File', [`${grouped(rows)} rows of ${format}: ${Object.values(columns).filter(Boolean).join(', ')}`]],
    [
      'Users',
      [
        listed,
        ...some(withoutList, 'without a list count as missed'),
        ...some(facts.untested, 'users of the file have no held-out item and are left out'),
        ...some(facts.unknownUsers, 'users of the file are not in the data set and are left out'),
      ],
    ],
    [
      'Lists',
      [
        listLength === null
          ? 'every candidate; items of the history are left out'
          : `the first ${grouped(listLength)} items; nothing is known beyond, so metrics that need more are left out`,
        ...some(facts.shorter, 'lists are shorter; what is not in them counts as missed'),
        ...some(facts.unknownItems, 'items are not in the data set and keep their places'),
        ...some(facts.doubledRows, 'rows repeat an item of the same list and are left out'),
      ],
    ],
    [
      'History',
      [withHistory === 0 ? 'no list has an item of it' : `${grouped(withHistory)} lists have items of it`],
    ],
    ['Split', [facts.manifest === undefined ? 'stated' : `checked by ${facts.manifest}`]],
    ['Missed', [`${grouped(facts.missed)} held-out items are in no known place`]],
  ];
}
