/** `npm run demo`: a generated data set, three models and their comparison, through the services of the command line. */
import './compile-cache.mjs';

const { runDemo } = await import('./demo.ts');
process.exitCode = await runDemo(process.argv.slice(2));
