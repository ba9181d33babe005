/** A project in the trash is none. */
export const PROJECT_NAME =
  '(SELECT projects.name FROM projects WHERE projects.id = runs.project AND projects.deleted_at IS NULL)';

interface RunFieldFacts {
  title: string;
  /** text: what is typed as its value is never a number. */
  kind: 'text' | 'number' | 'count' | 'bytes' | 'metric' | 'duration' | 'time' | 'none';
  /** Its value in the table of runs; without it the field is shown, but neither sorted nor filtered by. */
  sql?: string;
  /** Runs have so few values of it that rows can be grouped by it; the place among those that are offered. */
  grouping?: number;
  /** No column shows it. */
  unlisted?: true;
}

/** Every field of a run that a table shows, sorts, filters or groups by, in the order in which they are offered. */
export const RUN_FIELDS = {
  name: { title: 'Run', kind: 'text', sql: 'name' },
  status: { title: 'Status', kind: 'text', sql: 'status', grouping: 3 },
  model: { title: 'Model', kind: 'text', sql: 'model', grouping: 1 },
  dataset: { title: 'Data set', kind: 'text', sql: 'dataset_name', grouping: 0 },
  project: { title: 'Project', kind: 'text', sql: PROJECT_NAME, grouping: 2 },
  seed: { title: 'Seeds', kind: 'number', sql: 'seed', grouping: 8 },
  curve: { title: 'Validation', kind: 'none' },
  device: { title: 'Device', kind: 'text', sql: 'coalesce(device, requested_device)', grouping: 4 },
  parameters: { title: 'Parameters', kind: 'count', sql: 'parameters' },
  epochs: { title: 'Epochs', kind: 'count', sql: 'epochs', grouping: 7 },
  selectedEpoch: { title: 'Best epoch', kind: 'count', sql: 'selected_epoch' },
  seconds: { title: 'Time', kind: 'duration', sql: 'seconds' },
  peakMemory: { title: 'Peak memory', kind: 'bytes', sql: 'peak_memory' },
  energy: { title: 'Energy (Wh)', kind: 'metric', sql: 'energy / 3600' },
  listSeconds: { title: 'Time a list (ms)', kind: 'metric', sql: '1000 * list_seconds' },
  trials: { title: 'Trials', kind: 'count' },
  tuningEpochs: { title: 'Tuning epochs', kind: 'count' },
  tuningSeconds: { title: 'Tuning time', kind: 'duration' },
  tags: {
    title: 'Tags',
    kind: 'text',
    sql: "(SELECT group_concat(tag, ', ') FROM run_tags WHERE run = runs.id)",
    grouping: 6,
  },
  notes: { title: 'Notes', kind: 'text' },
  createdAt: { title: 'Created', kind: 'time', sql: 'created_at' },
  endedAt: { title: 'Ended', kind: 'time', sql: 'ended_at' },
  protocol: { title: 'Protocol', kind: 'text', sql: 'protocol_fingerprint', grouping: 5 },
  starred: { title: 'Starred', kind: 'number', sql: 'starred', unlisted: true },
} as const satisfies Record<string, RunFieldFacts>;

export type RunFieldName = keyof typeof RUN_FIELDS;

/** Of a folded row the means of its runs, by which it is sorted as well. */
export const MEANS = [
  'parameters',
  'epochs',
  'selectedEpoch',
  'seconds',
  'peakMemory',
  'energy',
  'listSeconds',
] as const satisfies readonly RunFieldName[];

/** What is known of a field by its name; undefined of a metric, a setting, or none. */
export function runFieldFacts(name: string): RunFieldFacts | undefined {
  return Object.hasOwn(RUN_FIELDS, name) ? RUN_FIELDS[name as RunFieldName] : undefined;
}
