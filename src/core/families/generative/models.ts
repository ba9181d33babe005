import type { GenerativeDefinition } from './generative-model.ts';
import { liger } from './liger.ts';
import { rpg } from './rpg.ts';
import { tiger } from './tiger.ts';

export const generativeModels: readonly GenerativeDefinition[] = [tiger, liger, rpg];
