/** A window's hub by itself, on the home that is its argument, until it is killed. */
import { Hub } from '../../src/main/hub/hub.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';

new Hub({ home: process.argv[2], shell: 'browser', launch: forkLauncher() }).start();
// Its own timers keep nothing alive.
setInterval(() => {}, 60_000);
