/** A process that opens a home with the given migrations and ends: exit code 0 when nothing went wrong. */
import { openConnection } from '../../src/core/store/db/open.ts';

const [home, migrations] = process.argv.slice(2);
openConnection(home, migrations).close();
process.disconnect?.();
