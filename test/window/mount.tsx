import { QueryClientProvider } from '@tanstack/react-query';
import { type RenderResult, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { queryClient } from '../../src/renderer/state/api.ts';
import { type Answers, answerWith } from './answers.ts';

/** Shows a part of the window, to which nothing was answered yet, before a process that answers so. */
export function mount(part: ReactNode, answers: Answers = {}): RenderResult {
  answerWith(answers);
  queryClient.clear();
  return render(part, {
    wrapper: ({ children }) => <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>,
  });
}
