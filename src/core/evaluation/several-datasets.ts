/**
 * Models over several data sets: average ranks, the tests of Friedman and of Iman and Davenport, and the critical difference of Nemenyi
 * (Demšar 2006). Each data set is one observation, whatever its number of users.
 */
import { UserError } from '../errors.ts';
import { midranks } from '../math/ranks.ts';
import {
  chiSquareSurvival,
  fSurvival,
  studentizedRangeQuantile,
  studentizedRangeSurvival,
} from './distributions.ts';

export interface FriedmanTest {
  /** Mean rank of every model, 1 for the best, [models]. */
  averageRanks: number[];
  datasets: number;
  /** Friedman's chi-square, corrected for ties. NaN where every model is as good as every other on each data set. */
  chiSquare: number;
  df: number;
  p: number;
  /** The F of Iman and Davenport (1980), which is less conservative. */
  f: { value: number; df: [number, number]; p: number };
  /** How far two average ranks have to be apart at 0.05, after Nemenyi. */
  criticalDifference: number;
  /** p of every pair after Nemenyi, [models][models]. */
  pairs: number[][];
}

/** Of fewer models a test over data sets is the one of pairs, and of one data set there is none. */
export const FEWEST = { models: 3, datasets: 2 } as const;

/**
 * `values`: of every model on every data set, [models][datasets]; `sign`: 1 where more is better, else -1. Throws UserError for less than 3 models or
 * 2 data sets, and where a value is missing.
 */
export function friedman(values: readonly (readonly number[])[], sign: 1 | -1): FriedmanTest {
  const models = values.length;
  const datasets = values[0]?.length ?? 0;
  if (models < FEWEST.models || datasets < FEWEST.datasets)
    throw new UserError(
      `ranks over data sets are tested from ${FEWEST.models} models and ${FEWEST.datasets} data sets on`,
    );
  if (values.some((row) => row.length !== datasets || !row.every(Number.isFinite)))
    throw new UserError('every model needs a value on every data set');
  const ranked = Array.from({ length: datasets }, (_, at) => midranks(values.map((row) => -sign * row[at])));
  const averageRanks = values.map(
    (_, model) => ranked.reduce((sum, { ranks }) => sum + ranks[model], 0) / datasets,
  );
  const squares = averageRanks.reduce((sum, rank) => sum + (rank - (models + 1) / 2) ** 2, 0);
  const tied = ranked.flatMap(({ groups }) => groups).reduce((sum, size) => sum + size ** 3 - size, 0);
  const correction = 1 - tied / (datasets * (models ** 3 - models));
  const chiSquare = ((12 * datasets) / (models * (models + 1))) * (squares / correction);
  const df = models - 1;
  const f = ((datasets - 1) * chiSquare) / (datasets * df - chiSquare);
  const unit = Math.sqrt((models * (models + 1)) / (6 * datasets));
  return {
    ...{ averageRanks, datasets, chiSquare, df },
    p: chiSquareSurvival(chiSquare, df),
    f: { value: f, df: [df, df * (datasets - 1)], p: fSurvival(f, df, df * (datasets - 1)) },
    criticalDifference: (studentizedRangeQuantile(0.05, models) / Math.SQRT2) * unit,
    pairs: averageRanks.map((one) =>
      averageRanks.map((other) =>
        studentizedRangeSurvival((Math.abs(one - other) / unit) * Math.SQRT2, models),
      ),
    ),
  };
}
