import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Course } from './course.ts';
import { generatedStatement, recordedStatement, type Statement } from './scenario.ts';

const recorded: Course[] = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'));
const ALL = 200;

const factorOf = ({ stated, true: actual }: Statement) => (stated === null ? 0 : stated / actual);
const isNear = ({ stated, true: actual }: Statement) =>
  stated !== null && Math.abs(stated - actual) <= 0.15 * actual;

it('states at half time what is left within 15 % in nine of ten courses, later stops and new runs taken out', () => {
  const own = recorded.map((course, at) => recordedStatement(course, recorded.slice(0, at)));
  const generated = Array.from({ length: ALL - own.length }, (_, seed) => generatedStatement(recorded, seed));
  if (process.env.TESSERA_TIMES) {
    const near = (some: Statement[]) => `${some.filter(isNear).length} of ${some.length}`;
    const off = [...own, ...generated]
      .filter((one) => !isNear(one))
      .map((one) => `${factorOf(one).toFixed(2)}: ${one.what}`);
    console.log([`recorded ${near(own)}, generated ${near(generated)}`, ...off].join('\n'));
  }
  expect([...own, ...generated].filter(isNear).length).toBeGreaterThanOrEqual(0.9 * ALL);
});
