import { Ellipsis } from 'lucide-react';
import { ContextMenu as Context, DropdownMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { type Action, isEnabled } from '../actions/action.ts';
import { shortcutLabel } from '../actions/keys.ts';
import { useRegisteredActions } from '../actions/registry.ts';
import { useLayer } from '../state/layers.ts';
import { Button, Icon } from './Button.tsx';

/** An action, or what has a place in a menu alone. */
export type MenuChoice =
  | Action
  | (Pick<Action, 'label' | 'short' | 'icon' | 'shortcut' | 'enabled' | 'why' | 'perform'> & {
      id?: undefined;
    });

interface MenuProps {
  trigger: ReactNode;
  /** Null draws a line. */
  choices: readonly (MenuChoice | null)[];
}

/** A button with a menu, whose actions are found by the palette as well. */
export function Menu({ trigger, choices }: MenuProps) {
  useRegisteredActions(choices.filter((choice) => choice?.id !== undefined));
  return (
    <DropDown trigger={trigger} className="menu" align="end">
      <Choices of={DropdownMenu} choices={choices} />
    </DropDown>
  );
}

/** What is done more rarely, behind three dots. */
export function MoreMenu({ label = 'More', choices }: { label?: string } & Pick<MenuProps, 'choices'>) {
  const dots = <Button icon={Ellipsis} kind="quiet" aria-label={label} title="More" />;
  return <Menu trigger={dots} choices={choices} />;
}

interface DropDownProps extends Pick<MenuProps, 'trigger'> {
  className: string;
  align: 'start' | 'end';
  children: ReactNode;
}

/** A button with what drops down from it: items of Radix's DropdownMenu. */
export function DropDown({ trigger, children, ...content }: DropDownProps) {
  const onOpenChange = useMenuLayer();
  return (
    <DropdownMenu.Root onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <div className="menu-overlay" />
      </DropdownMenu.Portal>
      <DropdownMenu.Portal>
        <DropdownMenu.Content {...content} sideOffset={4}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** A menu is a layer while it is open; its own library keeps whether it is. */
function useMenuLayer(): (open: boolean) => void {
  const [open, setOpen] = useState(false);
  useLayer(open, 'menu');
  return setOpen;
}

/** The menu of the right button on what it holds. */
export function ContextMenu({ choices, children }: Pick<MenuProps, 'choices'> & { children: ReactNode }) {
  const onOpenChange = useMenuLayer();
  return (
    <Context.Root onOpenChange={onOpenChange}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <div className="menu-overlay" />
      </Context.Portal>
      <Context.Portal>
        <Context.Content className="menu">
          <Choices of={Context} choices={choices} />
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}

interface ChoicesProps extends Pick<MenuProps, 'choices'> {
  of: Pick<typeof DropdownMenu, 'Item' | 'Separator'> | Pick<typeof Context, 'Item' | 'Separator'>;
}

function Choices({ of: { Item, Separator }, choices }: ChoicesProps) {
  const hasIcons = choices.some((choice) => choice?.icon);
  return choices.map((choice, index) =>
    choice === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
      <Separator key={`line ${index}`} className="menu-line" />
    ) : (
      <Item
        key={choice.label}
        className="menu-item row"
        disabled={!isEnabled(choice)}
        onSelect={() => void choice.perform()}
      >
        {hasIcons && (
          <span className="row rigid" style={{ width: 16 }}>
            {choice.icon && <Icon of={choice.icon} />}
          </span>
        )}
        <span className="grow">
          {choice.short ?? choice.label}
          {!isEnabled(choice) && choice.why && <small className="menu-why block">{choice.why}</small>}
        </span>
        {choice.shortcut && <kbd>{shortcutLabel(choice.shortcut)}</kbd>}
      </Item>
    ),
  );
}
