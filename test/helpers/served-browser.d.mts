import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface BrowserOptions {
  hasWebGpu?: boolean;
}

export interface ServedOptions extends BrowserOptions {
  /** What the server sends at most. */
  bytesPerSecond?: number;
}

export interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

export function launchChromium(options?: BrowserOptions): Promise<Browser>;

export function serve(
  rootDir?: string,
  basePath?: string,
  bytesPerSecond?: number,
): Promise<Server>;

export function withBrowser<T>(
  task: (browser: Browser, address: string) => Promise<T>,
  options?: ServedOptions,
): Promise<T>;

export function newPage(context: Browser | BrowserContext): Promise<Page>;

export function withWasmPage<T>(task: (page: Page, address: string) => Promise<T>): Promise<T>;
