/** How many CPU threads a training or a question may be given. */
import { z } from 'zod';

/** More than any machine has. */
export const MOST_THREADS = 1024;
export const threadsSchema = z.int().min(1).max(MOST_THREADS);
