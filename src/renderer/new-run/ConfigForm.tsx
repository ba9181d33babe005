import { useQuery } from '@tanstack/react-query';
import type { ConfigGroup, ModelInfo } from '../../core/api/models.ts';
import { Button } from '../components/Button.tsx';
import { SchemaForm } from '../components/SchemaForm.tsx';
import { api } from '../state/api.ts';

export interface ConfigFormProps {
  model: ModelInfo;
  preset: string;
  overrides: Record<string, unknown>;
  /** Defaults, preset and overrides as one; null while they do not go together. */
  resolved: Record<string, unknown> | null;
  problem: string | null;
  onChange(overrides: Record<string, unknown>, problems: number): void;
}

const TITLES: Record<ConfigGroup, string> = { model: 'Model', training: 'Training', protocol: 'Protocol' };
const GROUPS = Object.keys(TITLES) as ConfigGroup[];

/** The config of a model, with what its preset says and what was changed of that. */
export function ConfigForm({ model, preset, overrides, resolved, problem, onChange }: ConfigFormProps) {
  const input = { model: model.id, preset: preset || undefined };
  const { data: plain } = useQuery(api.models.resolve.queryOptions({ input }));
  const sections = GROUPS.map((group) => ({
    title: TITLES[group],
    keys: Object.keys(model.groups).filter((key) => model.groups[key] === group),
  })).filter(({ keys }) => keys.length > 0);
  const changed = Object.keys(overrides).length;
  // The protocol changes the defaults of other keys, so what an untouched key comes to is asked of the whole.
  const untouched = Object.entries(resolved ?? {}).filter(([key]) => !(key in overrides));
  const defaults = { ...plain?.config, ...Object.fromEntries(untouched) };
  const change = (values: Record<string, unknown>, problems: number) => {
    const same = (key: string) => !('protocol' in values) && values[key] === plain?.config?.[key];
    onChange(Object.fromEntries(Object.entries(values).filter(([key]) => !same(key))), problems);
  };
  return (
    <>
      <div className="new-run-config-head">
        <div>
          <strong>{model.title}</strong> <span className="muted">{model.summary}</span>
          <p className="field-help">
            {model.paper.authors}: {model.paper.title}, {model.paper.where}
          </p>
        </div>
        <span className="screen-actions">
          {changed > 0 && (
            <>
              <span className="muted">
                {changed} changed from {preset || 'the defaults'}
              </span>
              <Button kind="quiet" onClick={() => onChange({}, 0)}>
                Reset all
              </Button>
            </>
          )}
        </span>
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem.replace(/; see: .*$/, '')}
        </p>
      )}
      <SchemaForm
        schema={model.configSchema}
        values={overrides}
        defaults={defaults}
        sections={sections}
        onChange={change}
      />
    </>
  );
}
