/** What a line of the program's own log is about, and how much it matters. */
export const LOG_AREAS = ['program', 'worker', 'machine', 'store', 'queue', 'plug-in', 'run'] as const;
export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogArea = (typeof LOG_AREAS)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
