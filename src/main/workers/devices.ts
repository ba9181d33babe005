/** Entry that says which devices of its machine can be used, as JSON: a check of another machine runs it there. */
import { listDevices } from '../../core/engine/index.ts';

process.stdout.write(`${JSON.stringify(await listDevices())}\n`);
