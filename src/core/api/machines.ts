/** Machines and what they have, in words. */
export * from '../away-words.ts';
export * from '../machine-words.ts';
