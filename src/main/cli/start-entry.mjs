/** `npm start`: the window. */
import './compile-cache.mjs';

const { runStart } = await import('./start.ts');
process.exitCode = await runStart(process.argv.slice(2));
