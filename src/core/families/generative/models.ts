import type { GenerativeDefinition } from './generative-model.ts';
import { tiger } from './tiger.ts';

export const generativeModels: readonly GenerativeDefinition[] = [tiger];
