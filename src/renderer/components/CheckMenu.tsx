import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { DropDown } from './Menu.tsx';

export interface CheckMenuProps {
  trigger: ReactNode;
  /** One with a reason cannot be chosen, and says why. */
  options: readonly { id: string; label: string; reason?: string | null }[];
  checked: readonly string[];
  /** How many can be chosen at once. Default: all. */
  most?: number;
  /** The checked ones, in the order of the options. */
  onChange(checked: string[]): void;
}

/** A button with a list of which any number can be chosen; it stays open for the next one. */
export function CheckMenu({ trigger, options, checked, most = Infinity, onChange }: CheckMenuProps) {
  const toggle = (id: string) =>
    onChange(
      options
        .map((option) => option.id)
        .filter((option) => (option === id ? !checked.includes(id) : checked.includes(option))),
    );
  return (
    <DropDown trigger={trigger} className="menu menu-long scrolls" align="start">
      {options.map(({ id, label, reason = null }) => (
        <DropdownMenu.CheckboxItem
          key={id}
          className="menu-item row"
          checked={checked.includes(id)}
          disabled={reason !== null || (checked.length >= most && !checked.includes(id))}
          onCheckedChange={() => toggle(id)}
          onSelect={(event) => event.preventDefault()}
        >
          <span className="menu-check" aria-hidden="true">
            {checked.includes(id) ? '✓' : ''}
          </span>
          {label}
          {reason !== null && <span className="muted">{reason}</span>}
        </DropdownMenu.CheckboxItem>
      ))}
    </DropDown>
  );
}
