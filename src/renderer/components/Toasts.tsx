import { Check, TriangleAlert, X } from 'lucide-react';
import { Children, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { shortcutLabel } from '../actions/keys.ts';
import { holdToastsWhile, type Toast, tellIn, useToasts } from '../state/toasts.ts';
import { Button, Icon } from './Button.tsx';

const close = (id: number) =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

/** The messages of the moment, newest last; read out without taking the focus. F8 leads to them. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  useEffect(
    () => holdToastsWhile(() => document.querySelector('.toast:is(:hover, :focus-within)') !== null),
    [],
  );
  return (
    <Messages
      className="toasts grid gap-2"
      inset="panel-inset"
      toasts={toasts.filter(({ foot }) => foot === null)}
    />
  );
}

/** The buttons of a dialog, the main one last, after the newest message of what was done in it. */
export function DialogFoot({ children }: { children?: ReactNode }) {
  const [foot] = useState(() => Symbol('foot'));
  const toasts = useToasts((state) => state.toasts);
  useLayoutEffect(() => tellIn(foot), [foot]);
  const said = toasts.findLast((toast) => toast.foot === foot);
  if (!Children.toArray(children).length && !said) return null;
  return (
    <div className="dialog-foot flex end gap-2 line-above panel-inset">
      <Messages
        className={said ? 'dialog-said toolbar-start shrinks' : 'dialog-said'}
        toasts={said ? [said] : []}
      />
      {children}
    </div>
  );
}

interface MessagesProps {
  className: string;
  /** Class of a message. */
  inset?: string;
  toasts: readonly Toast[];
}

function Messages({ className, inset, toasts }: MessagesProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const lead = ({ key }: KeyboardEvent) => key === 'F8' && list.current?.querySelector('button')?.focus();
    window.addEventListener('keydown', lead);
    return () => window.removeEventListener('keydown', lead);
  }, []);
  const undo = toasts.findLast(({ action }) => action?.keys);
  return (
    <ul ref={list} className={className} aria-live="polite" aria-label="Messages">
      {toasts.map(({ id, level, title, text, action }) => (
        <li key={id} className={`toast row gap-2 ${inset ?? ''}`} data-level={level}>
          <span className={level === 'error' ? 'bad flex' : 'flex'}>
            <Icon of={level === 'info' ? Check : TriangleAlert} />
          </span>
          <span className="grow shrinks breaks">
            <strong>{title}</strong>
            {text && <span className="muted block">{text}</span>}
          </span>
          {action && (
            <Button
              onClick={() => {
                action.perform();
                close(id);
              }}
            >
              {action.label} {action === undo?.action && <kbd>{shortcutLabel(action.keys ?? '')}</kbd>}
            </Button>
          )}
          <Button icon={X} kind="quiet" aria-label={`Close: ${title}`} onClick={() => close(id)} />
        </li>
      ))}
    </ul>
  );
}
