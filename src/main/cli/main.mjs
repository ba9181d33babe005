#!/usr/bin/env -S node --max-semi-space-size=16
/** The command line: `tessera <command>`. */
import './compile-cache.mjs';

const { runCommandLine } = await import('./program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
