import type { ClickDefinition } from './click-model.ts';
import { dlrm } from './dlrm.ts';
import { hstuRanking } from './hstu-ranking.ts';

export const clickModels: readonly ClickDefinition[] = [dlrm, hstuRanking];
