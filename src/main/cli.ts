#!/usr/bin/env node
/** The command line: `tessera <command>`. */
import { enableCompileCache } from 'node:module';

// Reading the program takes longer than most commands; Node keeps what it has compiled.
enableCompileCache();
const { runCommandLine } = await import('./commands/program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
