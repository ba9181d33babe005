import { expect, type Page } from '@playwright/test';

/** Presses the keys of a shortcut, such as "g", "r", once no dialog has the keyboard: one that is closing still does. */
export async function pressShortcut(page: Page, ...keys: string[]): Promise<void> {
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Soon after each other, also where the window takes a second to answer.
  await Promise.all(keys.map((key) => page.keyboard.press(key)));
}
