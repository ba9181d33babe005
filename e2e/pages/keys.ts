import { expect, type Page } from '@playwright/test';

/** Presses the keys of a shortcut, such as "g", "r", once no dialog has the keyboard: one that is closing still does. */
export async function pressShortcut(page: Page, ...keys: string[]): Promise<void> {
  await expect(page.getByRole('dialog')).toHaveCount(0);
  for (const key of keys) await page.keyboard.press(key);
}
