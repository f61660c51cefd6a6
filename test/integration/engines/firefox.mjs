// Firefox without a window, through Puppeteer, which speaks WebDriver BiDi to it.
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';
import { findBinary, start, temporaryFolder } from './host.mjs';
import { pageBrowser } from './page-browser.mjs';

export const firefox = {
  name: 'Firefox',
  missing: 'no Firefox: run "sudo apt-get install firefox-esr", or set FIREFOX to its path',
  find: () => findBinary('FIREFOX', ['firefox-esr', 'firefox']),

  async launch(executable) {
    const home = temporaryFolder();
    const { endpoint, stop } = await startFirefox(executable, home.path);
    const browser = await puppeteer.connect({
      browserWSEndpoint: `${endpoint}/session`,
      protocol: 'webDriverBiDi',
    });
    return pageBrowser(await browser.newPage(), {
      version: (await browser.version()).replace(/^\D+/, ''),
      async close() {
        await browser.close();
        await stop();
        home.remove();
      },
    });
  },
};

/** Puppeteer could start it too, but leaves the profile behind where Node ends early. */
async function startFirefox(executable, home) {
  const { child, alive, stop } = start(
    executable,
    ['--headless', '--profile', home, '--remote-debugging-port=0', 'about:blank'],
    // Beside its profile, Firefox makes folders for caches and downloads at home.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: home } },
  );
  const said = new Promise((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, endpoint] = /listening on (ws:\S+)/.exec(line) ?? [];
      if (endpoint) resolve(endpoint);
    });
  });
  return { endpoint: await alive(said), stop };
}
