/** A config beside what it would be by itself. */
import type { ModelInfo } from '../../../core/api/models.ts';
import { fieldText, schemaFields } from '../../components/schema.ts';
import type { Setting } from '../../runs/comparison/SettingTable.tsx';

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
    settingsBeside(config, reference).filter(({ differs }) => differs).length;
  let best: { reference: ConfigReference; differences: number } | undefined;
  for (const reference of references) {
    const differences = distance(reference);
    if (best === undefined || differences < best.differences) best = { reference, differences };
  }
  return best?.reference;
}

/** The config and the reference as settings, each with its description in the model's schema; what differs comes first. */
export function settingsBeside(
  config: Record<string, unknown>,
  reference: ConfigReference | undefined,
  schema?: unknown,
): Setting[] {
  const expected = new Map(reference ? flattened(reference.config) : []);
  const fields = new Map(
    schema ? schemaFields(schema).map(({ key, description }) => [key, description]) : [],
  );
  const settings = flattened(config).map(([key, value]) => {
    const other = expected.get(key) ?? null;
    const differs = reference !== undefined && other !== value;
    return {
      key,
      values: [value, ...(reference ? [other] : [])],
      description: fields.get(key) ?? '',
      differs,
    };
  });
  return settings.sort((a, b) => Number(b.differs) - Number(a.differs));
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
