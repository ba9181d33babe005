#!/usr/bin/env node
/** The command line: `tessera <command>`. */
import './compile-cache.mjs';

const { runCommandLine } = await import('./program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
