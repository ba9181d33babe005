/** How the lines begin that say once in a run's log whether it beats Popularity; its page looks for them. */
export const BEATEN = 'It beats Popularity';
export const NOT_BEATEN = 'It does not beat Popularity';
