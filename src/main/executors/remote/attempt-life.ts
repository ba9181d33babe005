import type { PlaceState } from '../../../core/training/place.ts';

interface PhaseRow {
  /**
   * What an error that does not pass by itself means. refuse: the run fails. ask: its user is asked to mend it, and it is tried
   * ever more slowly; a training that may have begun goes on whatever fails on the way, and only itself can fail.
   */
  error: 'refuse' | 'ask';
  /**
   * What it means to stop it. drop: nothing of it runs. end: it is ended at once, having reached nothing. ask: its trainer is
   * asked, and ended where it does not stop. keep: it has ended, and what it made is still fetched.
   */
  stop: 'drop' | 'end' | 'ask' | 'keep';
}

/** A host that does not answer changes nothing of what is known of an attempt there. */
export type AttemptPhase = Exclude<PlaceState['phase'], 'unreachable'>;

/** The phases of an attempt on a host, as `PlaceState` keeps them, and what happens to it in each. */
export const ATTEMPT_LIFE: Readonly<Record<AttemptPhase, PhaseRow>> = {
  sending: { error: 'refuse', stop: 'drop' },
  /** It may have been started; from here on it is ended there wherever it is given up. */
  submitted: { error: 'ask', stop: 'end' },
  pending: { error: 'ask', stop: 'end' },
  running: { error: 'ask', stop: 'ask' },
  fetching: { error: 'ask', stop: 'keep' },
};
