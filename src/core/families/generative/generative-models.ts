import type { GenerativeDefinition } from './generative-model.ts';
import { lcRec } from './models/lc-rec.ts';
import { liger } from './models/liger.ts';
import { rewarded } from './models/rewarded.ts';
import { rpg } from './models/rpg.ts';
import { tiger } from './models/tiger.ts';

export const generativeModels: readonly GenerativeDefinition[] = [tiger, liger, rpg, lcRec, rewarded];
