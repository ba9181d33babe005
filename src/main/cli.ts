#!/usr/bin/env node
/** The command line: `tessera <command>`. */
import './commands/compile-cache.ts';

const { runCommandLine } = await import('./commands/program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
