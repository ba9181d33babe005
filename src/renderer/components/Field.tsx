import { type ReactNode, useId } from 'react';

export interface FieldProps {
  label: string;
  help?: string;
  /** The explanation is read aloud and shows on hover, but takes no room. */
  terse?: boolean;
  /** Why the value cannot be taken. */
  problem?: ReactNode;
  /** Beside the label, such as how to take a change back. */
  aside?: ReactNode;
  /** The value is not what it would be by itself. */
  changed?: boolean;
  /** Gets what ties it to label and texts. */
  children(control: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }): ReactNode;
}

/** A labelled control with its explanation and what is wrong with it. */
export function Field({ label, help, terse = false, problem, aside, changed, children }: FieldProps) {
  const id = useId();
  const described = [help ? `${id}-help` : '', problem ? `${id}-problem` : ''].filter((part) => part !== '');
  return (
    <div className="field" data-changed={changed ? true : undefined}>
      <div className="field-head flex baseline gap-2 spread">
        <label className="field-label" htmlFor={id} title={terse ? help : undefined}>
          {label}
        </label>
        {aside}
      </div>
      {children({
        id,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
        'aria-invalid': Boolean(problem),
      })}
      {help && (
        <span id={`${id}-help`} className={terse ? 'visually-hidden' : 'field-help'}>
          {help}
        </span>
      )}
      {problem && (
        <span id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
