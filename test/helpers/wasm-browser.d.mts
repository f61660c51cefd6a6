import type { Page } from 'playwright-core';

/** Hands over a page and the server's address, and closes both when the task is done. */
export function withWasmPage<T>(task: (page: Page, address: string) => Promise<T>): Promise<T>;
