/** A config beside what it would be by itself. */
import type { ModelInfo } from '../../../core/api/models.ts';
import { fieldText, schemaFields } from '../../components/schema.ts';

export interface ConfigRow {
  /** Keys of nested objects joined by dots. */
  key: string;
  value: string;
  /** The reference's value; null where there is no reference or it has no such key. */
  reference: string | null;
  differs: boolean;
  description: string;
}

/** A config to compare with. */
export interface ConfigReference {
  id: string;
  label: string;
  config: Record<string, unknown>;
}

/** The model's defaults, and each preset on top of them. */
export function referencesOf(model: Pick<ModelInfo, 'configSchema' | 'presets'>): ConfigReference[] {
  const defaults = Object.fromEntries(
    schemaFields(model.configSchema).map(({ key, default: value }) => [key, value]),
  );
  return [
    { id: '', label: 'Defaults', config: defaults },
    ...Object.entries(model.presets).map(([name, { config }]) => ({
      id: name,
      label: `Preset ${name}`,
      config: { ...defaults, ...config },
    })),
  ];
}

/** The reference that the config differs least from; the first of several. */
export function nearestReference(
  config: Record<string, unknown>,
  references: readonly ConfigReference[],
): ConfigReference | undefined {
  const distance = (reference: ConfigReference) =>
    configRows(config, reference, new Map()).filter(({ differs }) => differs).length;
  let best: { reference: ConfigReference; differences: number } | undefined;
  for (const reference of references) {
    const differences = distance(reference);
    if (best === undefined || differences < best.differences) best = { reference, differences };
  }
  return best?.reference;
}

/** What differs comes first. */
export function configRows(
  config: Record<string, unknown>,
  reference: ConfigReference | undefined,
  descriptions: ReadonlyMap<string, string>,
): ConfigRow[] {
  const expected = new Map(reference ? flattened(reference.config) : []);
  const rows = flattened(config).map(([key, value]) => {
    const other = expected.get(key) ?? null;
    return {
      key,
      value,
      reference: other,
      description: descriptions.get(key) ?? '',
      differs: reference !== undefined && other !== value,
    };
  });
  return rows.sort((a, b) => Number(b.differs) - Number(a.differs));
}

function flattened(config: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(config).flatMap(([key, value]): [string, string][] => {
    const path = `${prefix}${key}`;
    if (isObject(value)) return flattened(value, `${path}.`);
    return [[path, fieldText(value) || 'none']];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
