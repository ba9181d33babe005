/** The part of JSON Schema that config schemas use, as a form reads it. */

import { z } from 'zod';
import { settingTitle } from '../../core/api/models.ts';
import { grouped } from '../format/format.ts';
import { type Column, column } from './columns.ts';

const propertySchema = z.object({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  /** Values of other keys, one of which each must have for this one to be read. */
  readWith: z.record(z.string(), z.array(z.string())).optional(),
  /** What each of its values means. */
  meanings: z.record(z.string(), z.string()).optional(),
});

const objectSchema = z.object({ properties: z.record(z.string(), propertySchema) });

export interface SchemaField extends z.infer<typeof propertySchema> {
  key: string;
  label: string;
}

/** The fields of an object's schema, in its order. Throws for a schema that is not an object's. */
export function schemaFields(schema: unknown): SchemaField[] {
  const { properties } = objectSchema.parse(schema);
  return Object.entries(properties).map(([key, property]) => ({
    ...property,
    key,
    label: settingTitle(key),
  }));
}

/** Whether a training with these values reads the field at all. */
export const isRead = ({ readWith = {} }: SchemaField, values: Readonly<Record<string, unknown>>) =>
  Object.entries(readWith).every(
    ([key, choices]) => !(key in values) || choices.includes(String(values[key])),
  );

/** What the field is, and what the value that counts means where its values have meanings of their own. */
export const helpOf = ({ description, meanings = {} }: SchemaField, text: string) =>
  meanings[text] === undefined ? description : `${description}: ${meanings[text]}`;

/** All texts that the field can have, where there are only so many. */
export const choicesOf = ({ type, enum: values }: SchemaField): string[] | undefined =>
  type === 'boolean' ? ['true', 'false'] : values?.map(String);

/** What was typed, as a value of the field; or in one line why it is none. Empty text is the default. */
export function parseField(field: SchemaField, text: string): { value: unknown } | { problem: string } {
  if (text.trim() === '') return { value: undefined };
  if (field.type === 'boolean') return { value: text === 'true' };
  if (field.enum) return { value: field.enum.find((choice) => String(choice) === text) };
  if (field.type === 'number' || field.type === 'integer') return parseNumber(field, text);
  if (field.type === 'array' || field.type === 'object') {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return { problem: 'Write it as JSON, such as [1, 2]' };
    }
  }
  return { value: text };
}

function parseNumber(field: SchemaField, text: string): { value: number } | { problem: string } {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: 'Enter a number' };
  if (field.type === 'integer' && !Number.isInteger(value)) return { problem: 'Enter a whole number' };
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field;
  if (minimum !== undefined && value < minimum) return { problem: `Enter ${minimum} or more` };
  if (maximum !== undefined && value > maximum) return { problem: `Enter ${maximum} or less` };
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return { problem: `Enter more than ${exclusiveMinimum}` };
  }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
    return { problem: `Enter less than ${exclusiveMaximum}` };
  }
  return { value };
}

/** What was meant by a number that a field cannot take: with a point for its comma, or its digits at the power of ten next to the usual value. */
export function meantNumber(field: SchemaField, text: string, usual: number): string | null {
  if ((field.type !== 'number' && field.type !== 'integer') || text.trim() === '') return null;
  const typed = Number(text.replaceAll(',', field.type === 'integer' ? '' : '.'));
  if (!(typed > 0) || (field.type === 'integer' && !Number.isInteger(typed))) return null;
  const fits = (value: number) => 'value' in parseNumber(field, String(value));
  if (fits(typed)) return String(typed);
  const near = usual > 0 ? usual : typed;
  const distance = (value: number) => Math.abs(Math.log10(value / near));
  const [meant] = Array.from({ length: 17 }, (_, at) => Number(`${typed}e${at - 8}`))
    .filter(fits)
    .sort((a, b) => distance(a) - distance(b));
  return meant === undefined ? null : String(meant);
}

/** Why a text is no whole number in a range, or null. */
export function wholeProblem(text: string, least: number, most: number): string | null {
  const value = Number(text);
  const fits = text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most;
  return fits ? null : `Enter a whole number from ${grouped(least)} to ${grouped(most)}`;
}

/** A setting as a column: numbers at the right, words at the left; which it has is said, or `rows` tell. */
export function settingColumn<Row>(
  id: string,
  key: string,
  of: (row: Row) => unknown,
  rows: readonly Row[] | 'number' | 'text',
): Column<Row> {
  const kind = typeof rows === 'string' ? rows : settingKind(rows.map(of));
  return column(id, settingTitle(key), kind, (row) => fieldText(of(row)), { width: 110, sortable: true });
}

function settingKind(all: readonly unknown[]): 'number' | 'text' {
  const values = all.filter((value) => value !== undefined && value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number') ? 'number' : 'text';
}

/** A value as its control shows it. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
