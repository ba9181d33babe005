/** What the analyst does: all that is too heavy for the process that answers the window. */
import type { ComparisonView, REPORT_FORMATS, Report } from '../../core/api/compare.ts';
import type { ImportCount, ItemPage, UserRow } from '../../core/api/datasets.ts';
import type { Estimate, ModelInfo, ResolvedConfig } from '../../core/api/models.ts';
import type { Recommendation } from '../../core/api/recommend.ts';
import type { ImportPreview } from '../../core/data/preview.ts';
import type { ImportOverrides, ImportRequest } from '../../core/data/request.ts';
import type { DeviceState } from '../../core/engine/index.ts';
import type { SliceResult } from '../../core/evaluation/slices.ts';
import type { TrainSpec } from '../../core/training/events.ts';

export interface CompareInput {
  runs: string[];
  baseline?: string | null;
  metrics?: string[];
}

export interface ReportInput extends CompareInput {
  format: (typeof REPORT_FORMATS)[number];
  standalone: boolean;
}

export interface ConfigInput {
  model: string;
  preset?: string;
  overrides: Record<string, unknown>;
}

export interface ItemsInput {
  dataset: string;
  search: string;
  sort: 'interactions' | 'title' | 'id';
  descending: boolean;
  offset: number;
  limit: number;
}

/** Every task opens the home's own store where it needs one. */
export type AnalystTasks = {
  preview: { input: { paths: string[]; overrides: ImportOverrides }; output: ImportPreview };
  count: { input: { home: string; request: ImportRequest }; output: ImportCount };
  sample: { input: { folder: string }; output: string[] };
  items: { input: ItemsInput & { home: string }; output: ItemPage };
  users: { input: { home: string; dataset: string; search: string; limit: number }; output: UserRow[] };
  models: { input: null; output: ModelInfo[] };
  resolve: { input: ConfigInput; output: ResolvedConfig };
  estimate: {
    input: ConfigInput & { home: string; dataset: string; device: TrainSpec['device'] };
    output: Estimate;
  };
  devices: { input: null; output: DeviceState[] };
  autoDevice: { input: null; output: string };
  slices: { input: { home: string; run: string }; output: SliceResult[] };
  compare: { input: CompareInput & { home: string }; output: ComparisonView };
  report: { input: ReportInput & { home: string }; output: Report };
  recommend: {
    input: { home: string; run: string; user: string; k: number; history: number; threads: number };
    output: Recommendation;
  };
};
