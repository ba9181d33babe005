import type { ComparisonView } from '../../../core/api/compare.ts';
import { modelTitle, settingTitle } from '../../../core/api/models.ts';
import { fixed, grouped } from '../../format/format.ts';

export interface RowField {
  id: string;
  label: string;
  /** One a row: a number, a word for a setting that is none, or null. */
  values: (number | string | null)[];
  /** A number as it is written; a setting's as it was set. */
  text?(value: number): string;
}

/** Everything about the rows that an axis can show: settings that differ, size and time, then the metrics. */
export function rowFields(view: ComparisonView): { settings: RowField[]; metrics: RowField[] } {
  const { rows, columns, otherColumns, configDifferences } = view;
  const settings = [
    ...configDifferences.map(({ key, values }) => ({
      id: `config:${key}`,
      label: settingTitle(key),
      values: key === 'model' ? values.map((model) => model && modelTitle(model)) : typed(values),
    })),
    {
      id: 'parameters',
      label: 'Parameters',
      values: rows.map(({ parameters }) => parameters),
      text: grouped,
    },
    {
      ...{ id: 'seconds', label: 'Time (s)', values: rows.map(({ seconds }) => seconds) },
      text: (seconds: number) => fixed(seconds, 1),
    },
  ];
  const shown = columns.map(({ name, label, decimals }, at) => ({
    id: name,
    label,
    text: (value: number) => fixed(value, decimals),
    values: rows.map(({ cells }) => cells[at].mean),
  }));
  const others = otherColumns.map(({ name, label, decimals }, at) => ({
    id: name,
    label,
    text: (value: number) => fixed(value, decimals),
    values: rows.map((row) => row.others[at]),
  }));
  const hasValues = ({ values }: RowField) => values.some((value) => value !== null);
  return { settings: settings.filter(hasValues), metrics: [...shown, ...others].filter(hasValues) };
}

/** Config values are text; where every one is a number they are taken as numbers. */
function typed(values: readonly (string | null)[]): (number | string | null)[] {
  const numbers = values.map((value) => (value === null || value.trim() === '' ? null : Number(value)));
  return numbers.every((value) => value === null || Number.isFinite(value)) ? numbers : [...values];
}

export function isNumeric({ values }: RowField): boolean {
  return values.every((value) => typeof value !== 'string');
}
