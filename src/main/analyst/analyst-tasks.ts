/** What the analyst does: all that is too heavy for the process that answers the window. */

import type {
  CompareRequest,
  ComparisonView,
  ReliabilityCurve,
  Report,
  ReportRequest,
  SliceComparison,
} from '../../core/api/compare.ts';
import type { CountProgress, ImportCount, ItemPage, UserRow } from '../../core/api/datasets.ts';
import type { LanguageEvaluation, LanguageProgress, PromptPreview } from '../../core/api/language.ts';
import type {
  ConfigColumns,
  Estimate,
  ModelInfo,
  ResolvedConfig,
  SourceChoice,
} from '../../core/api/models.ts';
import type { PublishedShelf } from '../../core/api/published.ts';
import type { BeamTree, Recommendation, Sampling } from '../../core/api/recommend.ts';
import type { ImportPreview } from '../../core/data/preview.ts';
import type { ImportOverrides, ImportRequest } from '../../core/data/request.ts';
import type { DeviceState } from '../../core/engine/index.ts';
import type { SliceResult } from '../../core/evaluation/slices.ts';
import type { Task } from '../../core/families/language/text/template.ts';
import type { ComparisonProgress } from '../../core/reports/types.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import type { SourceKey } from '../../core/training/sources.ts';
import type { CodebookTasks } from './codebook-tasks.ts';
import type { StudyTasks } from './study-tasks.ts';

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

/** The questions of single screens. */
type ViewTasks = CodebookTasks & StudyTasks;

/** Every task opens the home's own store where it needs one. */
export type AnalystTasks = ViewTasks & {
  preview: { input: { paths: string[]; overrides: ImportOverrides }; output: ImportPreview };
  count: {
    input: { home: string; request: ImportRequest };
    progress: CountProgress;
    output: ImportCount;
  };
  sample: { input: { folder: string }; output: string[] };
  items: { input: ItemsInput & { home: string }; output: ItemPage };
  users: { input: { home: string; dataset: string; search: string; limit: number }; output: UserRow[] };
  models: { input: null; output: ModelInfo[] };
  resolve: { input: ConfigInput & { home: string; dataset?: string }; output: ResolvedConfig };
  obstacles: { input: { home: string; dataset: string }; output: Record<string, string | null> };
  columns: { input: { home: string; dataset: string }; output: ConfigColumns };
  sources: {
    input: { home: string; key: SourceKey; model: string; dataset: string };
    output: SourceChoice[];
  };
  estimate: {
    input: ConfigInput & { home: string; dataset: string; device: TrainSpec['device'] };
    output: Estimate;
  };
  devices: { input: null; output: DeviceState[] };
  autoDevice: { input: null; output: string };
  slices: { input: { home: string; run: string }; output: SliceResult[] };
  compare: {
    input: CompareRequest & { home: string };
    progress: ComparisonProgress;
    output: ComparisonView;
  };
  reliability: { input: { home: string; runs: string[] }; output: ReliabilityCurve[] };
  compareSlices: {
    input: { home: string; runs: string[]; baseline?: string | null };
    output: SliceComparison[];
  };
  report: { input: ReportRequest & { home: string }; output: Report };
  published: { input: null; output: PublishedShelf };
  recommend: {
    input: {
      home: string;
      run: string;
      user: string;
      k: number;
      history: number;
      sampling: Sampling | null;
      threads: number;
    };
    output: Recommendation;
  };
  beamTree: {
    input: { home: string; run: string; user: string; beams: number; threads: number };
    output: BeamTree;
  };
  promptPreview: {
    input: {
      home: string;
      dataset: string;
      template: string;
      user: string;
      task: Task;
      shots: number;
      context: number;
    };
    output: PromptPreview;
  };
  evaluateLanguage: {
    input: {
      home: string;
      run: string;
      users: number;
      fewerUsers: number;
      candidates: number;
      retriever: string | null;
      against: string[];
      threads: number;
    };
    progress: LanguageProgress;
    output: LanguageEvaluation;
  };
};
