import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface BrowserOptions {
  hasWebGpu?: boolean;
}

export interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

export function launchChromium(options?: BrowserOptions): Promise<Browser>;

export function serve(rootDir?: string, basePath?: string): Promise<Server>;

export function withBrowser<T>(
  task: (browser: Browser, address: string) => Promise<T>,
  options?: BrowserOptions,
): Promise<T>;

export function newPage(context: Browser | BrowserContext): Promise<Page>;

export function withWasmPage<T>(task: (page: Page, address: string) => Promise<T>): Promise<T>;
