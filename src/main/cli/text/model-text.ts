import { z } from 'zod';
import type { Model } from '../../../core/families/model.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

function configSchema(model: Model) {
  return z.toJSONSchema(model.configSchema, { io: 'input' });
}

/** A model as plain data, its config schema as JSON Schema. */
export function modelJson(model: Model) {
  const { id, title, summary, task, family, kind, paper, presets, sources } = model;
  const described = { id, title, summary, task, family, kind, paper, presets, sources };
  return { ...described, configSchema: configSchema(model) };
}

/** One line per model. */
export function listText(models: readonly Model[]): string {
  const rows = models.map(({ id, title, summary, presets }) => [
    id,
    title,
    summary,
    Object.keys(presets).join(', '),
  ]);
  return textTable(['Model', 'Title', 'What it is', 'Presets'], rows);
}

/** Everything to know before training a model. */
export function modelText(model: Model): string {
  const { id, title, summary, paper, presets } = model;
  const facts: [string, string][] = [
    ['Model', `${id} (${title})`],
    ['What it is', summary],
    ['Paper', `${paper.authors}: ${paper.title}. ${paper.where}`],
  ];
  const presetLines = Object.entries(presets).flatMap(([name, { description, config }]) => [
    `  ${name}: ${description}`,
    `    ${Object.entries(config)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(' ')}`,
  ]);
  return [
    factLines(facts),
    ...(presetLines.length > 0 ? ['', 'Presets (--preset):', ...presetLines] : []),
    '',
    'Config keys (--set key=value):',
    textTable(
      ['Key', 'Type', 'Default', 'Bounds', 'What it is'],
      settingRows(model).map(({ key, type, fallback, bounds, meaning }) => [
        key,
        type,
        fallback,
        bounds,
        meaning,
      ]),
    ),
  ].join('\n');
}

/** The parts of JSON schema that config schemas use. */
const propertySchema = z.object({
  type: z.string().optional(),
  default: z.unknown(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  readWith: z.record(z.string(), z.array(z.string())).optional(),
  meanings: z.record(z.string(), z.string()).optional(),
});
type Property = z.infer<typeof propertySchema>;

function properties(model: Model): Record<string, Property> {
  return z.record(z.string(), propertySchema).parse(configSchema(model).properties);
}

/** A setting of a model, in words. */
export interface SettingRow {
  key: string;
  /** Or the values that it can have. */
  type: string;
  fallback: string;
  bounds: string;
  meaning: string;
}

/** The settings of a model in the order of its config. */
export function settingRows(model: Model): SettingRow[] {
  return Object.entries(properties(model)).map(([key, property]) => {
    const { description = '', meanings = {}, readWith = {} } = property;
    const read = Object.entries(readWith).map(([other, values]) => `${other}=${values.join(' or ')}`);
    const means = Object.entries(meanings).map(([value, meaning]) => `; ${value}: ${meaning}`);
    const when = read.length > 0 ? ` (with ${read.join(', ')})` : '';
    return {
      key,
      type: property.enum ? property.enum.map(String).join(' | ') : (property.type ?? 'any'),
      fallback: property.default === undefined ? '' : String(property.default),
      bounds: boundsText(property),
      meaning: description + means.join('') + when,
    };
  });
}

function boundsText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Property): string {
  // Integers come with the bounds of safe integers, which are not worth showing.
  const isInformative = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return [
    isInformative(exclusiveMinimum) ? `> ${exclusiveMinimum}` : '',
    isInformative(minimum) ? `≥ ${minimum}` : '',
    isInformative(exclusiveMaximum) ? `< ${exclusiveMaximum}` : '',
    isInformative(maximum) ? `≤ ${maximum}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
