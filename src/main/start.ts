/** `npm start`: the window. */
import './commands/compile-cache.ts';

const { runStart } = await import('./commands/start.ts');
process.exitCode = await runStart(process.argv.slice(2));
