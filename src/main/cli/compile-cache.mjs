/**
 * Reading the program takes longer than most commands do: Node keeps what it has compiled, for workers too. These
 * first files are JavaScript: for TypeScript Node would load what takes types away, before the cache makes that unnecessary.
 */
import { enableCompileCache } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';

// Node's own default folder; the variable is how child processes learn of it.
process.env.NODE_COMPILE_CACHE ??= join(os.tmpdir(), 'node-compile-cache');
enableCompileCache();
