/** The fields of runs in words, and in the groups a user looks for them in. */

import { findMetric, metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle, settingTitle } from '../../../core/api/models.ts';
import { RUN_FIELDS, type RunFilter, type RunTableFields, runFieldFacts } from '../../../core/api/runs.ts';
import type { Choice } from '../../components/Select.tsx';

/** What rows can be grouped by, besides the config. */
const FEW_VALUES = Object.keys(RUN_FIELDS)
  .filter((field) => groupingOf(field) !== undefined)
  .sort((a, b) => (groupingOf(a) ?? 0) - (groupingOf(b) ?? 0));

function groupingOf(field: string): number | undefined {
  return runFieldFacts(field)?.grouping;
}

export interface FieldGroup {
  title: string;
  fields: string[];
}

export function fieldTitle(field: string): string {
  if (field.startsWith('metric:')) return metricLabel(field.slice('metric:'.length));
  if (field.startsWith('config:')) return settingTitle(field.slice('config:'.length));
  return runFieldFacts(field)?.title ?? field;
}

/** Whether rows can be sorted, filtered or grouped by it. */
export function isRunField(field: string): boolean {
  if (/^(metric:|config:[^"]*$)/.test(field)) return true;
  return runFieldFacts(field)?.sql !== undefined;
}

/** Fields to choose one from, under the titles of their groups. */
export function fieldChoices(groups: readonly FieldGroup[]): Choice<string>[] {
  return groups.flatMap(({ title, fields }) =>
    fields.map((field) => ({ value: field, label: fieldTitle(field), group: title })),
  );
}

/** What columns can show. */
export function columnFields(available: RunTableFields | undefined): FieldGroup[] {
  return [
    { title: 'Run', fields: Object.keys(RUN_FIELDS).filter((field) => !runFieldFacts(field)?.unlisted) },
    { title: 'Test metrics', fields: metricFields(available, true) },
    { title: 'Other metrics', fields: metricFields(available, false) },
    { title: 'Config', fields: (available?.config ?? []).map((key) => `config:${key}`) },
  ].filter(({ fields }) => fields.length > 0);
}

function metricFields(available: RunTableFields | undefined, test: boolean): string[] {
  const names = (available?.metrics ?? []).filter((name) => (findMetric(name)?.prefix === 'test') === test);
  return names.map((name) => `metric:${name}`);
}

/** What rows can be grouped by: what has few values, and of the settings those that differ. */
export function groupChoices(available: RunTableFields | undefined): Choice<string>[] {
  const choices = fieldChoices([
    { title: 'Run', fields: FEW_VALUES },
    { title: 'Config', fields: (available?.differing ?? []).map((key) => `config:${key}`) },
  ]);
  return choices.map((choice) => ({ ...choice, label: `Group by ${choice.label}` }));
}

/** Whether runs have so few values of a field that one of them is chosen, as rows are grouped by it. */
export function hasFewValues(field: string): boolean {
  return FEW_VALUES.includes(field) || field.startsWith('config:');
}

/** A value of a field in words: models by their titles. */
export function valueText(field: string, value: string): string {
  if (field === 'model') return modelTitle(value);
  return field === 'status' ? value.replaceAll('-', ' ') : value;
}

/** What was typed as a value of the field: a number or a truth value where it is written as one. */
export function filterValue(field: string, text: string): RunFilter['value'] {
  const typed = text.trim();
  if (runFieldFacts(field)?.kind === 'text' || typed === '') return typed;
  if (typed === 'true' || typed === 'false') return typed === 'true';
  const number = Number(typed);
  return Number.isFinite(number) ? number : typed;
}

export const OPERATORS: Record<RunFilter['operator'], string> = {
  ...{ '=': 'is', '!=': 'is not', '<': '<', '<=': '≤', '>': '>', '>=': '≥', contains: 'contains' },
};

export function filterText({ field, operator, value }: RunFilter): string {
  const shown = valueText(field, String(value));
  return `${fieldTitle(field)} ${OPERATORS[operator]} ${shown}`;
}

/** A group's value in words. */
export function groupLabel(field: string, value: string | null): string {
  return `${fieldTitle(field)}: ${value === null ? 'none' : valueText(field, value)}`;
}
