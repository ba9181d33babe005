/** `npm start`: the window. */
import './compile-cache.ts';

const { runStart } = await import('./start.ts');
process.exitCode = await runStart(process.argv.slice(2));
