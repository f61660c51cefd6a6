/** Lets tests put real fingers on the page: `executeServerCommand('touch', { type, points })`. */
export const touchCommand = {
  name: 'touch-command',
  sessions: new Map(),
  async executeCommand({ command, payload, session }) {
    if (command !== 'touch') return undefined;
    const page = session.browser.getPage(session.id);
    if (!this.sessions.has(page)) {
      this.sessions.set(page, await page.context().newCDPSession(page));
    }
    const touchPoints = payload.points.map(([x, y], id) => ({ x, y, id }));
    await this.sessions
      .get(page)
      .send('Input.dispatchTouchEvent', { type: payload.type, touchPoints });
    return true;
  },
};
