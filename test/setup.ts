import fc from 'fast-check';
import { DAY, isWhole } from './form.ts';

fc.configureGlobal({ seed: DAY, numRuns: isWhole ? 100 : 20 });
