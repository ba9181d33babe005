import type { GenerativeDefinition } from './generative-model.ts';
import { rpg } from './rpg.ts';
import { tiger } from './tiger.ts';

export const generativeModels: readonly GenerativeDefinition[] = [tiger, rpg];
