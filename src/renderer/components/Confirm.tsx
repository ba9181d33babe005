import type { ReactNode } from 'react';
import { homeStore } from '../state/home-store.ts';
import { Button } from './Button.tsx';
import { Dialog } from './Dialog.tsx';

interface Question {
  title: string;
  body: ReactNode;
  /** Words of the button that does it. */
  action: string;
  answer(confirmed: boolean): void;
}

const useQuestion = homeStore<{ asked: Question | null }>(
  () => ({ asked: null }),
  ({ asked }) => asked?.answer(false),
);

/** Asks before something is removed. Resolves to whether the user wants it. */
export function confirmed(question: Omit<Question, 'answer'>): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      useQuestion.setState({ asked: null });
      resolve(yes);
    };
    useQuestion.getState().asked?.answer(false);
    useQuestion.setState({ asked: { ...question, answer } });
  });
}

/** The question that is open, over every screen. */
export function Confirm() {
  const asked = useQuestion((state) => state.asked);
  if (asked === null) return null;
  const { title, body, action, answer } = asked;
  return (
    <Dialog
      title={title}
      onClose={() => answer(false)}
      cancel="Cancel"
      foot={
        <Button kind="danger" onClick={() => answer(true)}>
          {action}
        </Button>
      }
    >
      {body}
    </Dialog>
  );
}
