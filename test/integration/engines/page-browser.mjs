/** A page of Playwright or Puppeteer, whose interfaces are alike, as the browser that the checks use. */
export function pageBrowser(page, { version, close }) {
  const { mouse, keyboard } = page;
  return {
    version,
    close,
    open: (url) => page.goto(url),
    evaluate: (expression) => page.evaluate(expression),

    async drag([from, ...path]) {
      await mouse.move(...from);
      await mouse.down();
      for (const point of path) await mouse.move(...point);
      await mouse.up();
    },

    async press(modifier, key) {
      await keyboard.down(modifier);
      await keyboard.press(key);
      await keyboard.up(modifier);
    },
  };
}
