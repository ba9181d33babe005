/** What a file of recommendations came to, in words. */

import { metricDecimals, metricLabel, metricsUsed } from '../evaluation/metrics-table.ts';
import type { UsersBehind } from '../foreign/results/lists.ts';
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

/** Something counted in a file of recommendations, and what follows from it. */
export interface ResultFact {
  /** Null where nothing is counted. */
  count: number | null;
  fact: string;
  /** How that was seen. */
  example: string;
  follows: string;
  /** It takes something away from what the result says. */
  warns?: boolean;
  /** The first users behind the count, by their ids; and who they are, where the fact does not say it. */
  users?: { who: string; first: readonly string[] };
}

/** What of the file could be used and what could not, and how that was resolved. What there is nothing of is left out. */
export function resultFacts(facts: Facts, behind: UsersBehind = {}): ResultFact[] {
  const {
    rows,
    format,
    columns,
    testUsers,
    withoutList,
    withHistory,
    lostPlaces = 0,
    unreadRows = 0,
  } = facts;
  const of = (key: keyof UsersBehind, who: string): Pick<ResultFact, 'users'> =>
    behind[key]?.length ? { users: { who, first: behind[key] } } : {};
  const some = (key: keyof Facts & keyof UsersBehind, fact: string, follows: string, warns = false) =>
    facts[key] ? [{ count: facts[key], fact, example: '', follows, warns, ...of(key, fact) }] : [];
  return [
    {
      count: rows,
      fact: `Rows of ${format}`,
      example: Object.values(columns).filter(Boolean).join(', '),
      follows: '',
    },
    ...(unreadRows > 0
      ? [
          {
            count: unreadRows,
            fact: 'Rows that cannot be read',
            example: '',
            follows: 'left out',
            warns: true,
          },
        ]
      : []),
    {
      count: testUsers - withoutList,
      fact: 'Users with a list',
      example: `of ${grouped(testUsers)} with a held-out item`,
      follows: '',
      ...of('withList', 'Users with a list'),
    },
    ...coveredTexts(facts).map((example) => ({
      count: null,
      fact: 'Metrics of those',
      example,
      follows: '',
    })),
    ...some('withoutList', 'Users without a list', 'count as missed', withoutList > NEARLY_ALL * testUsers),
    ...some('untested', 'Users without a held-out item', 'left out'),
    ...some('unknownUsers', 'Users that are not in the data set', 'left out', true),
    { ...lengthFact(facts), ...of('shorter', 'Users with shorter lists') },
    ...some('unknownItems', 'Items that are not in the data set', 'keep their places', true),
    ...some('doubledRows', 'Rows that repeat an item of a list', 'left out', true),
    ...some('disagreeing', 'Users whose ranks and scores disagree', 'the scores count', true),
    {
      count: withHistory,
      fact: 'Lists with items of the history',
      example: lostPlaces === 0 ? '' : `${grouped(lostPlaces)} of them lost the places that it took`,
      follows: withHistory === 0 ? 'history is filtered out' : 'these items are left out',
      warns: lostPlaces > 0,
      ...of('withHistory', 'Users with items of their history in their list'),
    },
    {
      count: facts.missed,
      fact: 'Held-out items outside their list',
      example: '',
      follows: 'ranked behind it',
      ...of('missed', 'Users whose held-out item is not in their list'),
    },
  ];
}

function lengthFact({ listLength, sampled, withHistory, shorter }: Facts): ResultFact {
  const example = shorter ? `${grouped(shorter)} lists are shorter; unknown beyond their ends` : '';
  if (sampled !== undefined)
    return {
      count: sampled,
      fact: 'Sampled candidates of each user',
      example,
      follows: 'a protocol of its own',
      warns: true,
    };
  if (listLength !== null)
    return {
      count: listLength,
      fact: 'Items in each list',
      example,
      follows: 'metrics with larger cut-offs are omitted',
    };
  const follows = withHistory === 0 ? '' : 'items of the history are left out';
  return { count: null, fact: 'Every candidate is in each list', example, follows };
}

/** What is known of the split, and what nobody has said. */
export function provenance({ manifest, unknown = [] }: Facts): [name: string, text: string][] {
  const notSaid = unknown.filter((fact) => fact !== 'split').map((fact) => UNKNOWN_FACTS[fact]);
  const split = unknown.includes('split')
    ? 'unknown: no manifest; measured on the last interactions, in a group of its own'
    : 'reported, not checked';
  return [
    ['Split', manifest === undefined ? split : `checked by ${manifest}`],
    [
      'Not said',
      notSaid.length === 0 ? 'nothing' : `${notSaid.join(', ')}: it is never marked best or chosen`,
    ],
  ];
}

/** Share of the users that have a list; null where nearly all have one. */
export function coverageOf({
  testUsers,
  withoutList,
}: Pick<Facts, 'testUsers' | 'withoutList'>): number | null {
  return withoutList <= NEARLY_ALL * testUsers ? null : 1 - withoutList / testUsers;
}

/** "380 of 400 users without a list count as missed", and what the others have; nothing where nearly all have one. */
export function coverageText(facts: Facts): string | null {
  const { testUsers, withoutList, covered } = facts;
  if (coverageOf(facts) === null) return null;
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
