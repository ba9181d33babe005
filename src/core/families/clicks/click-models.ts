import type { ClickDefinition } from './click-model.ts';
import { clickRates } from './models/click-rates.ts';
import { dlrm } from './models/dlrm.ts';
import { hstuRanking } from './models/hstu-ranking.ts';
import { logistic } from './models/logistic.ts';

export const clickModels: readonly ClickDefinition[] = [clickRates, logistic, dlrm, hstuRanking];
