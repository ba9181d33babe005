/** Preloaded into every process of a soak: while the file named by TESSERA_SOAK_SLOW is there, syncing takes its time. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const MAX_MS = 60;
const flag = process.env.TESSERA_SOAK_SLOW ?? '';
const { fsyncSync } = fs;

fs.fsyncSync = (file) => {
  if (fs.existsSync(flag)) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(cell, 0, 0, Math.random() * MAX_MS);
  }
  fsyncSync(file);
};
syncBuiltinESMExports();
