import type { IdMeasure } from '../../../../core/api/codebooks.ts';
import { fixed, grouped } from '../../../format/format.ts';

/** "ids/usage@1" and "ids/usage@2" are of one kind. */
const kindOf = ({ name }: IdMeasure) => name.replace(/@.*$/, '');

export interface MeasureGroup {
  title: string;
  measures: IdMeasure[];
}

/** What there is once, and then what there is for each level or depth. */
export function measureGroups(measures: readonly IdMeasure[]): MeasureGroup[] {
  const kinds = Object.values(Object.groupBy(measures, kindOf)).map((group = []) => group);
  const single = kinds.filter(({ length }) => length === 1).flat();
  const several = kinds.filter(({ length }) => length > 1);
  return [
    ...(single.length > 0 ? [{ title: 'Of the whole IDs', measures: single }] : []),
    ...several.map((group) => ({ title: group[0].label.replace(/@.*$/, ''), measures: group })),
  ];
}

export function measureText({ value, decimals }: Pick<IdMeasure, 'value' | 'decimals'>): string {
  return decimals === 0 ? grouped(value) : fixed(value, decimals);
}
