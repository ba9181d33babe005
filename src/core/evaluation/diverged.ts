/** Said of a training whose numbers have become none: what it came to, and again would. */
export const DIVERGED = 'the run has diverged';
