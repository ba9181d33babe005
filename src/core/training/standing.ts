/** How the lines begin that say once in a run's log whether it beats Popularity; its page looks for them. */
export const BEATEN = 'It beats Popularity';
export const NOT_BEATEN = 'It does not beat Popularity';

/** How the line begins that says why a training ended before its last epoch; the run's page looks for it, too. */
export const STOPPED_EARLY = 'Stopped early';
