import { create } from 'zustand';
import type { RunDraft } from './draft.ts';

/** What was typed of a new run and not started; null for nothing. */
export const useKeptDraft = create<{ draft: RunDraft | null }>(() => ({ draft: null }));
