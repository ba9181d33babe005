import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import type { Action } from '../actions/action.ts';
import { shortcutLabel } from '../actions/keys.ts';

/** An action, or what has a place in a menu alone. */
export type MenuChoice = Pick<Action, 'label' | 'shortcut' | 'enabled' | 'perform'>;

/** A button with a menu; null draws a line. */
export function Menu({ trigger, choices }: { trigger: ReactNode; choices: readonly (MenuChoice | null)[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {choices.map((choice, index) =>
            choice === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
              <DropdownMenu.Separator key={`line ${index}`} className="menu-line" />
            ) : (
              <DropdownMenu.Item
                key={choice.label}
                className="menu-item"
                disabled={choice.enabled && !choice.enabled()}
                onSelect={() => void choice.perform()}
              >
                <span>{choice.label}</span>
                {choice.shortcut && <kbd>{shortcutLabel(choice.shortcut)}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
