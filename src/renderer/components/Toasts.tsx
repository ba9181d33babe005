import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { holdToastsWhile, useToasts } from '../state/toasts.ts';
import { Button } from './Button.tsx';

/** The messages of the moment, newest last; read out without taking the focus. F8 leads to them. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const close = (id: number) =>
    useToasts.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => holdToastsWhile(() => list.current?.matches(':hover, :focus-within') ?? false), []);
  useEffect(() => {
    const lead = ({ key }: KeyboardEvent) => key === 'F8' && list.current?.querySelector('button')?.focus();
    window.addEventListener('keydown', lead);
    return () => window.removeEventListener('keydown', lead);
  }, []);
  return (
    <ul ref={list} className="toasts grid gap-2" aria-live="polite" aria-label="Messages">
      {toasts.map(({ id, level, title, text, action }) => (
        <li key={id} className="toast grid last-fits middle" data-level={level}>
          <strong>{title}</strong>
          <span>
            {action && (
              <Button
                kind="quiet"
                onClick={() => {
                  action.perform();
                  close(id);
                }}
              >
                {action.label}
              </Button>
            )}
            <Button icon={X} kind="quiet" aria-label={`Close: ${title}`} onClick={() => close(id)} />
          </span>
          {text && <p className="whole muted breaks">{text}</p>}
        </li>
      ))}
    </ul>
  );
}
