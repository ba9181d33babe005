import type { ClickDefinition } from './click-model.ts';
import { dlrm } from './models/dlrm.ts';
import { hstuRanking } from './models/hstu-ranking.ts';

export const clickModels: readonly ClickDefinition[] = [dlrm, hstuRanking];
