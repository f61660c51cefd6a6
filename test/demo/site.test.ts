import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, serve, type Server } from '../helpers/served-browser.mjs';

const SITE = 'demo/_site';
/** Where screenshots are left for a person to look at. */
const SCREENSHOTS = 'dist/site';
const MOST_SHIFT = 0.05;
const screens = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1280, height: 800 },
];

interface Seen {
  readonly undrawn: string[];
  readonly shift: number;
  readonly overflow: number;
  readonly violations: string[];
}

const files = () =>
  readdirSync(SITE, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.html'))
    .sort();

/** Figures that show nothing yet, with the first of them in view; those that play by themselves have to be done. */
function undrawnFigures(): string[] {
  const undrawn = [...document.querySelectorAll('.living > *')].filter((element) => {
    const { state } = element as Element & { state?: string };
    if (element.hasAttribute('autoplay') && state !== undefined) return state !== 'done';
    return !element.shadowRoot?.querySelector('canvas, svg, img');
  });
  // Scripts may have come after the scroll.
  undrawn[0]?.scrollIntoView({ block: 'center', behavior: 'instant' });
  return undrawn.map((element) => `${element.localName} ${(element as { state?: string }).state}`);
}

async function look(page: Page, url: string): Promise<Seen> {
  await page.addInitScript(() => {
    const observed = globalThis as { shift?: number };
    observed.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) observed.shift! += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0; y < height; y += 500) {
    await page.evaluate((top) => scrollTo({ top, behavior: 'instant' }), y);
    await page.waitForTimeout(60);
  }
  const deadline = Date.now() + 60_000;
  let undrawn = await page.evaluate(undrawnFigures);
  while (undrawn.length > 0 && Date.now() < deadline) {
    await page.waitForTimeout(200);
    undrawn = await page.evaluate(undrawnFigures);
  }
  await page.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' });
  return page.evaluate(async (missing) => {
    interface Axe {
      run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }>;
    }
    const { axe, shift } = globalThis as unknown as { axe: Axe; shift: number };
    const { violations } = await axe.run();
    const { scrollWidth, clientWidth } = document.documentElement;
    return {
      undrawn: missing,
      shift,
      overflow: scrollWidth - clientWidth,
      violations: violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes[0]!.target)}`),
    };
  }, undrawn);
}

/** What is wrong with the site's pages on a screen: a sentence each. */
async function lookAtAll(
  browser: Browser,
  start: string,
  { name, width, height }: (typeof screens)[number],
): Promise<string[]> {
  const faults: string[] = [];
  const context = await browser.newContext({ viewport: { width, height } });
  for (const file of files()) {
    const page = await context.newPage();
    const say = (what: string) => faults.push(`${file}: ${what}`);
    page.on('console', (message) => say(message.text()));
    page.on('pageerror', (error) => say(error.message));
    page.on('response', (response) => {
      if (response.status() >= 400) say(`${response.status()} ${response.url()}`);
    });
    const path = file.replace(/index\.html$/, '');
    const seen = await look(page, `${start}${path}`);
    seen.undrawn.forEach((figure) => say(`not drawn: ${figure}`));
    seen.violations.forEach(say);
    if (seen.shift > MOST_SHIFT) say(`moved by ${seen.shift.toFixed(3)}`);
    if (seen.overflow > 0) say(`is ${seen.overflow} pixels too wide`);
    await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
    const shot = `${SCREENSHOTS}/${name}/${path.replace(/\/$/, '') || 'index'}.png`;
    await page.screenshot({ path: shot, fullPage: true });
    await page.close();
  }
  await context.close();
  return faults;
}

describe('the site', () => {
  before(function () {
    this.timeout(180_000);
    execFileSync('npm', ['run', '--silent', 'site'], { stdio: 'inherit' });
  });

  it('has no link that leads nowhere', () => {
    const broken: string[] = [];
    for (const file of files()) {
      const html = readFileSync(join(SITE, file), 'utf8');
      for (const [, target = ''] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
        if (/^(https?:|mailto:|data:|#)/.test(target) || target === '') continue;
        const path = join(SITE, dirname(file), target.split('#')[0]!);
        const isThere =
          existsSync(path) && (statSync(path).isFile() || existsSync(join(path, 'index.html')));
        if (!isThere) broken.push(`${file}: ${target}`);
      }
    }
    expect(broken).to.deep.equal([]);
  });

  it('reads as text with pictures where scripts do not run', async function () {
    this.timeout(60_000);
    const html = readFileSync(join(SITE, 'course/ddim/index.html'), 'utf8');
    const posters = [...html.matchAll(/<img slot="poster"[^>]*src="([^"]+)"/g)];
    expect(posters.length).to.be.at.least(2);
    expect(html).to.contain('<math').and.to.contain('Euler');
    for (const [, src] of posters) {
      expect(existsSync(join(SITE, 'course/ddim', src!))).to.equal(true);
    }
  });

  describe('opened page by page', () => {
    let browser: Browser;
    let server: Server;

    before(async () => {
      server = await serve(join(process.cwd(), SITE), '/under/a/path');
      browser = await launchChromium();
    });

    after(async () => {
      await browser.close();
      await server.stop();
    });

    describe('at its prompt box', () => {
      const start = () => `${server.address}/under/a/path/`;

      /** Resolves when the box has drawn; rejects where it can't. */
      const drawn = (page: Page, act: () => Promise<unknown>) =>
        Promise.all([
          page.evaluate(
            () =>
              new Promise<void>((resolve, reject) => {
                const studio = document.querySelector('#studio')!;
                studio.addEventListener('load', () => resolve(), { once: true });
                studio.addEventListener('error', (event) =>
                  reject((event as Event & { error: Error }).error),
                );
              }),
          ),
          act(),
        ]);

      const pixels = (page: Page) =>
        page.evaluate(() => {
          const studio = document.querySelector('#studio') as unknown as {
            images: { data: Uint8ClampedArray }[];
          };
          return [...studio.images[0]!.data].join();
        });
      const kept = (page: Page) => page.locator('#kept li');

      /** Types a prompt and draws it with Enter. */
      async function say(page: Page, prompt: string): Promise<void> {
        await page.locator('#studio textarea').fill(prompt);
        await drawn(page, () => page.locator('#studio textarea').press('Enter'));
      }

      it('keeps pictures on the device, in an address that draws them again, and without a network', async function () {
        this.timeout(180_000);
        const context = await browser.newContext();
        await context.grantPermissions(['clipboard-read', 'clipboard-write']);
        const page = await context.newPage();
        await page.goto(start());
        expect(await page.locator('section.kept').isVisible()).to.equal(false);
        await say(page, 'a blue apple <b>&?#');
        const [picture, address] = [await pixels(page), page.url()];
        expect(address).to.match(/[?&]prompt=.*seed=\d+/);
        await page.locator('#copy-link').click();
        await page.locator('#told', { hasText: 'Link copied' }).waitFor();
        expect(await page.evaluate(() => navigator.clipboard.readText())).to.equal(address);
        await page.locator('#copy-picture').click();
        await page.locator('#told', { hasText: 'Picture copied' }).waitFor();
        await say(page, 'two cats');
        await kept(page).nth(1).waitFor();

        const other = await context.newPage();
        await other.goto(address);
        await drawn(other, async () => undefined);
        expect(await pixels(other)).to.equal(picture);
        expect(await other.locator('#studio textarea').inputValue()).to.equal(
          'a blue apple <b>&?#',
        );
        // Drawn again, it is the newest: the list shows that once it is kept.
        await kept(other).nth(0).getByTitle('a blue apple <b>&?#', { exact: true }).waitFor();
        expect(await kept(other).count()).to.equal(2);

        await context.setOffline(true);
        await other.goto(start());
        await kept(other).nth(1).waitFor();
        await drawn(other, () => kept(other).nth(0).locator('.again').click());
        expect(await pixels(other)).to.equal(picture);
        await kept(other).nth(0).locator('.away').click();
        await other.waitForFunction(() => document.querySelectorAll('#kept li').length === 1);
        other.on('dialog', (dialog) => void dialog.accept());
        await other.locator('#forget').click();
        await other.locator('section.kept').waitFor({ state: 'hidden' });
        await context.close();
      });

      it('draws all the same where a link asks for what makes no sense', async function () {
        this.timeout(120_000);
        const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
        const prompt = 'a'.repeat(3000);
        await page.goto(`${start()}?prompt=${prompt}&scheduler=evil&steps=-3&guidance-scale=999`);
        await page.locator('#kept li').waitFor();
        const tooWide = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth - clientWidth;
        });
        expect(tooWide).to.equal(0);
        await page.close();
      });

      it('says so where there is no more room, and the picture stays', async function () {
        this.timeout(120_000);
        const page = await browser.newPage();
        await page.addInitScript(() => {
          IDBObjectStore.prototype.put = () => {
            throw new DOMException('full', 'QuotaExceededError');
          };
        });
        await page.goto(start());
        await say(page, 'an owl');
        await page.locator('#told', { hasText: 'no more room' }).waitFor();
        expect((await pixels(page)).length).to.be.above(1000);
        await page.close();
      });

      it('fetches no model before it is asked to draw, and can be installed', async function () {
        this.timeout(60_000);
        const page = await browser.newPage();
        const fetched: string[] = [];
        page.on('request', (request) => fetched.push(request.url()));
        await page.goto(start());
        await page.waitForTimeout(1500);
        expect(fetched.filter((url) => /models\/emoji|tokenizers/.test(url))).to.deep.equal([]);
        const manifest = await page.evaluate(async () => {
          const { href } = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!;
          const content = (await (await fetch(href)).json()) as { icons: { src: string }[] };
          const icons = content.icons.map(({ src }) => fetch(new URL(src, href)));
          return (await Promise.all(icons)).map(({ status }) => status);
        });
        expect(manifest).to.deep.equal([200, 200, 200]);
        await page.close();
      });
    });

    describe('with every figure drawn, without a word on the console', function () {
      this.timeout(600_000);
      const faults = new Map<string, Promise<string[]>>();

      // Both at once: there are as many cores.
      before(() => {
        for (const screen of screens) {
          const looked = lookAtAll(browser, `${server.address}/under/a/path/`, screen);
          looked.catch(() => undefined);
          faults.set(screen.name, looked);
        }
      });

      for (const { name } of screens) {
        it(`on a ${name}`, async () => {
          expect(await faults.get(name)).to.deep.equal([]);
        });
      }
    });
  });
});
