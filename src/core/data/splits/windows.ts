import { z } from 'zod';
import { percent, shared, splitRule } from './rule.ts';
import { atACut, splitByTime } from './time.ts';

/** The last window is tested as a split by time is; an earlier one as if nothing had happened after it. */
export const windows = splitRule({
  ...atACut,
  title: 'One of several windows of time',
  summary:
    'what each user does in one of several windows of time, one behind the other; a run for each tells whether a result holds at other times',
  term: 'window of time',
  meaning:
    'The model trains on what happened before one of several windows of time, the same for all users; the test is what each user did first in it.',
  settings: {
    ...shared,
    windows: z
      .number()
      .int()
      .min(2)
      .max(20)
      .describe('Windows at the end of the time, each with testShare of the interactions')
      .default(3),
    window: z.number().int().min(1).describe('Which of the windows is tested; 1 is the earliest').default(1),
  },
  nobody: () =>
    'has no user with interactions in the window and before it; change window, windows, validShare and testShare, or set split=leave-last-out',
  detail: ({ windows, window }) => `${window} of ${windows}`,
  phrase: ({ testShare, windows, window }, validation) =>
    `Window ${window} of ${windows} ${validation ? 'tests' : 'selects and tests'}, ${percent(testShare)} of the interactions each`,
  conflict: ({ validShare, testShare, windows, window }) => {
    if (window > windows)
      return { field: 'window', problem: `there are ${windows} windows; set window=${windows} or less` };
    const taken = validShare + windows * testShare;
    if (taken < 1) return null;
    const problem = `${windows} windows of ${percent(testShare)} and ${percent(validShare)} for validation leave nothing to train on; set fewer windows, or a smaller testShare`;
    return { field: 'windows', problem };
  },
  part: (interactions, { validShare: valid, testShare: test, windows, window }, validation) =>
    splitByTime(interactions, { valid, test, validation, later: windows - window }),
});
