/** What a file of recommendations came to, in words. */

import { metricDecimals, metricLabel, metricsUsed } from '../evaluation/metrics-table.ts';
import type { MeasuredResult } from '../foreign/results/result.ts';
import { NEARLY_ALL, UNKNOWN_FACTS } from '../foreign/results/unknown.ts';
import { fixed, grouped } from './format.ts';

const MAIN = metricsUsed('main');

/** The main metrics, as text. */
export const mainFigures = (metrics: MeasuredResult['metrics']): [title: string, value: string][] =>
  MAIN.flatMap((main) => Object.entries(metrics).filter(([name]) => name.split('/').at(-1) === main)).map(
    ([name, value]) => [metricLabel(name), fixed(value, metricDecimals(name))],
  );

type Facts = MeasuredResult['facts'];

const some = (count: number | undefined, text: string) => (count ? [`${grouped(count)} ${text}`] : []);

/** What of the file could be used and what could not, and how that was resolved. */
export function resultFacts(facts: Facts): [name: string, texts: string[]][] {
  const { rows, format, columns, testUsers, withoutList, withHistory, manifest, unknown = [] } = facts;
  const listed = `${grouped(testUsers - withoutList)} of ${grouped(testUsers)} with a held-out item have a list`;
  const notSaid = unknown.filter((fact) => fact !== 'split').map((fact) => UNKNOWN_FACTS[fact]);
  return [
    ['File', [`${grouped(rows)} rows of ${format}: ${Object.values(columns).filter(Boolean).join(', ')}`]],
    [
      'Users',
      [
        listed,
        ...some(withoutList, 'without a list count as missed'),
        ...coveredTexts(facts),
        ...some(facts.untested, 'users of the file have no held-out item and are left out'),
        ...some(facts.unknownUsers, 'users of the file are not in the data set and are left out'),
      ],
    ],
    [
      'Lists',
      [
        lengthText(facts),
        ...some(facts.shorter, 'lists are shorter; nothing is known beyond their ends'),
        ...some(facts.unknownItems, 'items are not in the data set and keep their places'),
        ...some(facts.doubledRows, 'rows repeat an item of the same list and are left out'),
        ...some(facts.disagreeing, 'users have ranks that disagree with their scores; the scores count'),
      ],
    ],
    [
      'History',
      [
        withHistory === 0
          ? 'no list has an item of it'
          : `${grouped(withHistory)} lists have items of it, which are left out`,
        ...some(facts.lostPlaces, 'of them lost the places that it took'),
      ],
    ],
    [
      'Split',
      [
        manifest !== undefined
          ? `checked by ${manifest}`
          : unknown.includes('split')
            ? 'unknown, for no manifest says it and it was not stated; measured on the last interactions, in a group of its own'
            : 'stated',
      ],
    ],
    [
      'Not said',
      [notSaid.length === 0 ? 'nothing' : `${notSaid.join(', ')}: it is never marked best or chosen`],
    ],
    ['Missed', [`for ${grouped(facts.missed)} users the held-out item is not in the list`]],
  ];
}

function lengthText({ listLength, sampled, withHistory }: Facts): string {
  if (sampled !== undefined) return `${grouped(sampled)} sampled candidates a user`;
  if (listLength !== null)
    return `top-${grouped(listLength)} lists; metrics that need more of them are left out`;
  return withHistory === 0 ? 'every candidate' : 'every candidate; items of the history are left out';
}

/** "380 of 400 users without a list count as missed", and what the others have; nothing where nearly all have one. */
export function coverageText({ testUsers, withoutList, covered }: Facts): string | null {
  if (withoutList <= NEARLY_ALL * testUsers) return null;
  const missing = `${grouped(withoutList)} of ${grouped(testUsers)} users have no list and count as missed`;
  return [missing, ...coveredTexts({ testUsers, withoutList, covered })].join('; ');
}

/** "the 20 with one: HR@10 1.0000" */
function coveredTexts({
  testUsers,
  withoutList,
  covered = {},
}: Pick<Facts, 'testUsers' | 'withoutList' | 'covered'>): string[] {
  const own = Object.entries(covered).filter(([name]) => /@10$/.test(name));
  const values = own.map(([name, value]) => `${metricLabel(name)} ${fixed(value, metricDecimals(name))}`);
  return values.length === 0
    ? []
    : [`the ${grouped(testUsers - withoutList)} with one: ${values.join(', ')}`];
}
